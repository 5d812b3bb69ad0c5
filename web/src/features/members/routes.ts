import type { RouteRecordRaw } from 'vue-router'

export default [
  {
    path: '/workbench/members',
    component: () => import('./MembersPage.vue'),
    meta: {
      title: '用户管理',
      shell: 'workbench',
      roles: ['provider'],
      permission: 'member.manage',
    },
  },
] satisfies RouteRecordRaw[]
