import { describe, expect, it } from 'vitest'
import { formatFen, formatWan, parseYuan } from './money'

describe('money', () => {
  it('prints yuan with two decimals', () => {
    expect(formatFen(23400)).toBe('¥234.00')
    expect(formatFen(123456789)).toBe('¥1,234,567.89')
    expect(formatFen(-5)).toBe('-¥0.05')
    expect(formatFen(0)).toBe('¥0.00')
    expect(formatFen(undefined)).toBe('---')
  })
  it('reads yuan without floats', () => {
    expect(parseYuan('234')).toBe(23400)
    expect(parseYuan('1,234.5')).toBe(123450)
    expect(parseYuan('0.29')).toBe(29)
    expect(parseYuan('0.295')).toBeUndefined()
    expect(parseYuan('一百')).toBeUndefined()
    expect(parseYuan('')).toBeUndefined()
  })
  it('prints large sums in 万元', () => {
    expect(formatWan(500_000_000)).toBe('500 万元')
  })
})
