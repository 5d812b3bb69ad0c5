import { describe, expect, it } from 'vitest'
import { ending } from './idle'

const minute = 60_000
const staff = { idleSeconds: 15 * 60, endsAt: 480 * minute }

describe('the end of a session', () => {
  it('is told two minutes before an unused one ends', () => {
    expect(ending(staff, 0, 11.9 * minute).warn).toBe(false)
    const e = ending(staff, 0, 12.1 * minute)
    expect(e).toMatchObject({ why: 'idle', at: 14 * minute, warn: true, over: false })
    expect(ending(staff, 0, 15.1 * minute).over).toBe(true)
  })
  it('moves on with every use', () => {
    expect(ending(staff, 10 * minute, 13 * minute).warn).toBe(false)
  })
  it('comes at its longest even in use', () => {
    const used = 477 * minute
    expect(ending(staff, used, 478.5 * minute)).toMatchObject({ why: 'total', warn: true })
    expect(ending(staff, used, 480.1 * minute).over).toBe(true)
  })
})
