import type { RouteRecordRaw } from 'vue-router'

const roles: ('enterprise' | 'provider' | 'operator' | 'department')[] = [
  'enterprise',
  'provider',
  'operator',
  'department',
]

export default [
  {
    path: '/workbench/orders',
    component: () => import('./OrdersPage.vue'),
    meta: { title: '订单管理', shell: 'workbench', roles },
  },
  {
    path: '/workbench/orders/:id(\\d+)',
    component: () => import('./OrderPage.vue'),
    props: true,
    meta: { title: '订单详情', shell: 'workbench', roles },
  },
] satisfies RouteRecordRaw[]
