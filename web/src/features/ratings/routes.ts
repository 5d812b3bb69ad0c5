import type { RouteRecordRaw } from 'vue-router'

const roles: ('enterprise' | 'provider')[] = ['enterprise', 'provider']

export default [
  {
    path: '/workbench/ratings',
    component: () => import('./RatingsPage.vue'),
    meta: { title: '评价', shell: 'workbench', roles },
  },
] satisfies RouteRecordRaw[]
