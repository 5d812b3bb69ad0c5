import type { Schemas } from '@/api/client'

type Standing = Schemas['ReviewStanding']

/** 排在第 3 位，通常 2 个工作日; only what is known. */
export function standingWords(at: Standing | undefined): string {
  if (!at) return ''
  const words = []
  if (at.place > 0) words.push(`排在第 ${at.place} 位`)
  if (at.usualDays > 0) words.push(`通常 ${at.usualDays} 个工作日`)
  return words.join('，')
}
