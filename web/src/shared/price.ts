import type { Schemas } from '@/api/client'
import { billingUnits } from './checkout'
import { formatFen } from './money'

type Unit = Schemas['PlanChoice']['unit']

/** ¥1,200.00/年 or 免费 */
export function priceText(fen: number, unit: Unit): string {
  return fen === 0 ? '免费' : `${formatFen(fen)}/${billingUnits[unit].per.slice(2)}`
}
