import { valueAt } from './pointer'
import type { FormField, PublishForm } from './usePublishTypes'
import type { Content } from './useDraft'

/** How many of the required fields of a part are filled in. */
export interface Progress {
  filled: number
  of: number
}
export type Section = 'basics' | 'cases' | 'contact' | 'page' | 'plans'

/** Whether something stands in a field; the server says whether it is right. */
function filled(content: Content, f: FormField, base = ''): boolean {
  const v = valueAt(content, base + f.at)
  if (f.type === 'file') return !!v && v !== '0'
  if (f.type === 'rich')
    return !!String(v ?? '')
      .replace(/<[^>]*>|&nbsp;/g, '')
      .trim()
  if (Array.isArray(v)) return v.some((x) => String(x).trim())
  return typeof v === 'string' ? !!v.trim() : v !== undefined && v !== null && v !== false
}

function count(content: Content, fields: readonly FormField[], base = ''): Progress {
  const asked = fields.filter((f) => f.required && (!f.when || !!valueAt(content, f.when)))
  return { filled: asked.filter((f) => filled(content, f, base)).length, of: asked.length }
}
const sum = (...parts: Progress[]): Progress => ({
  filled: parts.reduce((n, p) => n + p.filled, 0),
  of: parts.reduce((n, p) => n + p.of, 0),
})

/** A case: its facts, or what of it stands on the introduction page. */
export const caseProgress = (content: Content, form: PublishForm, n: number, page: boolean) =>
  count(
    content,
    form.cases.fields.filter((f) => !!f.page === page),
    `/cases/${n}`,
  )

/** Of each part of the form. */
export function progressOf(content: Content, form: PublishForm): Record<Section, Progress> {
  const cases = (page: boolean) =>
    sum(...Array.from({ length: form.cases.min }, (_, n) => caseProgress(content, form, n, page)))
  const { contact, plans } = content
  const ways = { filled: contact.byPhone || contact.byMail ? 1 : 0, of: 1 } // 联系方式
  return {
    basics: count(content, form.basics),
    cases: cases(false),
    contact: sum(count(content, form.contact), ways),
    page: sum(count(content, form.page), cases(true)),
    plans: { filled: plans.some((p) => p.name && p.prices.length) ? 1 : 0, of: 1 },
  }
}

export const whole = (p: Progress) => p.filled === p.of
