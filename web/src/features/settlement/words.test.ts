import { describe, expect, it } from 'vitest'
import { batching, batchHint, batchTag, ended, lineHint } from './words'

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
  it('stands in the list with what was really paid', () => {
    const b = { status: 'done' as const, lines: 2, failedLines: 0, paidFen: 70_000 }
    expect(batchTag(b)).toEqual({ kind: 'payoutBatch', code: 'done' })
    expect(batchHint(b)).toBe('')
    expect(batchTag({ ...b, failedLines: 1 })).toEqual({ kind: 'payoutEnd', code: 'partly' })
    expect(batchTag({ ...b, failedLines: 2 })).toEqual({ kind: 'payoutEnd', code: 'failed' })
    expect(batchTag({ ...b, status: 'sent', failedLines: 1 }).code).toBe('sent')
    expect(batchHint({ ...b, failedLines: 1 })).toBe('1 笔付款失败，实付 ¥700.00')
  })
})

describe('what chosen lines come to', () => {
  const of = (providerId: string, voucherFen: number, cashFen: number, toSetOffFen?: number) => ({
    providerId,
    voucherFen,
    cashFen,
    toSetOffFen,
  })
  it('names what is set off, of voucher money alone', () => {
    expect(batching([of('1', 20_000, 10_000)])).toBe(
      '共 1 笔、¥300.00，按服务商生成 1 个批次，并锁定金额与收款账户。',
    )
    expect(
      batching([
        of('1', 20_000, 10_000, 35_000),
        of('1', 10_000, 0, 35_000),
        of('2', 50_000, 0, 100),
      ]),
    ).toBe(
      '共 3 笔、¥900.00，按服务商生成 2 个批次，并锁定金额与收款账户。其中 ¥301.00 抵扣追回款，实际付款 ¥599.00。',
    )
  })
})
