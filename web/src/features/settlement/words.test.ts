import { describe, expect, it } from 'vitest'
import { ended, lineHint } from './words'

const line = { status: 'accrued' as const, reason: '', owedFen: 0, stopped: false, paidAt: '' }

describe('why a line waits', () => {
  it('says every reason', () => {
    expect(lineHint(line)).toBe('')
    expect(lineHint({ ...line, status: 'on_hold', reason: '核查', stopped: true })).toBe(
      '暂缓原因：核查；企业认证已暂停或失效，恢复后才能兑付',
    )
    expect(lineHint({ ...line, reason: '户名不符' })).toBe('上次付款失败：户名不符')
    expect(
      lineHint({ ...line, status: 'paid', stopped: true, paidAt: '2026-11-28T01:00:00Z' }),
    ).toBe('')
  })
})

describe('how a batch ended', () => {
  const of = (...all: ('paid' | 'failed')[]) =>
    ended({ closedAt: '2026-11-28T01:00:00Z', items: all.map((status) => ({ status })) as never })
  it('is well only when the bank paid everything', () => {
    expect(of('paid', 'paid')).toMatchObject({ title: '登记付款结果', state: 'done' })
    expect(of('paid', 'failed').text).toContain('1 笔失败，款项已回到待结算')
    expect(of('failed')).toMatchObject({ title: '付款全部失败', state: 'failed' })
  })
})
