import type { Schemas } from '@/api/client'
import type { FieldType } from '@/shared/form/definition'

export type Kind = 'enterprise' | 'provider'
export type View = Schemas['FormVersionView']
export type Section = Schemas['Section']
export type Field = Schemas['Field']

export const kindNames = {
  enterprise: '企业用户表单',
  provider: '服务商表单',
} as const satisfies Record<Kind, string>

export const typeNames = {
  text: '单行文字',
  textarea: '多行文字',
  integer: '整数',
  decimal: '小数',
  money: '金额',
  percent: '百分比',
  date: '日期',
  month: '年月',
  select: '单选',
  multiselect: '多选',
  cascade: '行业分类',
  region: '省市县',
  phone: '电话',
  email: '邮箱',
  uscc: '统一社会信用代码',
  image: '图片',
  file: '附件',
  group: '一组内容',
} as const satisfies Record<FieldType, string>

/** What a part of a group can be. */
export const partTypes = [
  'text',
  'textarea',
  'integer',
  'decimal',
  'money',
  'percent',
  'date',
  'month',
  'region',
  'phone',
  'email',
  'uscc',
] as const satisfies readonly FieldType[]

export const isNumber = (t: FieldType) => ['integer', 'decimal', 'money', 'percent'].includes(t)
export const isText = (t: FieldType) => t === 'text' || t === 'textarea'
export const isDate = (t: FieldType) => t === 'date' || t === 'month'
export const isChoice = (t: FieldType) => t === 'select' || t === 'multiselect'

/** A name with the given beginning that is not taken. */
export function freshName(taken: ReadonlySet<string>, stem: string): string {
  let n = 1
  while (taken.has(`${stem}${n}`)) n++
  return `${stem}${n}`
}

/** Answers are kept by key, so that a key is never taken twice. */
export function takenKeys(sections: readonly Section[]): Set<string> {
  return new Set(sections.flatMap((s) => (s.fields ?? []).map((f) => f.key)))
}

/** A field as it begins; the server fills in the rest. */
export function newField(type: FieldType, key: string): Field {
  const f: Field = { key, label: '', type }
  if (type === 'text') f.maxLength = 100
  if (type === 'textarea') f.maxLength = 500
  if (isNumber(type)) f.min = '0'
  if (type === 'money') Object.assign(f, { unit: '万元', decimals: 2 })
  if (type === 'percent') Object.assign(f, { unit: '%', decimals: 2, max: '100' })
  if (type === 'decimal') f.decimals = 2
  if (isChoice(type))
    f.extra = [
      { value: 'o1', label: '' },
      { value: 'o2', label: '' },
    ]
  if (type === 'group') Object.assign(f, { repeat: { min: 0, max: 5 }, fields: [] })
  return f
}

/** What travels: empty texts and zeros that the server leaves out too. */
export function tidySections(sections: readonly Section[]): Section[] {
  const tidy = (f: Field): Field => {
    const out = Object.fromEntries(
      Object.entries(f).filter(([, v]) => v !== '' && v !== undefined && v !== null && v !== false),
    ) as Field
    out.label = f.label
    if (f.fields) out.fields = f.fields.map(tidy)
    return out
  }
  return sections.map((s) => ({ ...s, fields: (s.fields ?? []).map(tidy) }))
}

export function move<T>(list: T[], at: number, by: -1 | 1): void {
  const to = at + by
  if (to < 0 || to >= list.length) return
  const [one] = list.splice(at, 1)
  if (one !== undefined) list.splice(to, 0, one)
}
