import { expect, it } from 'vitest'
import { whyNotEdit, whyNotWithdraw } from './rowActions'

it('takes back what is pending, by its applicant', () => {
  expect(whyNotWithdraw({ status: 'pending', mine: true })).toBe('')
  expect(whyNotWithdraw({ status: 'pending', mine: false })).toContain('本人')
  for (const status of ['approved', 'rejected', 'returned', 'withdrawn'] as const)
    expect(whyNotWithdraw({ status, mine: true })).toContain('只有待审批')
})
it('edits again what came back', () => {
  for (const status of ['rejected', 'returned', 'withdrawn'] as const)
    expect(whyNotEdit({ status, mine: true })).toBe('')
  expect(whyNotEdit({ status: 'pending', mine: true })).toContain('先撤销')
  expect(whyNotEdit({ status: 'approved', mine: true })).toContain('审批通过')
})
