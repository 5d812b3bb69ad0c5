import { expect, test } from 'vitest'
import { fieldOf, labelOf } from './errors'
import type { PublishForm } from './usePublishTypes'

const form = {
  basics: [
    { at: '/name', label: '课程名称', type: 'text' },
    { at: '/categories', label: '方案分类', type: 'rows' },
    { at: '/own/hours', label: '课时（学时）', type: 'number' },
  ],
  cases: { min: 3, note: '', fields: [{ at: '/document', label: '介绍文档', type: 'file' }] },
  contact: [{ at: '/contact/name', label: '姓名', type: 'text' }],
  page: [{ at: '/page/support/hotline', label: '服务热线', type: 'hotline' }],
} as unknown as PublishForm

test.each([
  ['/name', '课程名称'],
  ['/cases/1/document', '案例2 介绍文档'],
  ['/categories/3', '方案分类'],
  ['/own/hours', '课时（学时）'],
  ['/contact/name', '联系人姓名'],
  ['/contact/byPhone', '联系方式'],
  ['/plans/0/prices/1/priceFen', '商品规格 第 1 项'],
  ['/page/support/hotline', '服务热线'],
  ['/unknown', '基本信息'],
])('%s is called %s', (pointer, label) => expect(labelOf(pointer, form)).toBe(label))

test.each([
  ['/tags/0', '/tags'],
  ['/own/serviceWay/1', '/own/serviceWay'],
  ['/page/media/2', '/page/media'],
  ['/plans/2/name', '/plans'],
  ['/cases/1/document', '/cases/1/document'],
])('the error of %s shows at %s', (pointer, field) => expect(fieldOf(pointer)).toBe(field))
