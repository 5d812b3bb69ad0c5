import type { FormField } from './definition'

const words: Record<string, string[]> = {
  'image/jpeg': ['jpeg', 'jpg'],
  'image/png': ['png'],
  'application/pdf': ['pdf'],
}

/** The file extensions of media types. */
export function extensionsOf(accept: readonly string[] = []): string[] {
  return accept.flatMap((type) => words[type] ?? [])
}

const usccShape = /^[0-9A-HJ-NPQRTUWXY]{18}$/

/**
 * What can be said of a text at once, when the field is left; the server asks
 * everything again. '' when nothing is wrong or nothing is there.
 */
export function checkText(f: FormField, value: string): string {
  const text = value.trim()
  if (!text) return ''
  if (f.minLength && [...text].length < f.minLength) return `至少 ${f.minLength} 个字。`
  if (f.type === 'email' && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text))
    return '邮箱格式不正确，例如 name@example.com。'
  if (f.type === 'uscc' && !usccShape.test(text))
    return '统一社会信用代码为 18 位数字或大写字母（不含 I、O、S、V、Z）。'
  if (f.pattern && !new RegExp(f.pattern).test(text.replace(/\s/g, '')))
    return f.type === 'phone' ? '号码格式不正确，请检查。' : '格式不正确，请检查。'
  return ''
}
