// Accounts that others keep: a provider's colleagues by the steps of the user
// guide, an enterprise's while the administrator allows it, and the staff.
import assert from 'node:assert/strict'
import { suite } from './harness/walk.mjs'

const { walk, product } = suite({ demo: true })
const password = 'Demo#2026smedx'
const first = 'First#2026word'
const second = 'Second#2026word'

const headings = (person) => person.page.locator('thead th').allInnerTexts()
const menu = (person) => person.page.getByRole('navigation', { name: '工作台导航' })
const entry = (person, name) => menu(person).getByRole('link', { name, exact: true })

/** Whoever was given a password signs in and must choose one of his own first. */
async function firstSignIn(person, account, given, own, { agreed } = {}) {
  await person.open('/login')
  await person.click('密码登录')
  await person.fill({ 帐号: account, 密码: given })
  await person.click('登录')
  if (!agreed) await person.dialog('请阅读并同意协议').click('同意并继续')
  await person.sees('您的密码由他人设置')
  await person.open('/workbench')
  await person.page.waitForURL(/\/password/)
  await person.fill({ 原密码: given, 新密码: own, 确认新密码: own })
  await person.click('确认')
  await person.sees('密码修改成功')
  await person.open('/workbench')
}

async function addMember(person, username, phone, given = first) {
  await person.click('添加用户')
  const dialog = person.dialog('添加用户')
  await dialog.fill({ 用户名: username, 手机号: phone, 密码: given, 确认密码: given })
  await dialog.click('确认')
}

walk('a company that is not verified has no 用户管理', async ({ person }) => {
  const newcomer = await person()
  const answer = await newcomer.page.request.post(product().url + '/api/v1/registrations', {
    data: { role: 'provider', username: 'unproven_one', phone: '13912340077', password: first, passwordConfirm: first, agreed: true },
    headers: { origin: product().url },
  })
  assert.equal(answer.status(), 201)
  await newcomer.open('/workbench')
  await newcomer.sees('服务商认证情况', '未认证')
  assert.equal(await entry(newcomer, '我的企业').count(), 1)
  assert.equal(await entry(newcomer, '用户管理').count(), 0)
  await newcomer.open('/workbench/members')
  await newcomer.sees(/认证/)
  assert.equal(await newcomer.rows('unproven_one'), 0)
})

// P4.9, step by step, and row F6 of the wished flows.
walk('a provider keeps the accounts of colleagues', async ({ person }) => {
  const owner = await person()
  await owner.signedIn('hengzhun_soft', password, '/workbench')
  await owner.sees('认证成功')
  await owner.click('用户管理')
  await owner.sees('添加用户')
  assert.deepEqual(await headings(owner), ['用户名', '姓名', '手机号', '角色', '创建时间', '操作'])

  await addMember(owner, 'a-b', '139000011112')
  const adding = owner.dialog('添加用户')
  await adding.sees('用户名为 6-30 个字符，仅支持英文、数字、下划线。', '手机号以 1 开头，由 11 个数字组成。')
  await adding.fill({ 用户名: 'hz_deliver', 手机号: '13900001111' })
  await adding.click('确认')
  await owner.sees('新增成功')
  const row = () => owner.row('hz_deliver')
  assert.match(await row().text(), /^hz_deliver hz_deliver 13900001111 服务商 \d{4}-\d\d-\d\d \d\d:\d\d/)
  for (const action of ['编辑', '删除', '重置密码', '应用内权限配置']) assert.ok(await row().offers(action), action)
  await owner.seesNot('设为专家', '取消专家')
  await addMember(owner, 'hz_second', '13900001111')
  await owner.dialog('添加用户').sees('该手机号在本企业内已被使用')
  await owner.dialog('添加用户').click('取消')
  await owner.dialog('放弃已填写的内容？').click('放弃')
  await owner.shot('members-list')

  await row().click('编辑')
  const editing = owner.dialog('编辑用户')
  await editing.sees('hz_deliver')
  assert.equal(await editing.page.getByRole('dialog').getByLabel('用户名').count(), 0)
  await editing.fill({ 手机号: '13900002222', 邮箱: 'deliver@hengzhun.example' })
  await editing.click('确认')
  await owner.sees('编辑成功')
  await row().sees('13900002222')

  const colleague = await person()
  await firstSignIn(colleague, 'hz_deliver', first, second)
  assert.equal(await entry(colleague, '订单管理').count(), 1)
  assert.equal(await entry(colleague, '用户管理').count(), 0)

  // What is taken away is gone at the next click, on the page and at the API.
  await row().click('应用内权限配置')
  const permitting = owner.dialog('配置权限')
  await permitting.sees('选择应用', '选择菜单权限')
  await owner.shot('members-rights')
  await permitting.tick('订单管理（含交付）', false)
  await permitting.click('确认')
  await owner.sees('配置权限成功')
  await entry(colleague, '订单管理').click()
  await entry(colleague, '订单管理').waitFor({ state: 'detached' })
  await colleague.api('GET', '/orders', undefined, { expect: 403 })
  assert.equal(await entry(colleague, '商品上架').count(), 1)

  await row().click('重置密码')
  const resetting = owner.dialog('重置密码')
  await resetting.fill({ 密码: 'Third#2026word', 确认密码: 'Third#2026word' })
  await resetting.click('确认')
  await owner.sees('重置密码成功')
  await entry(colleague, '我的企业').click()
  await colleague.page.waitForURL(/\/login/)
  await firstSignIn(colleague, 'hz_deliver', 'Third#2026word', 'Fourth#2026word', { agreed: true })

  await row().click('删除')
  await owner.sees('确定要删除用户“hz_deliver”吗？')
  await owner.click('确定')
  await owner.sees('删除成功')
  await owner.page.locator('tbody tr').filter({ hasText: 'hz_deliver' }).first().waitFor({ state: 'detached' }) // the list is read again after the word
  await entry(colleague, '我的企业').click()
  await colleague.page.waitForURL(/\/login/)
  await colleague.open('/login')
  await colleague.click('密码登录')
  await colleague.fill({ 帐号: 'hz_deliver', 密码: 'Fourth#2026word' })
  await colleague.click('登录')
  await colleague.sees(/帐号或密码/)
})

