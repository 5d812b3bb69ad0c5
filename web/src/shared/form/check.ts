import type { FormField } from './definition'
import { tidy } from './number'

const words: Record<string, string[]> = {
  'image/jpeg': ['jpeg', 'jpg'],
  'image/png': ['png'],
  'application/pdf': ['pdf'],
}

/** The file extensions of media types. */
export function extensionsOf(accept: readonly string[] = []): string[] {
  return accept.flatMap((type) => words[type] ?? [])
}

/** The server's own words (internal/httpapi/messages.zh.yaml); a test holds both together. */
export const texts = {
  'field.too_short': '至少 {min} 个字符。',
  'form.mobile': '请填写以 1 开头的 11 位手机号码。',
  'form.phone': '请填写手机号码，或带区号的固定电话，如 0592-1234567。',
  'form.email': '邮箱格式不正确。',
  'form.pattern': '格式不正确。',
  'form.uscc': '统一社会信用代码为 18 位数字或大写字母，不使用 I、O、S、V、Z。',
  'form.uscc_check': '统一社会信用代码校验不通过，请核对是否有误填。',
}

/** An answer the one way it is stored: what people paste is tidied. */
export function normal(f: FormField, value: string): string {
  if (f.type === 'uscc') return halfWidth(value).replace(/\s/g, '').toUpperCase()
  if (f.type === 'phone')
    return halfWidth(value)
      .replace(/\s/g, '')
      .replace(/^(\+86-?|0086)(?=1)/, '')
  if (f.type === 'email') return halfWidth(value).trim().toLowerCase()
  return value.trim()
}

const halfWidth = (s: string) =>
  s
    .replace(/[！-～]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0))
    .replaceAll('\u3000', ' ')

const alphabet = '0123456789ABCDEFGHJKLMNPQRTUWXY'
const usccShape = /^[0-9A-HJ-NPQRTUWXY]{2}\d{6}[0-9A-HJ-NPQRTUWXY]{10}$/

/** The check character of GB 32100-2015. */
function usccChecks(code: string): boolean {
  let sum = 0
  let weight = 1
  for (const c of code.slice(0, 17)) {
    sum += alphabet.indexOf(c) * weight
    weight = (weight * 3) % 31
  }
  return alphabet[(31 - (sum % 31)) % 31] === code[17]
}

const mobile = '^1\\d{10}$'

/**
 * What can be said of a text at once, when the field is left; the server asks
 * everything again. '' when nothing is wrong or nothing is there.
 */
export function checkText(f: FormField, value: string): string {
  const text = normal(f, value)
  if (!text) return ''
  if (f.minLength && [...text].length < f.minLength)
    return texts['field.too_short'].replace('{min}', String(f.minLength))
  if (f.type === 'email' && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text)) return texts['form.email']
  if (f.type === 'uscc') {
    if (!usccShape.test(text)) return texts['form.uscc']
    if (!usccChecks(text)) return texts['form.uscc_check']
  }
  if (f.pattern && !new RegExp(f.pattern).test(text)) {
    if (f.pattern === mobile) return texts['form.mobile']
    return f.type === 'phone' ? texts['form.phone'] : texts['form.pattern']
  }
  return ''
}

/** While somebody types: only what nobody can mean. */
export const typed = (f: FormField, value: string): string =>
  f.type === 'uscc' ? tidy(value).toUpperCase() : value
