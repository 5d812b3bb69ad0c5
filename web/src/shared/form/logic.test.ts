import { describe, expect, it } from 'vitest'
import { checkText, extensionsOf } from './check'
import type { FormDefinition, FormField } from './definition'
import {
  answered,
  atRoot,
  isRequired,
  isVisible,
  labelOf,
  percentOf,
  plainText,
  progressOf,
  repeatLabel,
  sectionOf,
  withoutUploads,
} from './logic'

const field = (f: Partial<FormField> & { key: string }): FormField => ({
  label: f.key,
  type: 'text',
  ...f,
})

const def: FormDefinition = {
  version: '1',
  kind: 'enterprise',
  year: 2026,
  sections: [
    {
      key: 'background',
      label: '企业背景',
      count: 5,
      fields: [
        field({ key: 'name', label: '企业名称', required: true }),
        field({ key: 'license', type: 'image', required: true }),
        field({ key: 'listed', type: 'select' }),
        field({
          key: 'market',
          required: true,
          visibleWhen: { field: 'listed', is: 'yes' },
        }),
        field({
          key: 'industries',
          label: '所属行业',
          type: 'cascade',
          repeat: { min: 1, max: 3, label: '所属行业{n}' },
        }),
      ],
    },
    {
      key: 'assets',
      label: '固定资产',
      count: 5,
      fields: [
        field({ key: 'qualifications', type: 'multiselect' }),
        field({
          key: 'proofs',
          type: 'file',
          requiredWhen: { field: 'qualifications', filled: true },
        }),
        field({ key: 'debts', type: 'money', unit: '万元' }),
        field({ key: 'total', type: 'money', unit: '万元' }),
        field({
          key: 'ratio',
          type: 'percent',
          unit: '%',
          computed: { percentOf: ['debts', 'total'] },
        }),
        field({
          key: 'equipment',
          label: '主要设备',
          type: 'group',
          repeat: { min: 0, max: 20 },
          fields: [field({ key: 'qty', label: '数量', type: 'integer' })],
        }),
        field({ key: 'place', label: '注册所在地', type: 'region', detailAddress: true }),
      ],
    },
  ],
}
const of = (key: string) => def.sections.flatMap((s) => s.fields).find((f) => f.key === key)!

describe('what counts as an answer', () => {
  it.each([
    [undefined, false],
    ['  ', false],
    [[], false],
    [['', ''], false],
    [[{}, { a: '' }], false],
    [0, true],
    [false, true],
    [['', 'x'], true],
    [{ a: 1 }, true],
  ])('%j: %s', (value, want) => expect(answered(value)).toBe(want))
})

describe('conditions', () => {
  it('shows a field only for the answer it waits for', () => {
    expect(isVisible(of('market'), {})).toBe(false)
    expect(isVisible(of('market'), { listed: 'no' })).toBe(false)
    expect(isVisible(of('market'), { listed: 'yes' })).toBe(true)
    const not = field({ key: 'x', visibleWhen: { field: 'listed', not: 'no' } })
    expect([{}, { listed: 'no' }, { listed: 'yes' }].map((v) => isVisible(not, v))).toEqual([
      false,
      false,
      true,
    ])
  })
  it('asks for proofs only of what is claimed', () => {
    expect(isRequired(of('proofs'), {})).toBe(false)
    expect(isRequired(of('proofs'), { qualifications: ['cmmi'] })).toBe(true)
  })
})

it('counts what is shown and filled', () => {
  expect(progressOf(def.sections[0]!, { name: '厦门' })).toEqual({
    required: 2,
    requiredDone: 1,
    asked: 4,
    done: 1,
  })
  expect(progressOf(def.sections[0]!, { name: '厦门', listed: 'yes', industries: ['34'] })).toEqual(
    { required: 3, requiredDone: 1, asked: 5, done: 3 },
  )
  expect(progressOf(def.sections[1]!, { debts: 0, ratio: '1' }).done).toBe(1)
})

it('finds the section and the words of a pointer', () => {
  expect(sectionOf(def, '/industries/1')?.key).toBe('background')
  expect(sectionOf(def, '/place_detail')?.key).toBe('assets')
  expect(labelOf(def, '/industries/1')).toBe('所属行业2')
  expect(labelOf(def, '/equipment/0/qty')).toBe('主要设备 1 数量')
  expect(labelOf(def, '/place_detail')).toBe('注册所在地详细地址')
  expect(labelOf(def, '/name')).toBe('企业名称')
  expect(labelOf(def, '/nowhere')).toBe('')
  expect(repeatLabel(of('industries'), 0)).toBe('所属行业1')
})

it('reads pointers into the request from the root of the form', () =>
  expect(atRoot([{ pointer: '/values/name', code: 'c', detail: 'd' }])[0]!.pointer).toBe('/name'))

it('computes shares as the server does', () => {
  expect(percentOf(def, of('ratio'), { debts: 1, total: 3 })).toBe('33.33')
  expect(percentOf(def, of('ratio'), { debts: 1 })).toBe('')
  expect(percentOf(def, of('ratio'), { debts: 1, total: 0 })).toBe('')
})

it('leaves pictures and papers out of the browser’s storage', () =>
  expect(withoutUploads(def, { name: 'a', license: '1', proofs: ['2'] })).toEqual({ name: 'a' }))

it('prints answers with their unit', () => {
  expect(plainText(of('debts'), 1_234_500_000)).toBe('1,234.5 万元')
  expect(plainText(of('ratio'), '33.33')).toBe('33.33%')
})

it('checks single texts at once', () => {
  expect(checkText(field({ key: 'm', type: 'phone', pattern: '^1\\d{10}$' }), '138')).not.toBe('')
  expect(
    checkText(field({ key: 'm', type: 'phone', pattern: '^1\\d{10}$' }), '138 0000 1234'),
  ).toBe('')
  expect(checkText(field({ key: 'u', type: 'uscc' }), '91990100I23456788H')).not.toBe('')
  expect(checkText(field({ key: 'e', type: 'email' }), 'a@b')).not.toBe('')
  expect(checkText(field({ key: 'n', minLength: 2 }), '')).toBe('')
  expect(extensionsOf(['image/jpeg', 'image/png'])).toEqual(['jpeg', 'jpg', 'png'])
})
