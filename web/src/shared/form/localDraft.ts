import type { Values } from './definition'

export interface LocalDraft {
  /** Milliseconds by the server's clock. */
  at: number
  values: Values
}

const week = 7 * 24 * 60 * 60 * 1000
// Sign-out removes every key that begins with "draft:".
const key = (userId: string) => `draft:org:${userId}`

/** Keeps a draft for one account in this browser; false when its storage is full or closed. */
export function keepLocal(userId: string, draft: LocalDraft): boolean {
  try {
    localStorage.setItem(key(userId), JSON.stringify(draft))
    return true
  } catch {
    return false // the server keeps it as well
  }
}

/** The draft of one account, unless it is older than a week or unreadable. */
export function recallLocal(userId: string, now = Date.now()): LocalDraft | undefined {
  try {
    const d = JSON.parse(localStorage.getItem(key(userId)) ?? 'null') as LocalDraft | null
    if (d && typeof d.at === 'number' && typeof d.values === 'object' && now - d.at < week) return d
    wipeLocal(userId)
  } catch {
    wipeLocal(userId)
  }
  return undefined
}

export function wipeLocal(userId: string): void {
  try {
    localStorage.removeItem(key(userId))
  } catch {
    // Nothing was kept either.
  }
}
