import type { Schemas } from '@/api/client'
import { billingUnits } from '@/shared/checkout'

export type Change = Schemas['CatalogChange']

export const whatWords: Record<Change['what'], string> = {
  changed: '修改',
  added: '新增',
  removed: '删除',
  moved: '移动',
  replaced: '替换',
}

const labels: Record<string, string> = {
  '/name': '方案名称',
  '/product': '相关产品名称',
  '/section': '目录',
  '/tags': '标签',
  '/coverFile': '展示图',
  '/categories': '方案分类',
  '/industries': '适用行业',
  '/priceLow': '销售历史最低价格',
  '/priceHigh': '销售历史最高价格',
  '/deliveryCycle': '交付平均周期',
  '/deliveryEffort': '交付人工数量（人天）',
  '/contact/name': '姓名',
  '/contact/phone': '手机',
  '/contact/mail': '邮箱',
  '/page/banner/title': 'Banner 标题',
  '/page/banner/intro': 'Banner 商品介绍',
  '/page/banner/image': 'Banner 图片',
  '/page/modules': '模块顺序',
  '/page/highlights': '商品亮点',
  '/page/description': '商品说明',
  '/page/media': '商品截图',
  '/page/casesTitle': '用户案例标题',
  '/page/support/hours': '售后服务时间',
  '/page/support/content': '售后服务内容',
  '/page/support/hotline': '服务热线',
  '/page/support/mail': '服务邮箱',
}
const caseLabels: Record<string, string> = {
  customer: '客户名称',
  outputFen: '客户年产值',
  salesFen: '方案销售额度',
  monthTenths: '交付周期',
  contactName: '客户联系人',
  document: '介绍文档',
  story: '案例内容',
  image: '案例图片',
}
const planLabels: Record<string, string> = {
  name: '规格名称',
  attributes: '规格属性',
  pricing: '定价模式',
  instant: '开通方式',
}

/** Where on the form a change stands. */
export function changePart(c: Pick<Change, 'pointer'>): string {
  const [, head, at] = c.pointer.split('/')
  if (head === 'cases') return `案例 ${Number(at) + 1}`
  return (
    { plans: '商品规格与价格', page: '介绍页', contact: '联系人信息' }[head ?? ''] ?? '基本信息'
  )
}

/** What a change is about, in the words of the form. */
export function changeLabel(c: Pick<Change, 'pointer' | 'name' | 'unit'>): string {
  const [, head, , field] = c.pointer.split('/')
  if (head === 'cases') return caseLabels[field ?? ''] ?? ''
  if (head !== 'plans') return labels[c.pointer] ?? c.name ?? ''
  const what = c.unit
    ? `${billingUnits[c.unit as keyof typeof billingUnits].way}价格`
    : planLabels[field ?? '']
  return [c.name, what].filter(Boolean).join(' · ')
}
