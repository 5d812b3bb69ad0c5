import { afterEach, expect, test } from 'vitest'
import { drop, keep, recall } from './keptDraft'
import type { Content } from './useDraft'

const content = { name: '排产' } as Content
afterEach(() => localStorage.clear())

test('what could not be saved comes back for the same version only', () => {
  keep('7', { version: 3, content })
  expect(recall('7', 3)).toEqual(content)
  expect(recall('8', 3)).toBeUndefined()
  expect(recall('7', 4)).toBeUndefined()
  expect(recall('7', 3)).toBeUndefined() // typed into a version that was saved over elsewhere
})

test('what is saved or unreadable is gone', () => {
  keep('7', { version: 3, content })
  drop('7')
  expect(recall('7', 3)).toBeUndefined()
  localStorage.setItem('draft:offering:7', '{broken')
  expect(recall('7', 3)).toBeUndefined()
  expect(localStorage.length).toBe(0)
})
