// Personal data: masked until somebody looks, which the trail shows; one's own
// data exported; the account closed; no page calls another host.
import assert from 'node:assert/strict'
import { suite } from './harness/walk.mjs'

const { walk, product } = suite({ demo: true })
const password = 'Demo#2026smedx'

walk('the operator looks at a phone of an application, and the administrator finds that look', async ({ person }) => {
  const operator = await person()
  await operator.signIn('operator_demo', password)
  await operator.open('/workbench/tasks')
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
  await admin.signIn('admin_demo', password)
  await admin.open('/workbench/audit')
  await admin.row('查看企业联系人信息', 'operator_demo').click('详情')
  await admin.dialog('审计详情').sees('审批核对', 'operator_demo')
  await admin.dialog('审计详情').click('关闭')
  await admin.fill('操作人用户名', 'operator_demo')
  await admin.click('查询')
  await admin.page.waitForURL(/actor=operator_demo/)
  await admin.sees('查看企业联系人信息')
  assert.equal(await admin.rows('admin_demo'), 0)
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
