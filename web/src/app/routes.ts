import type { RouteRecordRaw } from 'vue-router'

// One line per feature: each feature's routes.ts exports its pages.
const features = import.meta.glob<{ default: RouteRecordRaw[] }>('../features/*/routes.ts', {
  eager: true,
})

export const routes: RouteRecordRaw[] = [
  ...Object.values(features).flatMap((m) => m.default),
  {
    path: '/forbidden',
    component: () => import('./pages/Forbidden.vue'),
    meta: { title: '没有权限', signedIn: true },
  },
  {
    path: '/:rest(.*)*',
    name: 'not-found',
    component: () => import('./pages/NotFound.vue'),
    meta: { title: '页面不存在' },
  },
]
