import type { InjectionKey } from 'vue'
import type { PublishForm } from './usePublishTypes'

/** Finds the server's word on a field. */
export const errorsKey: InjectionKey<(pointer: string) => string> = Symbol('field errors')

/** What people call the field of a pointer, by the form it belongs to: 案例2 介绍文档. */
export function labelOf(pointer: string, form: PublishForm | undefined): string {
  if (pointer === '/contact/byPhone') return '联系方式'
  const study = /^\/cases\/(\d+)(\/\w+)?/.exec(pointer)
  if (study) {
    const label = form?.cases.fields.find((f) => f.at === study[2])?.label ?? ''
    return `案例${Number(study[1]) + 1} ${label}`.trim()
  }
  const plan = /^\/plans\/(\d+)/.exec(pointer)
  if (plan) return `商品规格 第 ${Number(plan[1]) + 1} 项`
  if (pointer === '/plans') return '商品规格'
  const fields = form ? [...form.basics, ...form.contact, ...form.page] : []
  for (let p = pointer; p; p = p.slice(0, p.lastIndexOf('/'))) {
    const found = fields.find((f) => f.at === p)
    if (found) return found.at === '/contact/name' ? '联系人姓名' : found.label
  }
  return pointer.startsWith('/page') ? '介绍页' : '基本信息'
}

/** The element to jump to: entries of a list share their list's field. */
export const fieldOf = (pointer: string): string =>
  pointer.replace(/^(\/plans)\/.*$/, '$1').replace(/^(\/(?!cases\/)(?:\w+\/)*\w+)\/\d+$/, '$1')
