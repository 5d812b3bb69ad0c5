import { expect, test } from 'vitest'
import { firstThree, freshKey, freshOption, moved, newQuestion } from './builder'

test('keys and option values are never given twice', () => {
  const list = firstThree()
  expect(freshKey(list)).toBe('q4')
  list.push({ ...newQuestion('text', list), key: 'q5' })
  expect(freshKey(list)).toBe('q6')
  expect(freshOption({ options: [{ value: 'o2', label: 'a' }] }).value).toBe('o3')
})

test('a new question has what its type needs', () => {
  expect(newQuestion('single', []).options).toHaveLength(2)
  expect(newQuestion('rating', []).max).toBe(5)
  expect(newQuestion('text', [{ ...firstThree()[0]!, section: '企业情况' }]).section).toBe(
    '企业情况',
  )
})

test('questions move one place and stop at the ends', () => {
  expect(moved(['a', 'b', 'c'], 1, -1)).toEqual(['b', 'a', 'c'])
  expect(moved(['a', 'b'], 1, 1)).toEqual(['a', 'b'])
  expect(moved(['a', 'b'], 0, -1)).toEqual(['a', 'b'])
})

test('the guide’s first three questions stand in its order', () => {
  expect(firstThree().map((q) => q.title)).toEqual(['企业名称', '所在市', '企业类型'])
  expect(firstThree()[2]!.options).toHaveLength(7)
})
