import { expect, it } from 'vitest'
import { nextSteps } from './nextSteps'

const all = () => true

it('asks for the company form first', () => {
  expect(nextSteps('enterprise', 'draft', all)[0]?.to).toBe('/workbench/org')
  expect(nextSteps('provider', 'returned', all)[0]?.action).toBe('去补正')
  expect(nextSteps('provider', 'pending', all).map((s) => s.action)).toEqual(['查看进展'])
})
it('then leads to the business', () => {
  expect(nextSteps('enterprise', 'verified', all).map((s) => s.to)).toEqual([
    '/campaigns',
    '/solutions',
  ])
  expect(nextSteps('provider', 'change_pending', all)[0]?.to).toBe('/workbench/offerings/new')
})
it('puts orders that stand still until he acts before everything else', () => {
  expect(nextSteps('enterprise', 'verified', all, 2)[0]).toMatchObject({
    text: '2 个订单已交付，等待您验收',
    to: '/workbench/orders?status=delivered',
  })
  expect(nextSteps('provider', 'verified', all, 1)[0]?.to).toBe('/workbench/orders?status=paid')
  expect(nextSteps('provider', 'verified', (p) => p !== 'order.deliver', 1)[0]?.action).toBe(
    '商品上架',
  )
})
it('asks nobody for what he may not do, and staff for nothing', () => {
  expect(nextSteps('provider', 'draft', () => false)).toEqual([])
  expect(nextSteps('operator', undefined, all)).toEqual([])
})
