import type { Schemas } from '@/api/client'

export type Question = Schemas['Question']
export interface Place {
  code: string
  name: string
}
export interface Upload {
  id: string
  name: string
}
export type Value = string | number | string[] | Place | Upload | undefined
export type Answers = Record<string, Value>

/** Whether a question counts as answered. */
export function answered(v: Value): boolean {
  if (v === undefined || v === null || v === '') return false
  return !Array.isArray(v) || v.length > 0
}

/** Ticking the option that excludes the others clears them, and the other way round. */
export function tick(q: Question, before: string[], after: string[]): string[] {
  if (!q.exclusive) return after
  const isNew = after.includes(q.exclusive) && !before.includes(q.exclusive)
  return isNew ? [q.exclusive] : after.filter((v) => v !== q.exclusive || after.length === 1)
}

/** What is sent: only what is filled in, and only for questions that exist. */
export function toSend(questions: readonly Question[], answers: Answers): Answers {
  return Object.fromEntries(
    questions.filter((q) => answered(answers[q.key])).map((q) => [q.key, answers[q.key]]),
  )
}

/** The required questions that are still open, with their number. */
export function missing(questions: readonly Question[], answers: Answers) {
  return questions.flatMap((q, i) =>
    q.required && !answered(answers[q.key])
      ? [{ pointer: `/answers/${q.key}`, label: `${i + 1}. ${q.title}`, detail: '此项必填。' }]
      : [],
  )
}

export interface Draft {
  key: string
  answers: Answers
}

const place = (token: string) => `draft:survey:${token}`

/** The draft of this browser; a new attempt gets a key of its own. */
export function loadDraft(token: string, newKey: () => string, store: Storage): Draft {
  try {
    const d = JSON.parse(store.getItem(place(token)) ?? '') as Partial<Draft>
    if (typeof d.key === 'string' && d.answers && typeof d.answers === 'object')
      return { key: d.key, answers: d.answers }
  } catch {
    // nothing kept, or not ours: start afresh
  }
  return { key: newKey(), answers: {} }
}

export function saveDraft(token: string, draft: Draft, store: Storage): void {
  try {
    store.setItem(place(token), JSON.stringify(draft))
  } catch {
    // storage full or forbidden: the page works without a draft
  }
}

export function dropDraft(token: string, store: Storage): void {
  store.removeItem(place(token))
}
