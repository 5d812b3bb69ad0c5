import { describe, expect, it } from 'vitest'
import { waysBack } from './waysBack'

const way = (name: string, lost: '' | 'expired' | 'revoked') => ({ name, amountFen: 100_000, lost })

describe('waysBack', () => {
  it('promises a voucher nothing that goes to the campaign', () => {
    expect(waysBack([])).toBe('')
    expect(waysBack([way('甲', ''), way('乙', '')])).toBe('服务券抵扣的金额会退回原券。')
    expect(waysBack([way('甲', 'expired')])).toBe(
      '服务券“甲”已过期，抵扣的 ¥1,000.00 收回活动，不退回企业。',
    )
    expect(waysBack([way('甲', 'revoked'), way('乙', '')], true)).toBe(
      '服务券“甲”已作废，抵扣的 ¥1,000.00 已收回活动，不退回企业。其他服务券抵扣的金额已退回原券。',
    )
  })
})
