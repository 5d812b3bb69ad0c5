import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { checkText, normal, texts } from './check'
import type { FormField } from './definition'
import { merged } from './logic'

const field = (f: Partial<FormField>): FormField => ({ key: 'x', label: 'x', type: 'text', ...f })
const uscc = field({ type: 'uscc' })
const mobile = field({ type: 'phone', pattern: '^1\\d{10}$' })

it('speaks with the words of the server', () => {
  const file = readFileSync('../internal/httpapi/messages.zh.yaml', 'utf8')
  for (const [code, text] of Object.entries(texts)) expect(file).toContain(`\n${code}: ${text}\n`)
})

it.each([
  [uscc, '91990100972281863J', ''],
  [uscc, '91990100972281863j', ''],
  [uscc, '９１９９０１００９７２２８１８６３Ｊ', ''],
  [uscc, ' 9199 0100 9722 8186 3J', ''],
  [uscc, '919901009722818630', 'form.uscc_check'],
  [uscc, '91990100972281863I', 'form.uscc'],
  [uscc, '9199010097228186', 'form.uscc'],
  [mobile, '+86 138 0000 1234', ''],
  [mobile, '２３８００００１２３４', 'form.mobile'],
  [field({ type: 'phone', pattern: '^(0\\d{2,3}-?)?\\d{7,8}$' }), '123', 'form.phone'],
  [field({ type: 'email' }), 'a@b', 'form.email'],
  [field({ pattern: '^\\d{6}$' }), '36100', 'form.pattern'],
  [field({ pattern: '^\\d{6}$' }), '', ''],
] as const)('judges %o %s', (f, value, code) => {
  expect(checkText(f, value)).toBe(code ? texts[code] : '')
})

it('writes an answer the one way it is stored', () => {
  expect(normal(uscc, ' 91990100972281863j ')).toBe('91990100972281863J')
  expect(normal(mobile, '+86 138 0000 1234')).toBe('13800001234')
  expect(normal(field({ type: 'email' }), ' A@B.cn ')).toBe('a@b.cn')
})

it('puts the answers of two pages together and names what both changed', () => {
  const base = { name: '甲', phone: '1', mail: 'a', gone: 'x' }
  const mine = { name: '乙', phone: '1', mail: 'b', post: '3' }
  const theirs = { name: '丙', phone: '2', mail: 'a', gone: 'x' }
  expect(merged(base, mine, theirs)).toEqual({
    values: { name: '乙', phone: '2', mail: 'b', post: '3' },
    keys: ['name'],
  })
})
