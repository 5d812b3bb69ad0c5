import { nextTick } from 'vue'

/**
 * Keeps the focus in a part of the page that has changed below it: what had it is
 * gone or was out of use for a moment. Somebody who went elsewhere stays there.
 */
export async function goOn(part: HTMLElement | null | undefined, at: string): Promise<void> {
  await nextTick()
  const now = document.activeElement
  if (now === null || now === document.body || part?.contains(now))
    part?.querySelector<HTMLElement>(at)?.focus()
}
