import { createRouter, createWebHistory } from 'vue-router'
import type { Role } from '@/api/client'
import { install } from './guard'
import { routes } from './routes'

declare module 'vue-router' {
  interface RouteMeta {
    title?: string
    /** For search engines: what a public page is about, in a sentence. */
    description?: string
    /** The frame around the page; 'portal' when nothing is said. */
    shell?: 'portal' | 'workbench' | 'bare'
    /** Who may open the page; everybody when nothing is said. */
    roles?: Role[]
    permission?: string
    /** Any signed-in user. */
    signedIn?: boolean
    /** Also for somebody who has not accepted the agreements in force. */
    unconsented?: boolean
  }
}

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
