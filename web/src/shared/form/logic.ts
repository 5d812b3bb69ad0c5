import type {
  Condition,
  FieldError,
  FormDefinition,
  FormField,
  FormSection,
  Values,
} from './definition'
import { fenText } from './number'

export const detailSuffix = '_detail'
export const asPrintedSuffix = '_as_printed'

/** Whether there is an answer: blanks, empty lists and groups of nothing are none. */
export function answered(value: unknown): boolean {
  if (value === undefined || value === null) return false
  if (typeof value === 'string') return value.trim() !== ''
  if (Array.isArray(value)) return value.some(answered)
  if (typeof value === 'object') return Object.values(value).some(answered)
  return true
}

function holds(when: Condition | undefined, values: Values): boolean {
  if (!when) return true
  const v = values[when.field]
  if (when.filled) return answered(v)
  if (when.is) return v === when.is
  return answered(v) && v !== when.not
}

export const isVisible = (f: FormField, values: Values): boolean => holds(f.visibleWhen, values)

export const isRequired = (f: FormField, values: Values): boolean =>
  !f.computed &&
  (f.required === true || (f.requiredWhen !== undefined && holds(f.requiredWhen, values)))

export interface Progress {
  required: number
  requiredDone: number
  asked: number
  done: number
}

/** How far a section is: only fields that are shown and that people fill. */
export function progressOf(section: FormSection, values: Values): Progress {
  const p: Progress = { required: 0, requiredDone: 0, asked: 0, done: 0 }
  for (const f of section.fields) {
    if (f.computed || !isVisible(f, values)) continue
    const has = answered(values[f.key])
    p.asked++
    if (has) p.done++
    if (!isRequired(f, values)) continue
    p.required++
    if (has) p.requiredDone++
  }
  return p
}

/** 所属行业2, 核心产品名称1, 主要设备 3 */
export function repeatLabel(f: FormField, index: number): string {
  return f.repeat?.label?.replace('{n}', String(index + 1)) ?? `${f.label} ${index + 1}`
}

/** Pointers of a refusal point into the request; the form knows them from its own root. */
export function atRoot(errors: readonly FieldError[]): FieldError[] {
  return errors.map((e) => ({ ...e, pointer: e.pointer.replace(/^\/values(?=\/)/, '') }))
}

const stem = (key: string) =>
  key.endsWith(detailSuffix) ? key.slice(0, -detailSuffix.length) : key

/** The section that holds the field of a pointer. */
export function sectionOf(def: FormDefinition, pointer: string): FormSection | undefined {
  const key = pointer.split('/')[1] ?? ''
  return def.sections.find((s) => s.fields.some((f) => f.key === key || f.key === stem(key)))
}

/** The words for a pointer: 典型客户 1 合同金额. */
export function labelOf(def: FormDefinition, pointer: string): string {
  const [, key = '', ...rest] = pointer.split('/')
  let fields = sectionOf(def, pointer)?.fields ?? []
  let f = fields.find((x) => x.key === key) ?? fields.find((x) => x.key === stem(key))
  if (!f) return ''
  if (f.key !== key) return `${f.label}详细地址`
  const words: string[] = []
  let label = f.label
  for (const part of rest) {
    if (f.repeat && /^\d+$/.test(part)) {
      label = repeatLabel(f, Number(part))
      continue
    }
    fields = f.fields ?? []
    const next: FormField | undefined = fields.find((x) => x.key === part)
    if (!next) break
    words.push(label)
    f = next
    label = f.label
  }
  return [...words, label].join(' ')
}

/** A computed percentage as the server will print it; '' while a part is missing. */
export function percentOf(def: FormDefinition, f: FormField, values: Values): string {
  const numbers = f.computed?.percentOf?.map((key) => {
    const v = values[key]
    return answered(v) ? Number(v) : NaN
  })
  const [part, whole] = numbers ?? []
  if (part === undefined || !whole || Number.isNaN(part) || Number.isNaN(whole)) return ''
  return ((part / whole) * 100).toFixed(2)
}

/** The answers without the pictures and papers: what may lie in the browser's storage. */
export function withoutUploads(def: FormDefinition, values: Values): Values {
  const out = { ...values }
  for (const s of def.sections)
    for (const f of s.fields) if (f.type === 'image' || f.type === 'file') delete out[f.key]
  return out
}

export const uploadKeys = (def: FormDefinition): string[] =>
  def.sections.flatMap((s) =>
    s.fields.filter((f) => f.type === 'image' || f.type === 'file').map((f) => f.key),
  )

/** A plain answer as people read it; codes are looked up by the caller. */
export function plainText(f: FormField, value: unknown): string {
  if (!answered(value)) return ''
  if (f.type === 'money') return `${fenText(value as number, f.unit, true)} ${f.unit ?? '元'}`
  const text = String(value)
  if (!f.unit) return text
  return f.unit === '%' ? `${text}%` : `${text} ${f.unit}`
}

const same = (a: unknown, b: unknown) =>
  JSON.stringify(a ?? null) === JSON.stringify(b ?? null) || (!answered(a) && !answered(b))

/**
 * Two pages went on from the same answers. What only one of them changed is taken
 * from that one; keys are those that both changed, where mine stands for now.
 */
export function merged(
  base: Values,
  mine: Values,
  theirs: Values,
): { values: Values; keys: string[] } {
  const values: Values = {}
  const keys: string[] = []
  for (const key of new Set([...Object.keys(mine), ...Object.keys(theirs), ...Object.keys(base)])) {
    const untouched = same(mine[key], base[key])
    const value = untouched ? theirs[key] : mine[key]
    if (answered(value) || value === false) values[key] = value
    if (!untouched && !same(theirs[key], base[key]) && !same(mine[key], theirs[key])) keys.push(key)
  }
  return { values, keys }
}
