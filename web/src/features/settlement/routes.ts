import type { RouteRecordRaw } from 'vue-router'

const staff = ['operator', 'department', 'admin'] as const

export default [
  {
    path: '/workbench/payouts',
    component: () => import('./MyPayouts.vue'),
    meta: {
      title: '结算兑付',
      shell: 'workbench',
      roles: ['provider'],
      permission: 'voucher.view',
    },
  },
  {
    path: '/workbench/payouts/:id(\\d+)',
    component: () => import('./MyPayout.vue'),
    meta: {
      title: '结算详情',
      shell: 'workbench',
      roles: ['provider'],
      permission: 'voucher.view',
    },
  },
  {
    path: '/workbench/payout-lines',
    component: () => import('./PayoutLines.vue'),
    meta: { title: '结算明细', shell: 'workbench', roles: [...staff] },
  },
  {
    path: '/workbench/payout-lines/:id(\\d+)',
    component: () => import('./PayoutLine.vue'),
    meta: { title: '结算详情', shell: 'workbench', roles: [...staff] },
  },
  {
    path: '/workbench/payout-batches',
    component: () => import('./PayoutBatches.vue'),
    meta: { title: '兑付批次', shell: 'workbench', roles: [...staff] },
  },
  {
    path: '/workbench/payout-batches/:id(\\d+)',
    component: () => import('./PayoutBatch.vue'),
    meta: { title: '批次详情', shell: 'workbench', roles: [...staff] },
  },
  {
    path: '/workbench/clawbacks',
    component: () => import('./ClawbackList.vue'),
    meta: { title: '追回', shell: 'workbench', roles: [...staff] },
  },
] satisfies RouteRecordRaw[]
