import { expect, test } from 'vitest'
import { putAt, valueAt } from './pointer'

test('a pointer reads and writes, and makes what is missing', () => {
  const c: { name: string; cases: { customer: string }[]; own?: Record<string, string[]> } = {
    name: 'a',
    cases: [{ customer: 'x' }, { customer: 'y' }],
  }
  expect(valueAt(c, '/cases/1/customer')).toBe('y')
  expect(valueAt(c, '/own/hours')).toBeUndefined()
  putAt(c, '/own/hours', ['8'])
  putAt(c, '/cases/0/customer', 'z')
  expect(c).toEqual({
    name: 'a',
    cases: [{ customer: 'z' }, { customer: 'y' }],
    own: { hours: ['8'] },
  })
})
