import { mount } from '@vue/test-utils'
import { ref } from 'vue'
import { describe, expect, it } from 'vitest'
import DataTable, { type Column } from './DataTable.vue'
import PageBar from './PageBar.vue'

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
  it('takes a whole list', async () => {
    const asked: string[] = []
    const list = {
      rows: ref<Row[]>([]),
      total: ref(0),
      page: ref(1),
      size: ref(10),
      loading: ref(true),
      problem: ref(''),
      setPage: (n: number) => asked.push(`page ${n}`),
      setSize: (n: number) => asked.push(`size ${n}`),
      reload: () => asked.push('again'),
    }
    const t = table({ rows: undefined, list })
    expect(t.find('[role=status]').exists()).toBe(true)
    list.rows.value = [{ id: '1', name: '云排产' }]
    list.total.value = 30
    list.loading.value = false
    await t.vm.$nextTick()
    expect(t.find('td').text()).toBe('云排产')
    await t.find('[aria-label="第 2 页"]').trigger('click')
    t.findComponent(PageBar).vm.$emit('update:size', 50)
    list.problem.value = '网络连接不上'
    await t.vm.$nextTick()
    await t.find('[role=alert] button').trigger('click')
    expect(asked).toEqual(['page 2', 'size 50', 'again'])
  })
  it('asks for the other order at the heading', async () => {
    const t = table({ rows: [{ id: '1', name: '云排产' }], sort: '-price' })
    expect(t.findAll('th')[1]!.attributes('aria-sort')).toBe('descending')
    await t.find('th button').trigger('click')
    expect(t.emitted('update:sort')).toEqual([['price']])
  })
})
