import { describe, expect, it } from 'vitest'
import { Refused } from '@/api/client'
import { tearsPage, wordsFor } from './faults'

describe('faults', () => {
  it('replace the page only when it could not be drawn', () => {
    expect(tearsPage('render function')).toBe(true)
    expect(tearsPage('https://vuejs.org/error-reference/#runtime-1')).toBe(true)
    expect(tearsPage('native event handler')).toBe(false)
    expect(tearsPage('https://vuejs.org/error-reference/#runtime-5')).toBe(false)
    expect(tearsPage('https://vuejs.org/error-reference/#runtime-14')).toBe(false)
  })
  it('say what the server said, or that it is our fault', () => {
    const refused = new Refused({ status: 409, code: 'voucher.sold_out', detail: '已领完' })
    expect(wordsFor(refused)).toBe('已领完')
    expect(wordsFor(new TypeError('Failed to fetch'))).toContain('网络')
    expect(wordsFor(new Error('x is undefined'))).toContain('页面出错了')
  })
})
