import type { Schemas } from '@/api/client'

type Row = Schemas['BooksRow']

export interface Part {
  key: string
  label: string
  /** What the money waits for, for readers who do not keep books. */
  hint: string
  fen: number
}

/** Where money can be, in the order in which it goes there. */
const words: [key: keyof Row & `${string}Fen`, label: string, hint: string][] = [
  ['freeFen', '未安排', '预算中还没有划给活动的部分'],
  ['unissuedFen', '未发放', '已划给活动，还没有发给企业'],
  ['availableFen', '券上可用', '在企业的券上，还没有用'],
  ['heldFen', '订单占用', '已下单，等待企业支付'],
  ['escrowFen', '待验收', '已抵扣，等待企业验收'],
  ['payableFen', '待兑付', '已验收，应付给服务商'],
  ['paidFen', '已兑付', '已付给服务商'],
  ['returnedFen', '已退回', '过期、作废、退款后收回，活动关闭后回到预算'],
  ['clawbackFen', '待追回', '已付，需服务商退还'],
]

/** The parts of a row. What a scope cannot have is left out: only budgets have free money. */
export function partsOf(row: Row, free: boolean): Part[] {
  return words
    .filter(([key]) => (key === 'freeFen' ? free : key !== 'clawbackFen' || row.clawbackFen))
    .map(([key, label, hint]) => ({ key: key.replace('Fen', ''), label, hint, fen: row[key] ?? 0 }))
}

/** 12.3%, and not 0% for what is there. */
export function shareOf(fen: number, whole: number): string {
  if (!whole || !fen) return '0%'
  const share = (fen / whole) * 100
  return share < 0.1 ? '<0.1%' : `${share.toFixed(share < 10 ? 1 : 0)}%`
}
