import { expect, it } from 'vitest'
import { standingWords } from './standing'

const at = (place: number, usualDays: number) =>
  standingWords({ place, usualDays, usualAt: '2026-11-25T00:00:00.000Z' })

it('says the place and the usual time as far as they are known', () => {
  expect(at(3, 2)).toBe('排在第 3 位，通常 2 个工作日')
  expect(at(3, 0)).toBe('排在第 3 位')
  expect(at(0, 5)).toBe('通常 5 个工作日')
  expect(at(0, 0)).toBe('')
  expect(standingWords(undefined)).toBe('')
})
