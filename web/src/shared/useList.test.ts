import { describe, expect, it } from 'vitest'
import { readFilters, writeFilters } from './useList'

describe('list state in the address', () => {
  const defaults = { status: '', q: '', sort: 'newest' }
  it('reads what it knows and leaves the rest', () => {
    expect(readFilters(defaults, { status: 'pending', other: 'x', q: null })).toEqual({
      status: 'pending',
      q: '',
      sort: 'newest',
    })
  })
  it('writes only what differs from the default', () => {
    expect(writeFilters(defaults, { status: 'pending', q: '', sort: 'newest' })).toEqual({
      status: 'pending',
    })
  })
})
