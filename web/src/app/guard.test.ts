import { describe, expect, it } from 'vitest'
import { detour, safeNext } from './guard'

const page = { path: '/workbench/orders', fullPath: '/workbench/orders?page=2' }
const buyer = {
  signedIn: true,
  mustChange: false,
  role: 'enterprise' as const,
  permissions: ['order.buy'],
}

describe('who may open a page', () => {
  it('sends visitors to sign in and back', () => {
    const visitor = { signedIn: false, mustChange: false, permissions: [] }
    expect(detour({ ...page, meta: { signedIn: true } }, visitor)).toEqual({
      path: '/login',
      query: { next: '/workbench/orders?page=2' },
    })
  })
  it('lets the named role in, with the named right', () => {
    const meta = { roles: ['enterprise' as const], permission: 'order.buy' }
    expect(detour({ ...page, meta }, buyer)).toBeUndefined()
    expect(detour({ ...page, meta: { roles: ['operator'] } }, buyer)?.path).toBe('/forbidden')
    expect(detour({ ...page, meta: { permission: 'fund.manage' } }, buyer)?.path).toBe('/forbidden')
  })
  it('lets an expired password be changed and nothing else', () => {
    const expired = { ...buyer, mustChange: true }
    expect(detour({ ...page, meta: {} }, expired)?.path).toBe('/password')
    const change = { path: '/password', fullPath: '/password', meta: {} }
    expect(detour(change, expired)).toBeUndefined()
  })
})

// T-SESS-08: an address handed to the login page leads nowhere else.
describe('where sign-in leads', () => {
  it('stays on this site', () => {
    expect(safeNext('/workbench?x=1')).toBe('/workbench?x=1')
    for (const bad of [
      '//evil.example',
      '/\\evil.example',
      '\\evil.example',
      '/\t/evil.example',
      '/\n/evil.example',
      '\t//evil.example',
      'https://evil.example',
      'javascript:alert(1)',
      'data:text/html,x',
      'evil.example',
      '',
      undefined,
      ['/a'],
    ])
      expect(safeNext(bad)).toBe('/')
  })
})
