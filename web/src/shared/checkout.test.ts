import { describe, expect, it } from 'vitest'
import { confirmLink, readLines } from './checkout'

describe('lines in the address', () => {
  it('come back as they were', () => {
    const lines = [
      { planId: '991608221832512511', unit: 'year' as const, quantity: 2 },
      { planId: '7', unit: 'unit' as const, quantity: 9999 },
    ]
    const { query } = confirmLink(lines) as { query: Record<string, string> }
    expect(readLines(query)).toEqual(lines)
  })
  it('fall away when malformed', () => {
    for (const lines of ['', 'x.year.1', '1.week.1', '1.year.0', '1.year.10000'])
      expect(readLines({ lines })).toEqual([])
  })
})
