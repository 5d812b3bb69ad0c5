/** Fen is one hundredth of a yuan; a brand, so that a bare number cannot be passed for it. */
export type Fen = number & { readonly __brand: 'fen' }

export const fen = (n: number): Fen => n as Fen

/** ¥234.00, with thousands parted; nothing for a missing amount. */
export function formatFen(amount: number | null | undefined): string {
  if (amount === null || amount === undefined) return '---'
  const sign = amount < 0 ? '-' : ''
  const abs = Math.abs(amount)
  const yuan = Math.floor(abs / 100).toLocaleString('zh-CN')
  return `${sign}¥${yuan}.${String(abs % 100).padStart(2, '0')}`
}

/** Large sums as people say them: 1,200 万元. */
export function formatWan(amount: number): string {
  return `${(amount / 1_000_000).toLocaleString('zh-CN', { maximumFractionDigits: 2 })} 万元`
}

/** Reads yuan as typed ("1,234.5") into fen; undefined when it is not an amount with at most two decimals. */
export function parseYuan(text: string): Fen | undefined {
  const m = /^\s*¥?\s*(-?)(\d[\d,]*)(?:\.(\d{0,2}))?\s*$/.exec(text)
  if (!m) return undefined
  const yuan = Number((m[2] ?? '').replaceAll(',', ''))
  const value = yuan * 100 + Number((m[3] ?? '').padEnd(2, '0') || 0)
  return Number.isSafeInteger(value) ? fen(m[1] ? -value : value) : undefined
}
