import { expect, test } from 'vitest'
import { router } from './router'

const pages = router.getRoutes().filter((r) => !r.redirect && !r.children.length)

test('every page has a title', () => {
  expect(pages.filter((r) => !r.meta.title).map((r) => r.path)).toEqual([])
})

// The server matches addresses segment by segment (internal/httpapi/site.go).
test('addresses are made of fixed and variable segments only', () => {
  const paths = pages.filter((r) => r.name !== 'not-found').map((r) => r.path)
  expect(paths.filter((path) => /[*+?]/.test(path.replace(/\([^)]*\)/g, '')))).toEqual([])
})
