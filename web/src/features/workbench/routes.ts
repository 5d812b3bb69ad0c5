import type { RouteRecordRaw } from 'vue-router'

export default [
  {
    path: '/workbench',
    component: () => import('./WorkbenchPage.vue'),
    meta: { title: '工作台', shell: 'workbench', signedIn: true },
  },
] satisfies RouteRecordRaw[]
