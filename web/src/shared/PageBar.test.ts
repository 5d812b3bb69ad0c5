import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import PageBar from './PageBar.vue'

const bar = (props: { total: number; page: number; size: number }) => mount(PageBar, { props })
const words = (props: { total: number; page: number; size: number }) =>
  bar(props)
    .find('.pages')
    .text()
    .replace(/[\s‹›]+/g, ' ')
    .trim()

describe('PageBar', () => {
  it('shows the ends and the neighbours, and a gap only for more than one page', () => {
    expect(words({ total: 0, page: 1, size: 20 })).toBe('1')
    expect(words({ total: 60, page: 1, size: 20 })).toBe('123')
    expect(words({ total: 208, page: 1, size: 20 })).toBe('12…11')
    expect(words({ total: 208, page: 4, size: 20 })).toBe('12345…11')
    expect(words({ total: 208, page: 6, size: 20 })).toBe('1…567…11')
  })
  it('turns the page and changes the size', async () => {
    const b = bar({ total: 208, page: 3, size: 20 })
    await b.find('[aria-label=下一页]').trigger('click')
    await b.find('[aria-current=page]').trigger('click') // where we are already
    await b.find('select').setValue('50')
    expect(b.emitted('update:page')).toEqual([[4]])
    expect(b.emitted('update:size')).toEqual([[50]])
  })
  it('stops at the ends', () => {
    const b = bar({ total: 20, page: 1, size: 20 })
    for (const name of ['上一页', '下一页'])
      expect(b.find(`[aria-label=${name}]`).attributes('disabled')).toBeDefined()
  })
})
