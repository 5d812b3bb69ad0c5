// An operator changes the company form without code: who registers from then on
// is asked the new question, what was handed in before stays as it was.
import assert from 'node:assert/strict'
import { barriers, englishWords, tooWide } from './harness/look.mjs'
import { creditCode, picture } from './harness/things.mjs'
import { suite } from './harness/walk.mjs'

const { walk } = suite({ demo: true })
const demoPassword = 'Demo#2026smedx'
const question = '数控机床数量'
const applicant = { username: 'form_walker_1', phone: '13933330001', password: 'Biao#Dan2026', company: '表单演示机械有限公司' }

async function openCase(operator, title) {
  await operator.open('/workbench')
  await operator.click('待我审批')
  await operator.fill('申请名称', title)
  await operator.click('查询')
  await operator.settle()
  await operator.click(new RegExp(title))
  await operator.sees('与执照核对', '营业收入')
}

walk('an operator adds a required question and publishes it', async ({ person }) => {
  const operator = await person()
  await operator.signedIn('operator_demo', demoPassword, '/workbench')
  await operator.click('表单管理')
  await operator.sees('第 1 版', '使用中', '平台初始版本')
  await operator.click('修改表单')
  await operator.sees('企业背景 (43)', '运营 (16)', '还没有差异')
  const tree = operator.page.getByRole('navigation', { name: '表单结构' })
  await tree.getByText('企业名称', { exact: true }).click()
  await operator.sees('平台规则要用到此项')

  const part = tree.locator('details').filter({ hasText: '运营 (16)' })
  await part.locator('summary').click()
  await part.getByRole('button', { name: '+ 添加字段' }).click()
  const dialog = operator.dialog('添加字段')
  await dialog.fill('字段名称', question)
  await dialog.choose('类型', '整数')
  await dialog.click('添加')
  await operator.tick('必填')
  await operator.fill('单位', '台')
  await operator.sees('有未保存的修改')
  await operator.click('保存')
  await operator.sees(`运营：新增必填“${question}”（整数，单位 台）`, '运营 (17)')
  await operator.shot('forms-editor')
  assert.deepEqual(await englishWords(operator.page), [])
  assert.deepEqual(await barriers(operator.page), [])

  await operator.click('预览')
  const preview = operator.dialog('预览')
  await preview.click(/^运营 \(17\)/)
  await preview.sees(question)
  await operator.shot('forms-preview')
  await operator.page.keyboard.press('Escape')

  await operator.click('发布')
  const publish = operator.dialog('发布新版本')
  await publish.click('确认发布')
  await publish.sees('此项必填。')
  await publish.fill('发布说明', '按统计口径增加机床数量')
  await operator.shot('forms-publish')
  await publish.click('确认发布')
  await operator.sees('第 2 版', '按统计口径增加机床数量', '历史版本')
  await operator.shot('forms-versions')
  await operator.page.setViewportSize({ width: 390, height: 800 })
  assert.equal(await tooWide(operator.page), false)
})

walk('who registers now is asked, what was handed in before is not changed', async ({ person }) => {
  const owner = await person()
  await owner.open('/register')
  await owner.choose('角色', '企业用户')
  await owner.fill({ 用户名: applicant.username, 手机号: applicant.phone, 密码: applicant.password, 确认密码: applicant.password })
  await owner.tick(/我已阅读并同意/)
  await owner.click('下一步')
  await owner.click(/^运营 \(17\)/)
  await owner.sees(question)

  const sent = await owner.page.request.fetch('/api/v1/files?purpose=license', { method: 'POST', multipart: { file: picture('执照.png') } })
  const license = (await sent.json()).id
  const values = {
    company_name: applicant.company, legal_rep_mobile: '13900001111', contact_phone: '0755-26001234', email: 'walk@example.com',
    established_on: '2015-06-01', business_license: license, registration_type: '173', is_listed: 'no', industries: ['34'],
    key_industry_chain: 'equipment', legal_representative: '程立新', contact_person: '周敏', contact_position: '主管',
    postal_code: '518000', uscc: creditCode('forms'), tax_credit_grade: 'A', core_products: ['齿轮'], registered_region: '350203',
    revenue_y1: 2_000_000_000, total_assets: 1_000_000_000, employees_total: 86,
  }
  const { version } = await owner.api('GET', '/org/draft')
  const refused = JSON.parse(await owner.api('POST', '/org/submissions', { values, version }, { expect: 422 }).then(JSON.stringify))
  assert.deepEqual(refused.errors.map((e) => e.pointer), ['/values/item1'])
  await owner.api('POST', '/org/submissions', { values: { ...values, item1: 47 }, version })

  const operator = await person()
  await operator.signedIn('operator_demo', demoPassword)
  await openCase(operator, applicant.company)
  await operator.sees(question, '47 台')
  await openCase(operator, '郫都')
  await operator.seesNot(question)
})

