import { beforeEach, expect, it } from 'vitest'
import { keepLocal, recallLocal, wipeLocal } from './localDraft'

beforeEach(() => localStorage.clear())

it('belongs to one account', () => {
  keepLocal('1', { at: Date.now(), values: { company_name: '厦门' } })
  expect(recallLocal('1')?.values).toEqual({ company_name: '厦门' })
  expect(recallLocal('2')).toBeUndefined()
  expect(Object.keys(localStorage)).toEqual(['draft:org:1'])
  wipeLocal('1')
  expect(recallLocal('1')).toBeUndefined()
})

it('is forgotten after a week and when it cannot be read', () => {
  keepLocal('1', { at: Date.now() - 8 * 86_400_000, values: {} })
  expect(recallLocal('1')).toBeUndefined()
  localStorage.setItem('draft:org:1', '{broken')
  expect(recallLocal('1')).toBeUndefined()
  expect(localStorage.length).toBe(0)
})
