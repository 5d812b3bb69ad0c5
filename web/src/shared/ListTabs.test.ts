import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import ListTabs from './ListTabs.vue'

const tabs = [
  { key: 'listed', label: '已上架', count: 4 },
  { key: 'draft', label: '草稿', count: 0 },
  { key: 'delisted', label: '已下架' },
]

describe('ListTabs', () => {
  it('goes round by the arrow keys, and only the chosen one is in the tab order', async () => {
    const t = mount(ListTabs, { props: { label: '商品状态', tabs, modelValue: 'listed' } })
    expect(t.findAll('[role=tab]').map((b) => b.attributes('tabindex'))).toEqual(['0', '-1', '-1'])
    expect(t.findAll('[role=tab]').map((b) => b.text())).toEqual(['已上架4', '草稿0', '已下架'])
    await t.find('[role=tablist]').trigger('keydown.left')
    expect(t.emitted('update:modelValue')).toEqual([['delisted']])
  })
})
