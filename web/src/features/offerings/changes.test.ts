import { expect, test } from 'vitest'
import { changeLabel, changePart } from './changes'

test('a change is called as on the form', () => {
  const rows: [Parameters<typeof changeLabel>[0], string, string][] = [
    [{ pointer: '/name' }, '基本信息', '方案名称'],
    [{ pointer: '/cases/1/salesFen' }, '案例 2', '方案销售额度'],
    [{ pointer: '/page/modules' }, '介绍页', '模块顺序'],
    [{ pointer: '/contact/mail' }, '联系人信息', '邮箱'],
    [
      { pointer: '/plans/7/prices/year', name: '标准版', unit: 'year' },
      '商品规格与价格',
      '标准版 · 按年价格',
    ],
    [{ pointer: '/plans/7', name: '标准版' }, '商品规格与价格', '标准版'],
    [{ pointer: '/plans/7/instant', name: '标准版' }, '商品规格与价格', '标准版 · 开通方式'],
  ]
  for (const [change, part, label] of rows) {
    expect([changePart(change), changeLabel(change)]).toEqual([part, label])
  }
})
