import { nextTick, ref } from 'vue'
import type { RouteMeta, Router } from 'vue-router'
import { onForbidden, onUnsigned, refusalOf } from '@/api/client'
import { pageTitle } from '@/shared/title'
import { currentSession, refreshSession, type Me } from './session'

/** True while the next page loads; the shells show a bar. */
export const navigating = ref(false)

/** Why the last page could not be opened; empty when all is well. */
export const trouble = ref('')

/** Where somebody who may not open a page goes instead; undefined when he may. */
export function detour(
  to: { path: string; fullPath: string; meta: RouteMeta },
  me: Pick<Me, 'signedIn' | 'mustChange' | 'role'> & { permissions: readonly string[] },
) {
  const { roles, permission } = to.meta
  if (!me.signedIn) return signIn(to.fullPath)
  if (me.mustChange && to.path !== '/password') return { path: '/password' }
  const mayRole = !roles || (me.role !== undefined && roles.includes(me.role))
  const mayDo = !permission || me.permissions.includes(permission)
  return mayRole && mayDo ? undefined : { path: '/forbidden' }
}

const restricted = (meta: RouteMeta) =>
  Boolean(meta.roles || meta.permission || meta.signedIn || meta.shell === 'workbench')

const signIn = (next: string) => ({ path: '/login', query: { next } })

/** Who may open which page, titles and the progress bar. The server asks again at every operation. */
export function install(router: Router): void {
  router.beforeEach(async (to) => {
    navigating.value = true
    trouble.value = ''
    if (!restricted(to.meta)) return true
    try {
      return detour(to, await currentSession()) ?? true
    } catch (e) {
      const problem = refusalOf(e)
      if (!problem) throw e
      trouble.value = problem.detail
      return false
    }
  })
  router.afterEach((to, from, failure) => {
    navigating.value = false
    if (failure) return
    if (to.path === from.path) return
    pageTitle(to.meta.title)
    // Screen readers and the keyboard go on from the new page, not from the link behind it.
    if (from.matched.length)
      void nextTick(() => document.getElementById('main')?.focus({ preventScroll: true }))
  })
  router.onError((e, to) => {
    navigating.value = false
    if (!stalePage(e, to.fullPath)) throw e
  })

  // A right was taken away meanwhile: the menu follows at once.
  onForbidden(() => void refreshSession())

  // A page that the browser kept whole, for its Back button, may be somebody else's by now.
  addEventListener('pageshow', (e) => {
    if (e.persisted) location.reload()
  })

  // The session has ended. Whoever was acting, or is on a page of his own, signs in and comes back.
  onUnsigned((request) => {
    const { fullPath, path, meta } = router.currentRoute.value
    void refreshSession()
    if (path !== '/login' && (request.method !== 'GET' || restricted(meta)))
      void router.push(signIn(fullPath))
  })
}

/** After an upgrade the parts of the old pages are gone: load the new ones, but only once. */
function stalePage(e: unknown, path: string): boolean {
  if (!/dynamically imported module|importing a module script|preload css/i.test(String(e)))
    return false
  if (sessionStorage.getItem('reloaded-for') === path) {
    trouble.value = '页面没有加载完整，请检查网络后重试。'
    return true
  }
  sessionStorage.setItem('reloaded-for', path)
  location.assign(path)
  return true
}

/**
 * A path to go on to after sign-in: ours only, never another site's. Browsers drop
 * tabs and line breaks from an address and read \ as /, so these are refused.
 */
export function safeNext(next: unknown): string {
  const ours =
    typeof next === 'string' &&
    /^\/(?!\/)[^\\\s\p{Cc}]*$/u.test(next) &&
    new URL(next, location.origin).origin === location.origin
  return ours ? next : '/'
}
