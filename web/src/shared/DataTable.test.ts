import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import DataTable, { type Column } from './DataTable.vue'

interface Row {
  id: string
  name: string
  price?: number
}
const columns: Column<Row>[] = [
  { key: 'name', label: '商品名称', text: (r) => r.name },
  { key: 'price', label: '总价', text: (r) => r.price, sort: 'price' },
]
const rowKey = (r: Row) => r.id
const table = (props: object) =>
  mount(DataTable<Row>, { props: { columns, rowKey, rows: [], ...props } })

describe('DataTable', () => {
  it('shows rows, and --- where there is nothing', () => {
    const t = table({ rows: [{ id: '1', name: '云排产' }] })
    expect(t.findAll('td').map((c) => c.text())).toEqual(['云排产', '---'])
    expect(t.find('td').attributes('data-label')).toBe('商品名称')
  })
  it('tells loading, empty and failed apart', async () => {
    expect(table({ loading: true }).find('[role=status]').text()).toBe('加载中')
    expect(table({ emptyText: '还没有订单' }).text()).toContain('还没有订单')
    const failed = table({ problem: '网络连接不上' })
    expect(failed.find('[role=alert]').text()).toContain('网络连接不上')
    expect(failed.find('table').exists()).toBe(false)
  })
  it('asks for the other order at the heading', async () => {
    const t = table({ rows: [{ id: '1', name: '云排产' }], sort: '-price' })
    expect(t.findAll('th')[1]!.attributes('aria-sort')).toBe('descending')
    await t.find('th button').trigger('click')
    expect(t.emitted('update:sort')).toEqual([['price']])
  })
})
