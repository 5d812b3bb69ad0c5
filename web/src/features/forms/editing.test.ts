import { expect, it } from 'vitest'
import { freshName, move, newField, takenKeys, tidySections, type Section } from './editing'

const sections: Section[] = [
  { key: 'a', label: '甲', count: 1, fields: [{ key: 'x1', label: '一', type: 'text' }] },
  { key: 'b', label: '乙', count: 0, fields: [] },
]

it('never gives a key that was taken, by a retired field either', () => {
  const retired = [{ ...sections[0]!, fields: [{ ...sections[0]!.fields![0]!, retired: true }] }]
  expect(freshName(takenKeys(retired), 'x')).toBe('x2')
})

it('begins a choice with two options to word, and a number at zero', () => {
  expect(newField('select', 'k').extra).toHaveLength(2)
  expect(newField('money', 'k')).toMatchObject({ unit: '万元', min: '0' })
})

it('sends no empty texts, but a label even when it is empty, for the server to refuse', () => {
  const f = { ...newField('text', 'k'), help: '', required: false }
  const [s] = tidySections([{ key: 'a', label: '甲', count: 0, fields: [f] }])
  expect(s!.fields![0]).toEqual({ key: 'k', label: '', type: 'text', maxLength: 100 })
})

it('moves within the list only', () => {
  const list = [1, 2, 3]
  move(list, 0, -1)
  expect(list).toEqual([1, 2, 3])
  move(list, 0, 1)
  expect(list).toEqual([2, 1, 3])
})
