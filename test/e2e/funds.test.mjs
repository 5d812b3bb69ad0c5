// Accounting for public money: from the whole budget down to one voucher with
// every movement, its files for an auditor, and what a company sees of its own.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { looksRight } from './harness/look.mjs'
import { suite } from './harness/walk.mjs'

const { walk } = suite({ demo: true })
const demoPassword = 'Demo#2026smedx'
const hashes = [/^[0-9a-f]{20,64}$/] // a seal, once there is one, says its own

/** The bytes of what a link downloads. */
async function download(one, label) {
  const [got] = await Promise.all([one.page.waitForEvent('download'), one.click(label)])
  return { name: got.suggestedFilename(), path: await got.path() }
}

walk('the department follows public money from the budget to one voucher and takes its papers along', async ({ person }) => {
  const department = await person()
  await department.signedIn('department_demo', demoPassword, '/workbench')
  await department.click('资金总览')
  await department.sees('预算总额', /✓ 各项合计等于预算总额，与流水账一致/, '未发放', '券上可用', '待验收', '已退回', '每月发放、使用与兑付')
  await department.shot('funds-1-all')
  await looksRight(department, hashes)
  const table = await download(department, '导出表格')
  assert.equal(table.name, '资金总览.xlsx')
  assert.equal(readFileSync(table.path).subarray(0, 2).toString(), 'PK')

  const { rows } = await department.api('GET', '/fund-overview')
  const budget = rows.find((r) => r.escrowFen + r.payableFen > 0).name
  await department.row(budget).click(budget)
  await department.sees('各个活动', /✓ 各项合计等于预算总额/, '已退回', '退回预算', /各活动资金合计 .* − 退回预算 .* = 预算已安排/)
  assert.match(department.page.url(), /budgetId=\d+/)
  await department.shot('funds-2-budget')
  const budgetId = new URL(department.page.url()).searchParams.get('budgetId')
  const issued = (await department.api('GET', `/issued-vouchers?size=100&budgetId=${budgetId}`)).items.find((v) => v.redeemedFen > 0)
  await department.row(issued.campaignName).click(issued.campaignName)
  await department.sees('各个券种', /✓ 各项合计等于活动资金/)
  assert.match(department.page.url(), /campaignId=\d+/)
  await department.shot('funds-3-campaign')

  await department.open('/workbench/issued-vouchers')
  await department.sees('服务券清单', '面值', '已抵扣')
  await department.choose('状态', '可使用')
  await department.sees('可使用')
  assert.match(department.page.url(), /status=active/)
  await department.shot('funds-4-vouchers')
  await looksRight(department, hashes)

  await department.open(`/workbench/issued-vouchers/${issued.id}`)
  await department.sees('这张券的钱在哪里', '✓ 各项合计等于面值，与流水账一致', '发放服务券', '从“活动未发放”到“券上可用”', '支付抵扣')
  await department.shot('funds-5-voucher')
  await looksRight(department, hashes)

  const papers = await download(department, '下载审计资料')
  assert.match(papers.name, /^服务券审计资料 \d+\.zip$/)
  assert.equal(readFileSync(papers.path).subarray(0, 2).toString(), 'PK')

  await department.click('企业对账单')
  await department.sees('企业服务券对账单', '期初', '期末', '发放服务券')
  await department.shot('funds-7-statement')
  await department.pick('对账期间', '2001-01-01', '2001-01-31')
  await department.sees('本期没有变动')
  await department.click('‹ 返回') // to the voucher, whatever was looked at since
  await department.sees('这张券的钱在哪里')
})

walk('companies see and take along their own statements', async ({ person }) => {
  const enterprise = await person()
  await enterprise.signedIn('jinlang_demo', demoPassword, '/workbench/statement')
  await enterprise.sees('对账单', '可用余额', '订单占用', '期初', '期末', '发放服务券', '查看服务券')
  await enterprise.shot('funds-8-own')
  await looksRight(enterprise, hashes)
  const own = await download(enterprise, '导出表格')
  assert.match(own.name, /^企业服务券对账单 \d{4}-\d\d-\d\d至\d{4}-\d\d-\d\d\.xlsx$/)
  await enterprise.pick('对账期间', '2001-01-01', '2001-01-31')
  await enterprise.sees('本期没有变动', '2001-01-01 至 2001-01-31')
  assert.match(enterprise.page.url(), /from=2001-01-01/)
  await enterprise.page.goBack()
  await enterprise.sees('全部期间')

  const provider = await person()
  await provider.signedIn('andun_sec', demoPassword, '/workbench/statement')
  await provider.sees('待验收', '待兑付', '支付抵扣')
  await provider.shot('funds-9-provider')
})
