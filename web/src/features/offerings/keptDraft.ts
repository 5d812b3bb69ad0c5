import type { Content } from './useDraft'

/** What could not be saved yet, kept in this browser. Sign-out removes keys that begin with "draft:". */
export interface Kept {
  /** Version of the draft that it was typed into. */
  version: number
  content: Content
}

const key = (offeringId: string) => `draft:offering:${offeringId}`

export function keep(offeringId: string, kept: Kept): void {
  try {
    localStorage.setItem(key(offeringId), JSON.stringify(kept))
  } catch {
    // The page still holds it and asks before it is left.
  }
}

/** What is kept for a version of the draft; what was typed into another one is of no use. */
export function recall(offeringId: string, version: number): Content | undefined {
  try {
    const k = JSON.parse(localStorage.getItem(key(offeringId)) ?? 'null') as Kept | null
    if (k && k.version === version && typeof k.content === 'object') return k.content
  } catch {
    // Unreadable: as if there were none.
  }
  drop(offeringId)
  return undefined
}

export function drop(offeringId: string): void {
  try {
    localStorage.removeItem(key(offeringId))
  } catch {
    // Nothing was kept either.
  }
}
