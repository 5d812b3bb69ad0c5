import type { RouteRecordRaw } from 'vue-router'

export default [
  {
    path: '/workbench/org',
    component: () => import('./OrgPage.vue'),
    meta: {
      title: '我的企业',
      shell: 'workbench',
      roles: ['enterprise', 'provider'],
      permission: 'org.manage',
    },
  },
] satisfies RouteRecordRaw[]
