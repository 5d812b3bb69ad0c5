import type { RouteRecordRaw } from 'vue-router'

export default [
  {
    path: '/workbench/risks',
    component: () => import('./RiskList.vue'),
    meta: {
      title: '风险线索',
      shell: 'workbench',
      roles: ['operator', 'department'],
      permission: 'risk.handle',
    },
  },
] satisfies RouteRecordRaw[]