walk('an enterprise keeps accounts until the administrator switches that off', async ({ person }) => {
  const owner = await person()
  await owner.signedIn('hengrui_demo', password, '/workbench')
  await owner.click('用户管理')
  await addMember(owner, 'hr_buyer', '13900003333')
  await owner.sees('新增成功')
  await owner.row('hr_buyer').sees('企业用户')

  const admin = await person()
  await admin.signedIn('admin_demo', password, '/workbench')
  await admin.click('平台设置')
  await admin.sees('企业用户可使用用户管理')
  await admin.page.locator('.el-switch').filter({ has: admin.page.getByRole('switch', { name: '企业用户可使用用户管理' }) }).click()
  await admin.sees('确定要将“企业用户可使用用户管理”由“开启”改为“关闭”吗？')
  await admin.click('确定')
  await admin.sees('保存成功')

  await addMember(owner, 'hr_third', '13900004444')
  await owner.dialog('添加用户').sees(/用户管理/)
  await entry(owner, '用户管理').waitFor({ state: 'detached' })
  await owner.open('/workbench')
  assert.equal(await entry(owner, '我的企业').count(), 1)
  assert.equal(await entry(owner, '用户管理').count(), 0)
})

walk('the administrator adds an operator, who signs in and chooses a password', async ({ person }) => {
  const admin = await person()
  await admin.signedIn('admin_demo', password, '/workbench')
  await admin.click('用户与角色')
  await admin.click('添加工作人员')
  const adding = admin.dialog('添加工作人员')
  await adding.choose('角色', '运营管理员')
  await adding.fill({ 用户名: 'operator_new', 手机号: '13900005555', 密码: first, 确认密码: first })
  await adding.tick('表单管理', false)
  await adding.click('确认')
  await admin.sees('新增成功')
  const row = admin.row('operator_new')
  await row.sees('运营管理员', '139****5555')
  await admin.shot('users-list')
  await row.click('查看operator_new 的联系方式')
  await row.sees('13900005555')
  await admin.open('/workbench/audit')
  await admin.row('查看用户联系方式', 'admin_demo').click('详情')
  await admin.dialog('审计详情').sees('手机号')

  const operator = await person()
  await firstSignIn(operator, 'operator_new', first, second)
  await operator.sees('待我审批')
  assert.equal(await entry(operator, '通知公告').count(), 1)
  assert.equal(await entry(operator, '表单管理').count(), 0)
})
