import { describe, expect, it } from 'vitest'
import { menus, type MenuItem } from '@/app/menu'
import type { Role } from '@/api/client'
import { rightsOf } from './menus'

const asked = (items: MenuItem[]): string[] =>
  items.flatMap((i) => [...(i.permission ? [i.permission] : []), ...asked(i.children ?? [])])

describe('rightsOf', () => {
  it.each(Object.keys(menus) as Role[])('offers every right that the menu of %s asks', (role) => {
    const offered = rightsOf[role].map((r) => r.value as string)
    expect(asked(menus[role]).filter((p) => !offered.includes(p))).toEqual([])
  })
})
