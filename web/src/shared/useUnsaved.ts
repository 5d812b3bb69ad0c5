import { useEventListener } from '@vueuse/core'
import { getCurrentInstance, inject } from 'vue'
import { matchedRouteKey, onBeforeRouteLeave, onBeforeRouteUpdate, type Router } from 'vue-router'
import { confirmAction } from './confirm'

/** The address that the open page is just getting. */
let becoming = ''

/**
 * Gives the page that is open its own address: what is new was saved for the first
 * time. The page stays with all that is open on it, so nobody is asked.
 */
export async function becomes(router: Router, path: string): Promise<void> {
  becoming = path
  try {
    await router.replace(path)
  } finally {
    becoming = ''
  }
}

/**
 * Keeps what was typed from being lost without a word: in a dialog, a drawer or a
 * page. `typed` gives what the user can change; what it gives at the start counts
 * as nothing typed.
 *
 * - `beforeClose` goes to a dialog's before-close, and closes by the button:
 *   `beforeClose(() => emit('close'))`.
 * - Leaving the page and closing the window ask as well.
 * - `keep` makes what stands there now the new start: after loading and saving.
 */
export function useUnsaved(typed: () => unknown) {
  const read = () => JSON.stringify(typed()) ?? ''
  let start = read()
  let asking = false
  const changed = () => read() !== start
  const keep = () => {
    start = read()
  }
  /** True when there is nothing to lose, or the user gives it up. */
  async function mayLose(): Promise<boolean> {
    if (!changed()) return true
    if (asking) return false
    asking = true
    try {
      return await confirmAction('已填写的内容还没有提交，离开后会丢失。', '放弃已填写的内容？', {
        ok: '放弃',
        cancel: '继续填写',
        danger: true,
      })
    } finally {
      asking = false
    }
  }
  async function beforeClose(done: () => void) {
    if (await mayLose()) done()
  }

  useEventListener(window, 'beforeunload', (e) => {
    if (changed()) e.preventDefault()
  })
  // Who has to sign in again cannot save; the sign-in page is never barred.
  if (getCurrentInstance() && inject(matchedRouteKey, undefined)) {
    onBeforeRouteLeave((to) => ['/login', becoming].includes(to.path) || mayLose())
    onBeforeRouteUpdate((to, from) => to.path === from.path || mayLose())
  }

  return { changed, keep, mayLose, beforeClose }
}
