import type { InjectionKey } from 'vue'

/** Finds the server's word on a field. */
export const errorsKey: InjectionKey<(pointer: string) => string> = Symbol('field errors')

const fields: Record<string, string> = {
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
  '/contact/name': '联系人姓名',
  '/contact/byPhone': '联系方式',
  '/contact/phone': '手机',
  '/contact/mail': '邮箱',
  '/page/banner/title': 'Banner 标题',
  '/page/banner/intro': 'Banner 商品介绍',
  '/page/banner/image': 'Banner 图片',
  '/page/highlights': '商品亮点',
  '/page/description': '商品说明',
  '/page/media': '商品截图',
  '/page/casesTitle': '用户案例标题',
  '/page/support/hours': '售后服务时间',
  '/page/support/content': '售后服务内容',
  '/page/support/hotline': '服务热线',
  '/page/support/mail': '服务邮箱',
  '/plans': '商品规格',
}
const inCase: Record<string, string> = {
  customer: '客户名称',
  outputFen: '客户年产值（万元）',
  salesFen: '方案销售额度（万元）',
  monthTenths: '交付周期',
  contactName: '客户联系人姓名',
  contactPosition: '客户联系人职务',
  contactWay: '客户联系人联系方式',
  document: '介绍文档',
  story: '案例内容',
  image: '案例图片',
}

/** What people call the field of a pointer: 案例2 介绍文档. */
export function labelOf(pointer: string): string {
  const study = /^\/cases\/(\d)\/(\w+)/.exec(pointer)
  if (study) return `案例${Number(study[1]) + 1} ${inCase[study[2]!] ?? ''}`.trim()
  const plan = /^\/plans\/(\d+)/.exec(pointer)
  if (plan) return `商品规格 第 ${Number(plan[1]) + 1} 项`
  for (let p = pointer; p; p = p.slice(0, p.lastIndexOf('/'))) {
    const found = fields[p]
    if (found) return found
  }
  return ''
}

/** The element to jump to: entries of a list share their list's field. */
export const fieldOf = (pointer: string): string =>
  pointer
    .replace(/^(\/(?:tags|categories|industries|page\/highlights|page\/media))\/\d+$/, '$1')
    .replace(/^(\/plans)\/.*$/, '$1')
