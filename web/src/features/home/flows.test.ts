import { expect, test } from 'vitest'
import { enterpriseFlow, providerFlow } from './flows'

test('both flows have the guide’s six steps by name', () => {
  expect(enterpriseFlow.map((s) => s.name)).toEqual([
    '企业需求收集',
    '注册帐号',
    '认证审核',
    '创新服务券抢券',
    '服务商品购买',
    '解决方案交付',
  ])
  expect(providerFlow.map((s) => s.name)).toEqual([
    '注册帐号',
    '认证审核',
    '商品上架申请',
    '运营人员初审',
    '专家评审',
    '工信厅终审',
  ])
})
