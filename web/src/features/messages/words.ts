import type { Schemas } from '@/api/client'

export type Topic = NonNullable<Schemas['MessageView']['topic']>

export const topicWords: Record<Topic, { label: string; hint: string }> = {
  review: { label: '审批与认证', hint: '认证、商品发布、服务券活动、专家评审与预算的进展' },
  order: { label: '订单与交付', hint: '支付、交付、验收、退订与评价' },
  voucher: { label: '服务券', hint: '发放、申请结果与到期提醒' },
  security: { label: '帐号安全', hint: '密码修改与重置；为保护您的帐号，不能关闭' },
}
