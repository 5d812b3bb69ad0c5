import type { RouteRecordRaw } from 'vue-router'

export default [
  {
    path: '/workbench/me',
    component: () => import('./OwnDataPage.vue'),
    meta: { title: '个人信息', shell: 'workbench', signedIn: true, unconsented: true },
  },
] satisfies RouteRecordRaw[]
