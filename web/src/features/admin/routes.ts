import type { RouteRecordRaw } from 'vue-router'

export default [
  {
    path: '/workbench/settings',
    component: () => import('./SettingsPage.vue'),
    meta: {
      title: '平台设置',
      shell: 'workbench',
      roles: ['admin'],
      permission: 'setting.manage',
    },
  },
] satisfies RouteRecordRaw[]
