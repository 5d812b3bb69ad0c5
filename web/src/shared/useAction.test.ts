import { describe, expect, it } from 'vitest'
import { Refused } from '@/api/client'
import { useAction } from './useAction'

describe('useAction', () => {
  it('never runs twice at a time', async () => {
    let runs = 0
    let finish = () => {}
    const { act, busy } = useAction(async () => {
      runs++
      await new Promise<void>((done) => (finish = done))
      return runs
    })
    const first = act()
    expect(busy.value).toBe(true)
    expect(await act()).toBeUndefined()
    finish()
    expect(await first).toBe(1)
    expect(runs).toBe(1)
    expect(busy.value).toBe(false)
  })

  it('keeps a refusal and lets a fault rise', async () => {
    const refusal = useAction(async () => {
      throw new Refused({ status: 409, code: 'voucher.sold_out', detail: '已领完' })
    })
    expect(await refusal.act()).toBeUndefined()
    expect(refusal.refused.value?.code).toBe('voucher.sold_out')

    const fault = useAction(async () => {
      throw new Error('bug')
    })
    await expect(fault.act()).rejects.toThrow('bug')
  })
})