walk('who is filling in when the form changes keeps every answer, sees what is new and hands it in', async ({ person }) => {
  const owner = await person({ width: 390 })
  const answer = await owner.page.request.fetch('/api/v1/registrations', { method: 'POST', data: {
    role: 'enterprise', username: 'form_walker_2', phone: '13933330002', password: applicant.password, passwordConfirm: applicant.password, agreed: true,
  } })
  assert.ok(answer.ok())
  const sent = await owner.page.request.fetch('/api/v1/files?purpose=license', { method: 'POST', multipart: { file: picture('执照.png') } })
  const { version } = await owner.api('GET', '/org/draft')
  await owner.api('PUT', '/org/draft', { version, values: {
    company_name: '换版演示机械有限公司', legal_rep_mobile: '13900001111', contact_phone: '0755-26001234', email: 'walk@example.com',
    established_on: '2015-06-01', business_license: (await sent.json()).id, registration_type: '173', is_listed: 'no', industries: ['34'],
    key_industry_chain: 'equipment', legal_representative: '程立新', contact_person: '周敏', contact_position: '主管',
    postal_code: '518000', uscc: creditCode('newer'), tax_credit_grade: 'A', core_products: ['齿轮'], registered_region: '350203',
    revenue_y1: 2_000_000_000, total_assets: 1_000_000_000, employees_total: 86, item1: 5,
  } })
  await owner.open('/register')
  await owner.click('继续填写企业信息')
  await owner.click(/^创新研发 \(16\)/)
  await owner.fill('自主品牌数', '2')
  await owner.sees(/上次保存/)

  // Meanwhile the operator publishes another version.
  const operator = await person()
  await operator.signedIn('operator_demo', demoPassword, '/workbench/forms')
  await operator.click('修改表单')
  const part = operator.page.getByRole('navigation', { name: '表单结构' }).locator('details').filter({ hasText: '人员 (15)' })
  await part.locator('summary').click()
  await part.getByRole('button', { name: '+ 添加字段' }).click()
  const dialog = operator.dialog('添加字段')
  await dialog.fill('字段名称', '工程师人数')
  await dialog.choose('类型', '整数')
  await dialog.click('添加')
  await operator.tick('必填')
  await operator.click('保存')
  await operator.sees(/新增必填“工程师人数”/)
  await operator.click('发布')
  const publish = operator.dialog('发布新版本')
  await publish.fill('发布说明', '增加工程师人数')
  await publish.click('确认发布')
  await operator.sees('第 3 版')

  // Handing in at once tells of it; nothing is lost, and the new question is there.
  await owner.click('下一步')
  await owner.sees(/本页已换成新表单/, '表单已更新，您填写的内容仍然有效，请核对以下变化：', /人员：新增必填“工程师人数”/)
  await owner.shot('forms-replaced')
  assert.equal(await owner.value('自主品牌数'), '2')
  assert.equal(await owner.value('企业名称'), '换版演示机械有限公司')
  await owner.fill('自主品牌数', '3')
  await owner.click('表单已更新，查看变化')
  assert.equal(await owner.page.evaluate(() => document.activeElement.getAttribute('role')), 'status')
  await owner.click('下一步')
  await owner.sees(/有 1 处需要修改/)
  await owner.page.getByRole('alert').getByRole('link', { name: /工程师人数/ }).click()
  await owner.fill('工程师人数', '8')
  assert.equal(await tooWide(owner.page), false)
  await owner.click('下一步')
  await owner.sees('注册申请成功')
})
