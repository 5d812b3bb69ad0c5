import { refusalOf } from '@/api/client'

/**
 * Whether a fault left the page half drawn, so that it must give way to an
 * error page. A fault in a click or a watcher does not: what is on the page,
 * a half-filled form for one, stays. `info` is Vue's word for where it happened,
 * in built pages a number.
 */
export function tearsPage(info: string): boolean {
  return /^(setup function|render function|async component loader|component update)$|#runtime-(0|1|13|15)$/.test(
    info,
  )
}

/** What to tell people of a fault. */
export function wordsFor(e: unknown): string {
  return refusalOf(e)?.detail ?? '页面出错了，请重试；若仍不行，请刷新页面。'
}

/** Lets the console (and the tests, which listen) know of faults that are ours. */
export function report(e: unknown): void {
  if (!refusalOf(e)) reportError(e)
}
