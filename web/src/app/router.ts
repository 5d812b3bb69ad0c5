import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router'
import type { Role } from '@/api/client'
import { install } from './guard'

declare module 'vue-router' {
  interface RouteMeta {
    title?: string
    /** The frame around the page; 'portal' when nothing is said. */
    shell?: 'portal' | 'workbench' | 'bare'
    /** Who may open the page; everybody when nothing is said. */
    roles?: Role[]
    permission?: string
    /** Any signed-in user. */
    signedIn?: boolean
  }
}

// One line per feature: each feature's routes.ts exports its pages.
const features = import.meta.glob<{ default: RouteRecordRaw[] }>('../features/*/routes.ts', {
  eager: true,
})

const routes: RouteRecordRaw[] = [
  ...Object.values(features).flatMap((m) => m.default),
  {
    path: '/forbidden',
    component: () => import('./pages/Forbidden.vue'),
    meta: { title: '没有权限' },
  },
  {
    path: '/:rest(.*)*',
    name: 'not-found',
    component: () => import('./pages/NotFound.vue'),
    meta: { title: '页面不存在' },
  },
]

export const router = createRouter({
  history: createWebHistory(),
  routes,
  scrollBehavior: (to, from, saved) => {
    if (saved) return saved
    if (to.hash) return { el: to.hash, top: 80 }
    return to.path === from.path ? undefined : { top: 0 }
  },
})

install(router)
