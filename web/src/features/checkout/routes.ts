import type { RouteRecordRaw } from 'vue-router'

const buyer = { roles: ['enterprise'] as const, permission: 'order.buy' }

export default [
  {
    path: '/checkout/confirm',
    component: () => import('./ConfirmPage.vue'),
    meta: { title: '订单确认', roles: [...buyer.roles], permission: buyer.permission },
  },
  {
    path: '/checkout/pay',
    component: () => import('./PayPage.vue'),
    meta: { title: '提交订单', roles: [...buyer.roles], permission: buyer.permission },
  },
  {
    path: '/checkout/:id/result',
    component: () => import('./ResultPage.vue'),
    props: true,
    meta: { title: '支付结果', roles: [...buyer.roles], permission: buyer.permission },
  },
  {
    path: '/cashier/:id',
    component: () => import('./CashierPage.vue'),
    props: true,
    meta: {
      title: '模拟收银台',
      shell: 'bare',
      roles: [...buyer.roles],
      permission: buyer.permission,
    },
  },
] satisfies RouteRecordRaw[]
