import type { RouteRecordRaw } from 'vue-router'

export default [
  {
    path: '/workbench/audit',
    component: () => import('./AuditPage.vue'),
    meta: {
      title: '审计查询',
      shell: 'workbench',
      roles: ['admin'],
      permission: 'audit.read',
    },
  },
] satisfies RouteRecordRaw[]
