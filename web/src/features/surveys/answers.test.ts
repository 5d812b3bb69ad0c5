import { beforeEach, expect, test } from 'vitest'
import { dropDraft, loadDraft, missing, saveDraft, tick, toSend, type Question } from './answers'

const questions = [
  { key: 'name', type: 'text', title: '企业名称', required: true },
  { key: 'city', type: 'region', title: '所在市', required: true },
  { key: 'systems', type: 'multiple', title: '系统', exclusive: 'none' },
] as Question[]

beforeEach(() => localStorage.clear())

test('an option that excludes the others stands alone', () => {
  const q = questions[2]!
  expect(tick(q, ['erp'], ['erp', 'none'])).toEqual(['none'])
  expect(tick(q, ['none'], ['none', 'erp'])).toEqual(['erp'])
  expect(tick(q, ['erp'], ['erp', 'mes'])).toEqual(['erp', 'mes'])
  expect(tick(q, [], ['none'])).toEqual(['none'])
})

test('only what is filled in is sent', () => {
  expect(toSend(questions, { name: '甲厂', systems: [], old: 'x', city: undefined })).toEqual({
    name: '甲厂',
  })
})

test('open required questions are named with their number', () => {
  expect(missing(questions, { name: '' }).map((m) => m.label)).toEqual(['1. 企业名称', '2. 所在市'])
  expect(missing(questions, { name: 'a', city: { code: '330200', name: '宁波市' } })).toEqual([])
})

test('a draft survives a reload, and is gone after submitting', () => {
  const first = loadDraft('t', () => 'k1', localStorage)
  expect(first).toEqual({ key: 'k1', answers: {} })
  saveDraft('t', { key: 'k1', answers: { name: '甲厂' } }, localStorage)
  expect(loadDraft('t', () => 'k2', localStorage)).toEqual({ key: 'k1', answers: { name: '甲厂' } })
  dropDraft('t', localStorage)
  expect(loadDraft('t', () => 'k3', localStorage).key).toBe('k3')
})

test('a broken draft is left behind', () => {
  localStorage.setItem('draft:survey:t', '{"key":1}')
  expect(loadDraft('t', () => 'k', localStorage)).toEqual({ key: 'k', answers: {} })
})
