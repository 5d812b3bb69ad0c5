import { expect, test } from 'vitest'
import { fieldOf, labelOf } from './errors'

test.each([
  ['/name', '方案名称'],
  ['/cases/1/document', '案例2 介绍文档'],
  ['/categories/3', '方案分类'],
  ['/plans/0/prices/1/priceFen', '商品规格 第 1 项'],
  ['/page/support/hotline', '服务热线'],
  ['/unknown', ''],
])('%s is called %s', (pointer, label) => expect(labelOf(pointer)).toBe(label))

test.each([
  ['/tags/0', '/tags'],
  ['/plans/2/name', '/plans'],
  ['/cases/1/document', '/cases/1/document'],
])('the error of %s shows at %s', (pointer, field) => expect(fieldOf(pointer)).toBe(field))
