import { describe, expect, it } from 'vitest'
import {
  catalogueOf,
  movementText,
  outlineOf,
  restoredText,
  revokedText,
  type Terms,
} from './words'

const scope = { categories: [], industries: [], tags: [], providers: [], regions: [] }
const terms = (more: Partial<Terms['scope']>) => ({ scope: { ...scope, ...more } }) as Terms

describe('去使用', () => {
  it('leads to what the voucher fits', () => {
    expect(catalogueOf(terms({})).query).toEqual({})
    expect(catalogueOf(terms({ categories: ['a', 'b'], tags: ['light'] })).query).toEqual({
      category: 'a,b',
      tag: 'light',
    })
    expect(catalogueOf(terms({ providers: ['7'] })).query).toEqual({ fits: '1' })
  })
})

it('says what came back of a use, whole or in part', () => {
  expect(restoredText({ usedFen: 500000, restoredFen: 500000 })).toBe('已退回')
  expect(restoredText({ usedFen: 500000, restoredFen: 120000 })).toBe('已退回 ¥1,200.00')
})

it('says where the money of a refund went, and why', () => {
  expect(movementText({ kind: 'restore' })).toBe('退款退回')
  expect(movementText({ kind: 'restore', over: 'expired' })).toBe('退款，收回活动（券已过期）')
  expect(movementText({ kind: 'release', over: 'revoked' })).toBe('取消订单，收回活动（券已作废）')
})

it('names what a revocation takes and what orders still hold', () => {
  const v = { taken: 0, heldFen: 1000000, redeemedFen: 0, returnedFen: 0 }
  expect(revokedText({ ...v, done: true })).toMatch(
    /^作废时券上没有余额可收回。订单占用的 ¥10,000\.00 尚未收回：/,
  )
  expect(
    revokedText({ taken: 400, heldFen: 0, redeemedFen: 0, returnedFen: 400, done: true }),
  ).toBe('作废时余额 ¥4.00 已收回活动。')
  expect(
    revokedText({ taken: 400, heldFen: 0, redeemedFen: 100, returnedFen: 0, done: false }),
  ).toBe('余额 ¥4.00 立即收回活动，不能恢复。已抵扣的 ¥1.00 不受影响，如订单退款则收回活动。')
})

it('names what came back from orders after a revocation', () => {
  expect(revokedText({ taken: 0, heldFen: 0, redeemedFen: 0, returnedFen: 500, done: true })).toBe(
    '作废时券上没有余额可收回。因订单取消、退款或追回，另收回 ¥5.00。',
  )
})

describe('测算', () => {
  it('counts with the quota that a change asks for', () => {
    const campaign = {
      perOrg: 2,
      rules: { sizes: [], regions: [], industries: [] },
      vouchers: [
        { id: '1', faceValueFen: 100, quota: 5 },
        { id: '2', faceValueFen: 200, quota: 6 },
      ],
    } as unknown as Parameters<typeof outlineOf>[0]
    const change = { quotas: [{ voucherId: '2', after: 9 }] } as Parameters<typeof outlineOf>[1]
    expect(outlineOf(campaign, change).vouchers).toEqual([
      { id: '1', faceValueFen: 100, quota: 5 },
      { id: '2', faceValueFen: 200, quota: 9 },
    ])
  })
})
