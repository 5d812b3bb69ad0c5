// Personal data: masked until somebody looks, which the trail shows; one's own
// data exported; the account closed; no page calls another host.
import assert from 'node:assert/strict'
import { suite } from './harness/walk.mjs'

const { walk, product } = suite({ demo: true })
const password = 'Demo#2026smedx'

walk('the operator looks at a phone of an application, and the administrator finds that look', async ({ person }) => {
  const operator = await person()
  await operator.signedIn('operator_demo', password, '/workbench/tasks')
  await operator.row('企业认证').click('审批')
  const look = operator.page.getByRole('button', { name: /^查看(联系|法定代表人).*/ }).first()
  await look.waitFor()
  const cell = await look.locator('xpath=..').elementHandle()
  assert.match(await cell.innerText(), /\*{2,4}/)
  const name = await look.getAttribute('aria-label')
  await look.click()
  await operator.page.getByRole('button', { name, exact: true }).waitFor({ state: 'detached' })
  assert.doesNotMatch(await cell.innerText(), /\*\*/)

  const admin = await person()
  await admin.signedIn('admin_demo', password, '/workbench/audit')
  await admin.row('查看企业联系人信息', 'operator_demo').click('详情')
  await admin.dialog('审计详情').sees('审批核对', 'operator_demo')
  await admin.dialog('审计详情').click('关闭')
  await admin.fill('操作人用户名', 'operator_demo')
  await admin.click('查询')
  await admin.page.waitForURL(/actor=operator_demo/)
  await admin.sees('查看企业联系人信息')
  assert.equal(await admin.rows('admin_demo'), 0)
})

walk('the operator looks at the people of a listing, and the administrator finds that look', async ({ person }) => {
  const operator = await person()
  await operator.signedIn('operator_demo', password, '/workbench/tasks')
  await operator.row('商品发布').click('审批')
  const people = operator.section('联系人核对')
  await people.sees('联系人信息已隐藏部分内容')
  assert.doesNotMatch(await operator.text(), /1[3-9]\d{9}/)
  await people.click('查看联系人信息')
  await people.sees('商品联系人', /1[3-9]\d{9}|@/)
  await operator.shot('listing-people')

  const admin = await person()
  await admin.signedIn('admin_demo', password, '/workbench/audit')
  await admin.row('查看商品联系人信息', 'operator_demo').click('详情')
  await admin.dialog('审计详情').sees('手机号')
})

// T-PRIV-08
walk('search engines are kept off every page that is not for everybody', async () => {
  const routes = await fetch(product().url + '/routes.json').then((r) => r.json())
  const private_ = routes.filter((r) => r.private)
  assert.ok(private_.length > 20)
  for (const { path } of private_) {
    const page = await fetch(product().url + path.replaceAll(/:\w+(\([^)]*\))?[?*+]?/g, '1')).then((r) => r.text())
    assert.match(page, /<meta name="robots" content="noindex">/, path)
  }
})

walk('a person registers, takes the data along and closes the account', async ({ person }) => {
  const one = await person()
  const answer = await one.page.request.post(product().url + '/api/v1/registrations', {
    data: { role: 'enterprise', username: 'leaving_one', phone: '13912340099', password: 'Leaving#2026x', passwordConfirm: 'Leaving#2026x', agreed: true },
    headers: { origin: product().url },
  })
  assert.equal(answer.status(), 201)
  await one.open('/workbench/me')
  await one.sees('13912340099', '保存的信息', '同意的协议')
  const [download] = await Promise.all([one.page.waitForEvent('download'), one.click('导出我的数据')])
  assert.equal(download.suggestedFilename(), '我的数据.zip')
  await one.shot('own-data')
  await one.section('注销帐号').click('注销帐号')
  const dialog = one.dialog('注销帐号')
  await dialog.fill('登录密码', 'Leaving#2026x')
  await dialog.click('确认注销')
  await one.sees('帐号已注销')
})

// T-PRIV-04: whoever has not accepted the agreements in force is let through to them,
// to his own data and out, by the page and by the server.
walk('an account that somebody else opened agrees first, or takes its data and leaves', async ({ person }) => {
  const admin = await person()
  await admin.signedIn('admin_demo', password)
  const made = await admin.api('POST', '/users', { role: 'operator', username: 'agree_first', phone: '13912340055', password: 'First#2026word', passwordConfirm: 'First#2026word' }, { expect: 201 })
  assert.equal(made.active, true)

  const one = await person({ allow: ['403'] })
  await one.open('/login')
  await one.click('密码登录')
  await one.fill({ 帐号: 'agree_first', 密码: 'First#2026word' })
  await one.click('登录')
  const dialog = one.dialog('请阅读并同意协议')
  await dialog.sees('《用户服务协议》', '《隐私声明》')
  await dialog.click('《隐私声明》')
  await dialog.sees('一、我们收集哪些信息')
  await one.shot('agree-first')
  await one.api('PUT', '/password', { oldPassword: 'First#2026word', newPassword: 'Second#2026word', confirmPassword: 'Second#2026word' }, { expect: 204 })
  const refused = await one.api('GET', '/messages', undefined, { expect: 403 })
  assert.equal(refused.code, 'account.must_consent')
  await one.open('/workbench/tasks')
  await dialog.click('个人信息')
  await one.page.waitForURL(/\/workbench\/me/)
  await one.sees('还没有同意协议', '注销帐号')
  await one.seesNot('请阅读并同意协议')
  await one.click('待我审批')
  await dialog.click('同意并继续')
  await one.seesNot('请阅读并同意协议')
  await one.sees('申请名称')
  await one.api('GET', '/messages', undefined, { expect: 200 })
})

walk('whoever withdraws consent is led to closing the account', async ({ person }) => {
  const one = await person()
  await one.signedIn('pidu_demo', password, '/agreements/privacy')
  await one.click('撤回同意')
  await one.dialog('撤回同意').click('前往注销')
  await one.page.waitForURL(/\/workbench\/me/)
  await one.sees('注销帐号')
})

// T-PRIV-10
walk('no public page calls another host', async ({ person }) => {
  const visitor = await person()
  const foreign = new Set()
  visitor.page.on('request', (r) => {
    const url = new URL(r.url())
    if (/^https?:$/.test(url.protocol) && url.origin !== product().url) foreign.add(url.origin)
  })
  const routes = await fetch(product().url + '/routes.json').then((r) => r.json())
  for (const route of routes.filter((r) => !r.private && !r.path.includes(':'))) await visitor.open(route.path)
  assert.deepEqual([...foreign], [])
})
