import type { RouteRecordRaw } from 'vue-router'

const routes: RouteRecordRaw[] = [
  {
    path: '/workbench/funds',
    component: () => import('./BudgetsPage.vue'),
    meta: { title: '预算管理', shell: 'workbench', roles: ['department'], permission: 'fund.view' },
  },
]
export default routes
