import type { RouteRecordRaw } from 'vue-router'

export default [
  {
    path: '/workbench/experts',
    component: () => import('./ExpertList.vue'),
    meta: { title: '专家管理', shell: 'workbench', roles: ['provider', 'operator'] },
  },
] satisfies RouteRecordRaw[]
