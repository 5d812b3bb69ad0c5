// A company's verification by the words on the pages: returned with marked
// fields and corrected, rejected and edited anew, withdrawn, changed beside what
// is in force, suspended by the operator. The companies are of the demonstration data.
import assert from 'node:assert/strict'
import { checkAll } from './harness/desk.mjs'
import { suite } from './harness/walk.mjs'

const { walk } = suite({ demo: true })

const password = 'Demo#2026smedx'
const returned = '佛山顺德和美家具有限公司'
const rejected = '成都郫都川味调味品有限公司'
const changing = '盘锦大洼蓝海化工助剂有限公司'

/** Opens the file of a company that waits for review. */
async function openCase(person, company) {
  await person.open('/workbench')
  await person.click('待我审批')
  await person.fill('申请名称', company)
  await person.click('查询')
  await person.settle()
  await person.click(new RegExp(company))
  await person.sees('审批意见', '审核要点')
  await person.settle()
}

walk('a marked field is corrected, the change is seen, and a suspension stops buying', async ({ person }) => {
  const operator = await person()
  await operator.signedIn('operator_demo', password)
  await openCase(operator, returned)
  for (const field of ['联系人', '职务']) {
    await operator.tick(`要求补正：${field}`)
    await operator.fill(`${field}的补正说明`, `请填写现任${field}`)
  }
  await operator.tick('退回补正')
  await operator.sees('已标记 2 处需要补正的内容')
  await operator.choose('原因', '资料不完整')
  await operator.fill('请说明理由，以及申请人应当怎样修改', '请按标记补正')
  await operator.shot('verification-review')
  await operator.click(/^提交审批/)
  await operator.sees('审批已提交')

  const owner = await person()
  await owner.signedIn('shunde_demo', password, '/workbench/org')
  await owner.sees('审核退回，请补正后重新提交', '需要补正 2 处', /请填写现任联系人/, /请填写现任职务/)
  assert.equal(await owner.page.getByRole('textbox', { name: '邮编' }).count(), 0, 'what was not marked can be edited')
  await owner.fill({ 联系人: '何新美', 职务: '信息化经理' })
  await owner.shot('verification-returned')
  await owner.click('提交认证')
  await owner.sees('您的企业认证正在审批中，请耐心等待')

  await openCase(operator, returned)
  await operator.sees('与上次提交相比', '上次提交', '本次提交', '信息化经理', '请填写现任职务')
  await checkAll(operator)
  await operator.tick('通过')
  await operator.click(/^提交审批/)
  await operator.sees('审批已提交')

  await operator.open('/workbench')
  await operator.click('企业管理')
  await operator.fill('企业名称或信用代码', returned)
  await operator.click('查询')
  await operator.settle()
  await operator.row(returned).sees('已认证')
  await operator.row(returned).click('查看')
  await operator.sees('提交记录', '退回补正', '使用中', '没有处置记录')
  await operator.row('使用中').click('查看资料')
  await operator.sees('提交的企业信息', '信息化经理')
  await operator.click('查看联系人')
  await operator.sees('何新美')
  await operator.click(/返回$/)
  await operator.click('暂停认证')
  const dialog = operator.dialog('暂停认证')
  await dialog.click('确定暂停')
  await dialog.sees('请选择原因', '请填写说明')
  await dialog.choose('原因', '配合核查')
  await dialog.fill('说明', '请等待核查结果')
  await dialog.click('确定暂停')
  await operator.sees('已暂停认证', '恢复认证', '请等待核查结果')
  await operator.shot('verification-file')

  await owner.open('/workbench/org')
  await owner.sees('认证已暂停', '原因：配合核查', '请等待核查结果')
  await owner.open('/solutions')
  await owner.page.locator('a[href^="/solutions/"]').filter({ visible: true }).first().click()
  await owner.sees(/完成企业认证后才能购买/)
  assert.equal(await owner.page.getByRole('button', { name: '立即购买' }).first().isEnabled(), false)
})

walk('a rejected form is edited anew, withdrawn, and edited again', async ({ person }) => {
  const operator = await person()
  await operator.signedIn('operator_demo', password)
  await openCase(operator, rejected)
  await operator.tick('驳回')
  await operator.choose('原因', '不符合准入条件')
  await operator.fill('请说明理由，以及申请人应当怎样修改', '主营业务与执照不符')
  await operator.click(/^提交审批/)
  await operator.sees('审批已提交')

  const owner = await person()
  await owner.signedIn('pidu_demo', password, '/workbench/tasks')
  await owner.row('已驳回').click('重新编辑')
  await owner.sees('审核未通过', '主营业务与执照不符')
  await owner.fill('职务', '厂长')
  await owner.click('提交认证')
  await owner.sees('您的企业认证正在审批中，请耐心等待')
  await owner.open('/workbench/tasks')
  await owner.row('待审批').click('撤销')
  await owner.click('确定')
  await owner.sees('已撤销')
  await owner.row('已撤销').click('重新编辑')
  await owner.sees('申请已撤销。可修改后重新提交。')
  assert.equal(await owner.value('职务'), '厂长')
})

walk('a change stays beside what is in force', async ({ person }) => {
  const owner = await person()
  await owner.signedIn('dawa_demo', password, '/workbench/org')
  await owner.click('变更资料')
  await owner.fill('职务', '数字化总监')
  await owner.click('提交认证')
  await owner.sees('资料变更正在审核', '已认证', '申请变更为', '数字化总监', /仍按已认证的资料办理业务/)
  await owner.shot('verification-change')

  const operator = await person()
  await operator.signedIn('operator_demo', password)
  await openCase(operator, changing)
  await operator.sees('与已认证资料相比', '申请变更为', '数字化总监')
})
