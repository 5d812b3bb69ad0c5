import type { RouteRecordRaw } from 'vue-router'

const routes: RouteRecordRaw[] = [
  {
    path: '/workbench/funds',
    component: () => import('./BudgetsPage.vue'),
    meta: { title: '预算管理', shell: 'workbench', roles: ['department'], permission: 'fund.view' },
  },
  {
    path: '/workbench/fund-overview',
    component: () => import('./OverviewPage.vue'),
    meta: { title: '资金总览', shell: 'workbench', roles: ['operator', 'department', 'admin'] },
  },
  {
    path: '/workbench/issued-vouchers',
    component: () => import('./IssuedVouchers.vue'),
    meta: { title: '服务券清单', shell: 'workbench', roles: ['operator', 'department', 'admin'] },
  },
  {
    path: '/workbench/issued-vouchers/:id(\\d+)',
    component: () => import('./IssuedVoucher.vue'),
    meta: {
      title: '服务券资金变动',
      shell: 'workbench',
      roles: ['operator', 'department', 'admin'],
    },
  },
  {
    path: '/workbench/statements/:of(voucher|campaign|company|provider)/:id(\\d+)',
    component: () => import('./StatementPage.vue'),
    meta: { title: '对账单', shell: 'workbench', roles: ['operator', 'department', 'admin'] },
  },
  {
    path: '/workbench/statement',
    component: () => import('./StatementPage.vue'),
    meta: { title: '对账单', shell: 'workbench', roles: ['enterprise', 'provider'] },
  },
]
export default routes
