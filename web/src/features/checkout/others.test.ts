import { expect, it } from 'vitest'
import { whyNot, type Other } from './others'

const voucher = (given: Partial<Other>) =>
  ({
    expiresAt: '2026-11-23T16:00:00Z',
    validFrom: '2026-12-01T01:00:00Z',
    minOrderFen: 500000,
    fittingFen: 120000,
    ...given,
  }) as Other

it('says of each voucher that is not offered why, with the figures that decide', () => {
  expect(whyNot(voucher({ why: 'min_order' }))).toBe(
    '适用商品满 ¥5,000.00 可用，本单适用商品共 ¥1,200.00',
  )
  expect(whyNot(voucher({ why: 'ended' }))).toBe('已于 2026-11-23 23:59:59 到期')
  expect(whyNot(voucher({ why: 'region', wanted: ['江苏省', '上海市'] }))).toBe(
    '仅限江苏省、上海市的企业使用',
  )
  expect(whyNot(voucher({ why: 'size', wanted: ['中型'] }))).toBe('仅限中型企业使用')
  expect(whyNot(voucher({ why: 'scope', wanted: ['计划排程'] }))).toBe(
    '不适用于本单的商品，仅限：计划排程',
  )
  expect(whyNot(voucher({ why: 'not_yet' }))).toBe('2026-12-01 09:00:00 起才能使用')
})
