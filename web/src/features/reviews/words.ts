import type { Schemas } from '@/api/client'

type Action = Schemas['ReviewStep']['action']
type Seat = NonNullable<Schemas['ReviewOpinion']['state']>

export const actionWords: Record<Action, string> = {
  submit: '提交申请',
  approve: '通过',
  reject: '驳回',
  return: '退回补正',
  send_back: '退回初审',
  pass: '专家评审通过',
  fail: '专家评审未通过',
  withdraw: '撤销申请',
}

export const seatWords: Record<Seat, string> = {
  asked: '待声明',
  declared: '评审中',
  voted: '已提交',
  recused: '已回避',
  released: '已更换',
}

export const roleWords: Record<string, string> = {
  enterprise: '企业用户',
  provider: '服务商',
  expert: '专家',
  operator: '运营管理员',
  department: '工信厅',
  admin: '系统管理员',
  '': '系统',
}

/** What experts score; the codes and weights come from the server. */
export const criterionWords: Record<string, { label: string; hint: string }> = {
  fit: { label: '适用性', hint: '是否切合中小企业的实际需求，部署与使用门槛是否合适' },
  maturity: { label: '成熟度', hint: '技术路线、产品完整度与安全可靠程度' },
  effect: { label: '实施效果', hint: '三个案例是否真实、可量化、可复制' },
  value: { label: '性价比', hint: '价格与同类方案相比是否合理' },
  support: { label: '服务保障', hint: '交付、培训与售后支持能力' },
}

/** 8000 hundredths as 80.00 */
export const score = (hundredths: number) => (hundredths / 100).toFixed(2)

/** The part of a listing that a pointer stands in: 案例 2 of /cases/1/salesFen. */
export function listingPart(pointer: string): string {
  const [, head, at] = pointer.split('/')
  if (head === 'cases') return `案例 ${Number(at) + 1}`
  if (head === 'plans') return `商品规格 ${Number(at) + 1}`
  return { contact: '联系人信息', page: '介绍页' }[head ?? ''] ?? '基本信息'
}
