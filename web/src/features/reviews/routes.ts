import type { RouteRecordRaw } from 'vue-router'

export default [
  {
    path: '/workbench/tasks',
    component: () => import('./TaskInbox.vue'),
    meta: { title: '我的待办', shell: 'workbench', signedIn: true },
  },
  {
    path: '/workbench/tasks/:id',
    component: () => import('./CasePage.vue'),
    meta: { title: '申请详情', shell: 'workbench', signedIn: true },
  },
] satisfies RouteRecordRaw[]
