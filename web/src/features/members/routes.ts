import type { RouteRecordRaw } from 'vue-router'

export default [
  {
    path: '/workbench/members',
    component: () => import('./MembersPage.vue'),
    meta: {
      title: '用户管理',
      shell: 'workbench',
      roles: ['enterprise', 'provider'],
      permission: 'member.manage',
    },
  },
  {
    path: '/workbench/users',
    component: () => import('./UsersPage.vue'),
    meta: {
      title: '用户与角色',
      shell: 'workbench',
      roles: ['admin'],
      permission: 'staff.manage',
    },
  },
] satisfies RouteRecordRaw[]
