// The workbench as the guides print it: the landing page, 我的待办 with its
// filters and buttons, and the messages, which lead to what they are about.
import assert from 'node:assert/strict'
import { suite } from './harness/walk.mjs'

const { walk } = suite({ demo: true })

const demoPassword = 'Demo#2026smedx'
const today = () => new Date(Date.now() + 8 * 3600_000).toISOString().slice(0, 10)

walk('the landing page shows tasks, announcements, role and certification', async ({ person }) => {
  const owner = await person()
  await owner.signedIn('hengrui_demo', demoPassword, '/workbench')
  await owner.sees('待办', '待我审批', '我的申请', '公告', '角色信息', '企业用户', '企业认证情况', '已认证')
  await owner.shot('workbench-enterprise')

  const operator = await person()
  await operator.signedIn('operator_demo', demoPassword, '/workbench')
  await operator.sees('件数', '最早一件已等待')
  await operator.shot('workbench-operator')
})

walk('我的待办 finds applications by each filter and greys what is not possible', async ({ person }) => {
  const owner = await person()
  await owner.signedIn('hengrui_demo', demoPassword, '/workbench/tasks')
  await owner.sees('申请名称', '申请类型', '状态', '申请人', '创建时间', '操作', '审批通过')
  const row = owner.row('审批通过')
  assert.equal(await row.offers('撤销'), false)
  assert.equal(await row.offers('重新编辑'), false)
  assert.equal(await owner.rows('审批通过') > 0, true)
  await owner.fill('申请名称', '没有这个申请')
  await owner.click('查询')
  await owner.sees('暂无申请')
  assert.match(owner.page.url(), /title=/)
  await owner.click('重置')
  await owner.sees('审批通过')
  await owner.fill('申请人', '没有这个人')
  await owner.click('查询')
  await owner.sees('暂无申请')
  await owner.click('重置')
  await owner.sees('审批通过')
  await owner.pick('创建时间', '2001-01-01', '2001-01-02')
  await owner.click('查询')
  await owner.sees('暂无申请')
  await owner.click('重置')
  await owner.sees('审批通过')
  await owner.row('审批通过').click('详情')
  await owner.sees('审批流程', '提交申请', '通过')
  await owner.open(`/workbench/tasks?from=2001-01-01&to=${today()}`)
  await owner.sees('审批通过')
  await owner.shot('workbench-tasks')
})

walk('messages are counted, lead to what they are about, and are read', async ({ person }) => {
  const operator = await person()
  await operator.signedIn('operator_demo', demoPassword, '/workbench')
  const { items } = await operator.api('GET', '/messages')
  const first = items[0]
  assert.ok(first, 'the demonstration leaves the operator messages')
  await operator.click(/^消息，\d+\+? 条未读$/)
  await operator.click('消息中心')
  await operator.sees('全部', '未读')
  await operator.click(/^未读/)
  await operator.row(first.title).click(first.title)
  await operator.page.waitForURL((url) => url.pathname === first.link)
  await operator.open('/workbench/messages')
  await operator.shot('workbench-messages')
  await operator.click('全部标为已读')
  await operator.page.getByRole('button', { name: '消息，0 条未读' }).waitFor()
  await operator.click('消息设置')
  await operator.sees('审批与认证', '帐号安全')
  await operator.shot('workbench-message-settings')
})
