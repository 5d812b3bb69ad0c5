import type { Question } from './answers'

export type QuestionType = Question['type']

export const typeNames = {
  single: '单选',
  multiple: '多选',
  text: '单行文字',
  textarea: '多行文字',
  number: '数字',
  date: '日期',
  region: '省市',
  phone: '手机号',
  rating: '评分',
  file: '上传文件',
} as const satisfies Record<QuestionType, string>

/** A key that no question has yet; answers are kept by key, so it never changes later. */
export function freshKey(questions: readonly Question[]): string {
  const taken = new Set(questions.map((q) => q.key))
  let n = questions.length + 1
  while (taken.has(`q${n}`)) n++
  return `q${n}`
}

/** A value for a new option that none of the question's options has. */
export function freshOption(q: Pick<Question, 'options'>): { value: string; label: string } {
  const taken = new Set((q.options ?? []).map((o) => o.value))
  let n = taken.size + 1
  while (taken.has(`o${n}`)) n++
  return { value: `o${n}`, label: '' }
}

export function newQuestion(type: QuestionType, questions: readonly Question[]): Question {
  const q: Question = { key: freshKey(questions), type, title: '', required: false }
  const section = questions.at(-1)?.section
  if (section) q.section = section
  if (type === 'single' || type === 'multiple')
    q.options = [
      { value: 'o1', label: '' },
      { value: 'o2', label: '' },
    ]
  if (type === 'rating') q.max = 5
  if (type === 'textarea') q.maxLength = 500
  if (type === 'text') q.maxLength = 100
  return q
}

/** The questions with one moved a place up or down. */
export function moved<T>(list: readonly T[], at: number, by: -1 | 1): T[] {
  const out = [...list]
  const to = at + by
  if (to < 0 || to >= out.length) return out
  ;[out[at], out[to]] = [out[to]!, out[at]!]
  return out
}

/** The questions that every survey of companies begins with, as the guide prints them. */
export function firstThree(): Question[] {
  return [
    {
      key: 'company_name',
      type: 'text',
      title: '企业名称',
      required: true,
      maxLength: 100,
      prefill: 'company_name',
    },
    { key: 'city', type: 'region', title: '所在市', required: true, prefill: 'city' },
    {
      key: 'nature',
      type: 'single',
      title: '企业类型',
      required: true,
      options: [
        { value: 'private', label: '私营企业' },
        { value: 'foreign', label: '外资企业' },
        { value: 'collective', label: '集体所有制企业' },
        { value: 'state', label: '国有企业' },
        { value: 'joint_stock', label: '股份制企业' },
        { value: 'hmt', label: '港、澳、台企业' },
        { value: 'joint_venture', label: '合资企业' },
      ],
    },
  ]
}
