import { describe, expect, it } from 'vitest'
import type { Role } from '@/api/client'
import { menus, visibleMenu, type MenuItem } from './menu'
import { portalLinks } from './portal'
import { router } from './router'

const all = { has: () => true, verified: true }

describe('menu', () => {
  it('keeps the order of the guides for enterprises', () => {
    const labels = visibleMenu(menus.enterprise, all, () => true).map((i) => i.label)
    expect(labels).toEqual([
      '工作台',
      '我的待办',
      '我的企业',
      '我的评价',
      '订单管理',
      '服务券管理',
      '用户管理',
    ])
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
  it('leads to pages that the role may open', () => {
    const entries = (items: MenuItem[]): MenuItem[] => items.flatMap((i) => i.children ?? [i])
    for (const role of Object.keys(menus) as Role[])
      for (const { to } of entries(menus[role])) {
        const page = router.resolve(to!)
        expect([role, to, page.name]).not.toContain('not-found')
        expect(page.meta.roles ?? [role]).toContain(role)
      }
    for (const { to } of portalLinks)
      expect([to, router.resolve(to).name]).not.toContain('not-found')
  })
})
