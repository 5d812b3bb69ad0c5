import { ref } from 'vue'
import type { Router } from 'vue-router'
import { currentSession } from './session'

/** True while the next page loads; the shells show a bar. */
export const navigating = ref(false)

const site = '中小企业数字化转型公共服务平台'

/** Who may open which page, titles and the progress bar. The server asks again at every operation. */
export function install(router: Router): void {
  router.beforeEach(async (to) => {
    navigating.value = true
    const { roles, permission, signedIn } = to.meta
    if (!roles && !permission && !signedIn) return true
    const me = await currentSession()
    if (!me.signedIn) return { path: '/login', query: { next: to.fullPath } }
    if (me.mustChange && to.path !== '/password') return { path: '/password' }
    if (roles && !roles.includes(me.role!)) return '/forbidden'
    if (permission && !(me.permissions as string[]).includes(permission)) return '/forbidden'
    return true
  })
  router.afterEach((to) => {
    navigating.value = false
    document.title = to.meta.title ? `${to.meta.title} - ${site}` : site
  })
  router.onError((e, to) => {
    navigating.value = false
    // After an upgrade the old page's chunks are gone: load the new ones.
    if (/dynamically imported module|Failed to fetch/i.test(String(e))) location.assign(to.fullPath)
  })
}

/** A path to go on to after sign-in: ours only, never another site's. */
export function safeNext(next: unknown): string {
  return typeof next === 'string' && /^\/(?![/\\])/.test(next) ? next : '/'
}
