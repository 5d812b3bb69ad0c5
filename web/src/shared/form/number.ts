/** Fen in one of the unit that a page shows. */
function fenIn(unit: string | undefined): bigint {
  if (unit === '亿元') return 10_000_000_000n
  if (unit === '万元') return 1_000_000n
  return 100n
}

/** Full-width digits, signs and grouping commas as people paste them. */
export function tidy(text: string): string {
  return text
    .replace(/[０-９．－]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0))
    .replace(/[,，\s]/g, '')
}

/** 12345600 fen in 万元 → "12.3456". */
export function fenText(fen: number, unit: string | undefined, grouped = false): string {
  const step = fenIn(unit)
  const abs = BigInt(Math.abs(fen))
  const whole = abs / step
  const fraction = String(abs % step)
    .padStart(String(step).length - 1, '0')
    .replace(/0+$/, '')
  const digits = grouped ? whole.toLocaleString('zh-CN') : String(whole)
  return `${fen < 0 ? '-' : ''}${digits}${fraction ? '.' + fraction : ''}`
}

export type Parsed<T> = { value: T | undefined; problem?: string }

const shape = /^(-?)(\d+)(?:\.(\d*))?$/

/** What was typed in a unit → fen, exactly. Blank is no value and no problem. */
export function parseFen(text: string, unit: string | undefined, decimals = 2): Parsed<number> {
  const t = tidy(text)
  if (t === '') return { value: undefined }
  const m = shape.exec(t)
  if (!m) return { value: undefined, problem: '请输入数字。' }
  const fraction = (m[3] ?? '').replace(/0+$/, '')
  if (fraction.length > decimals)
    return { value: undefined, problem: decimals ? `最多 ${decimals} 位小数。` : '请输入整数。' }
  const step = fenIn(unit)
  const places = String(step).length - 1
  const fen = BigInt(m[2]!) * step + BigInt(fraction.padEnd(places, '0').slice(0, places))
  const value = Number(m[1] ? -fen : fen)
  if (!Number.isSafeInteger(value)) return { value: undefined, problem: '数字太大。' }
  return { value }
}

/** Whole numbers. */
export function parseWhole(text: string): Parsed<number> {
  const t = tidy(text)
  if (t === '') return { value: undefined }
  if (!/^-?\d+$/.test(t)) return { value: undefined, problem: '请输入整数。' }
  const value = Number(t)
  if (!Number.isSafeInteger(value)) return { value: undefined, problem: '数字太大。' }
  return { value }
}

/** Decimal numbers travel as text, so that nothing is lost. */
export function parseDecimal(text: string, decimals = 2): Parsed<string> {
  const t = tidy(text).replace(/%$/, '')
  if (t === '') return { value: undefined }
  const m = shape.exec(t)
  if (!m) return { value: undefined, problem: '请输入数字。' }
  if ((m[3] ?? '').length > decimals)
    return { value: undefined, problem: decimals ? `最多 ${decimals} 位小数。` : '请输入整数。' }
  return { value: t.endsWith('.') ? t.slice(0, -1) : t }
}

/** Says when a number in the unit shown leaves its bounds. */
export function outOfRange(n: number, min?: string, max?: string): string | undefined {
  if (min !== undefined && n < Number(min)) return `不能小于 ${min}。`
  if (max !== undefined && n > Number(max)) return `不能大于 ${max}。`
  return undefined
}
