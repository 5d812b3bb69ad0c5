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
it('asks nobody for what he may not do, and staff for nothing', () => {
  expect(nextSteps('provider', 'draft', () => false)).toEqual([])
  expect(nextSteps('operator', undefined, all)).toEqual([])
})
