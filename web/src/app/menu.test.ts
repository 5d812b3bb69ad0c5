import { describe, expect, it } from 'vitest'
import { menus, visibleMenu } from './menu'

const all = { has: () => true, verified: true }

describe('menu', () => {
  it('keeps the order of the guides for enterprises', () => {
    const labels = visibleMenu(menus.enterprise, all, () => true).map((i) => i.label)
    expect(labels).toEqual(['工作台', '我的待办', '我的企业', '我的评价', '订单管理', '服务券管理'])
  })
  it('hides what the user has no right to, and groups that become empty', () => {
    const labels = visibleMenu(
      menus.provider,
      { has: (p) => p === 'order.deliver', verified: true },
      () => true,
    ).map((i) => i.label)
    expect(labels).toEqual(['工作台', '订单管理'])
  })
  it('shows no entry without a page', () => {
    expect(visibleMenu(menus.operator, all, (p) => p === '/workbench').map((i) => i.label)).toEqual(
      ['工作台'],
    )
  })
})
