import { expect, it } from 'vitest'
import { confirmText, type Detail } from './words'

const voucher = (name: string, given: Partial<Detail['vouchers'][number]> = {}) => ({
  id: name,
  name,
  orgName: '甲公司',
  availableFen: 1,
  status: 'active' as const,
  byPerson: false,
  byLead: false,
  freezes: false,
  ...given,
})

it('says before a lead is confirmed what is frozen, who is told and what stays', () => {
  const text = confirmText({
    aboutOrder: true,
    vouchers: [
      voucher('一券', { freezes: true }),
      voucher('二券', { byLead: true, status: 'frozen' }),
      voucher('三券'),
    ],
  })
  expect(text).toContain('不能改为“排除”')
  expect(text).toContain('将冻结 1 张服务券（甲公司的“一券”），持有企业会收到消息')
  expect(text).toContain('已因线索冻结的 1 张（甲公司的“二券”）继续冻结')
  expect(text).toContain('不能再组成兑付批次')
  expect(text).not.toContain('三券')
})

it('says when nothing is frozen and nobody is told', () => {
  expect(confirmText({ aboutOrder: false, vouchers: [voucher('一券')] })).toBe(
    '确认后不能改为“排除”。不会自动冻结服务券，也不通知企业；需要冻结的，请确认后在下方逐张处理。',
  )
})
