import { expect, test } from 'vitest'

test('an answer that came with the page is used once', async () => {
  document.body.innerHTML =
    '<script type="application/json" id="first-answers">{"/offerings?page=1\u0026q=%E6%8E%92":{"total":3}}</script>'
  const { firstAnswer } = await import('./first')
  expect(firstAnswer('POST', '/offerings?q=排&page=1')).toBeUndefined()
  expect(firstAnswer('GET', '/offerings?page=2&q=%E6%8E%92')).toBeUndefined()
  expect(firstAnswer('GET', '/offerings?q=%E6%8E%92&page=1')).toEqual({ total: 3 })
  expect(firstAnswer('GET', '/offerings?q=%E6%8E%92&page=1')).toBeUndefined()
})
