import { describe, expect, it } from 'vitest'
import { ago, dateDay, dateMinute, dateTime, lastSecond } from './date'

describe('date', () => {
  it('shows Shanghai time wherever the browser is', () => {
    expect(dateTime('2023-08-18T15:59:59Z')).toBe('2023-08-18 23:59:59')
    expect(dateMinute('2026-11-23T06:05:30Z')).toBe('2026-11-23 14:05')
    expect(dateDay('2026-11-22T16:00:00Z')).toBe('2026-11-23')
  })
  it('prints the last valid second of an exclusive end', () => {
    expect(lastSecond('2023-08-18T16:00:00Z')).toBe('2023-08-18 23:59:59')
  })
  it('prints --- for never', () => {
    expect(dateTime(null)).toBe('---')
    expect(dateTime('')).toBe('---')
  })
  it('says how long ago', () => {
    const now = Date.parse('2026-11-23T06:00:00Z')
    expect(ago('2026-11-23T05:59:40Z', now)).toBe('刚刚')
    expect(ago('2026-11-23T05:18:00Z', now)).toBe('42 分钟前')
    expect(ago('2026-11-20T05:18:00Z', now)).toBe('3 天前')
  })
})
