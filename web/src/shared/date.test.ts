import { describe, expect, it } from 'vitest'
import { ago, dateDay, dateMinute, dateTime, lastSecond, timeLeft } from './date'

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
  it('says how much time is left, and never more', () => {
    const hour = 3_600_000
    expect(timeLeft(30_000)).toBe('不到 1 分钟')
    expect(timeLeft(hour / 3)).toBe('还有 20 分钟')
    expect(timeLeft(24 * hour - 1)).toBe('还有 23 小时')
    expect(timeLeft(49 * hour)).toBe('还有 2 天')
  })
  it('says how long ago', () => {
    const now = Date.parse('2026-11-23T06:00:00Z')
    expect(ago('2026-11-23T05:59:40Z', now)).toBe('刚刚')
    expect(ago('2026-11-23T05:18:00Z', now)).toBe('42 分钟前')
    expect(ago('2026-11-20T05:18:00Z', now)).toBe('3 天前')
  })
})
