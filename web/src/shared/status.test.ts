import { describe, expect, it } from 'vitest'
import { statusWord, statusWords } from './status'

describe('words of states', () => {
  const all = Object.entries(statusWords).flatMap(([kind, words]) =>
    Object.entries(words).map(([code, word]) => ({ kind, code, ...word })),
  )
  it('are Chinese, one colour for one meaning', () => {
    expect(all.filter((w) => !/^\p{Script=Han}+$/u.test(w.label))).toEqual([])
    const tones = new Map<string, Set<string>>()
    for (const w of all) tones.set(w.label, (tones.get(w.label) ?? new Set()).add(w.tone))
    for (const label of [
      '草稿',
      '待审批',
      '审批通过',
      '已驳回',
      '已撤销',
      '已上架',
      '已下架',
      '已过期',
    ])
      expect([label, tones.get(label)?.size]).toEqual([label, 1])
  })
  it('say so when the server knows a state that the page does not', () => {
    expect(statusWord('order', 'from_the_future')).toEqual({ label: '未知状态', tone: 'info' })
  })
})
