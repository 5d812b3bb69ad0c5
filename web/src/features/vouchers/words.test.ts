import { describe, expect, it } from 'vitest'
import { catalogueOf, outlineOf, restoredText, type Terms } from './words'

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
