import type { Schemas } from '@/api/client'
import { dateTime, lastSecond } from '@/shared/date'
import { formatFen } from '@/shared/money'

export type Other = Schemas['QuoteOtherView']

/** Why a voucher cannot pay for what is bought, in the words of the server's reason. */
export function whyNot(v: Other): string {
  switch (v.why) {
    case 'frozen':
      return '已冻结，解冻后才能使用'
    case 'ended':
      return `已于 ${lastSecond(v.expiresAt)} 到期`
    case 'not_yet':
      return `${dateTime(v.validFrom)} 起才能使用`
    case 'held':
      return '余额已被其他待支付订单占用，支付或取消该订单后再看'
    case 'region':
      return `仅限${v.wanted.join('、')}的企业使用`
    case 'size':
      return `仅限${v.wanted.join('、')}企业使用`
    case 'scope':
      return `不适用于本单的商品，仅限：${v.wanted.join('、')}`
    case 'min_order':
      return `适用商品满 ${formatFen(v.minOrderFen)} 可用，本单适用商品共 ${formatFen(v.fittingFen)}`
    case 'nothing':
      return '本单适用商品的金额太小，不够抵扣 0.01 元'
  }
}
