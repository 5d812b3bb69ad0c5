// The last leg of the money: a provider's account, a batch that one person makes
// and another releases, the bank's answer, and a claw-back; to the fen in the books.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { looksRight as right } from './harness/look.mjs'
import { totp } from './harness/totp.mjs'
import { suite } from './harness/walk.mjs'

const { walk } = suite({ demo: true })

const password = 'Demo#2026smedx'
const providers = {
  苏州衡准软件科技有限公司: 'hengzhun_soft',
  杭州云帆数造科技有限公司: 'yunfan_mfg',
  青岛联讯工业物联有限公司: 'lianxun_iot',
  合肥启智视觉技术有限公司: 'qizhi_vision',
  深圳海川协同软件有限公司: 'haichuan_erp',
  广州星河供应链科技有限公司: 'xinghe_scm',
}
const yuan = (fen) => `¥${Math.floor(fen / 100).toLocaleString('zh-CN')}.${String(fen % 100).padStart(2, '0')}`
let line // the accepted order that the walks are about
let batch
let net

async function signed(person, account, who) {
  const one = await person(who)
  await one.signedIn(account, password)
  return one
}

/** Looks at the page at both widths, and takes its picture. */
async function looksRight(one, name) {
  await right(one, [/^(operator|department|demo)/])
  await one.shot(name)
}

async function download(one, label) {
  const [got] = await Promise.all([one.page.waitForEvent('download'), one.click(label)])
  return { name: got.suggestedFilename(), path: await got.path() }
}

walk('01 the provider changes its account and writes an invoice down', async ({ person }) => {
  const staff = await signed(person, 'operator_demo')
  const due = (await staff.api('GET', '/payout-lines?ready=true&size=100')).items
  line = due.find((l) => providers[l.providerName] && l.voucherFen > 0)
  assert.ok(line, 'nothing is due in the demonstration data')

  const provider = await signed(person, providers[line.providerName], 'provider')
  await provider.open('/workbench')
  await provider.click('结算兑付')
  await provider.sees('收款账户', line.providerName, '待结算', '待追回', line.title)
  await looksRight(provider, 'settlement-01-provider')
  await provider.click('变更账户')
  const account = provider.dialog('变更收款账户')
  await account.sees('尚未送银行的兑付批次将失效')
  await account.fill('开户银行', '')
  await account.fill('账号', '12ab')
  await account.click('保存')
  await account.sees('有 2 处需要修改：', /8 至 32 位数字/)
  await account.fill({ 开户银行: '中国工商银行苏州园区支行', 账号: '6222 0210 0100 9876' })
  await provider.shot('settlement-02-account')
  await account.click('保存')
  await provider.sees('622****9876', /历史账户（\d+）/)

  await provider.open(`/workbench/payouts/${line.id}`)
  await provider.sees('兑付记录', '还没有进入兑付批次')
  await provider.click('填写发票')
  const invoice = provider.dialog('填写发票')
  await invoice.fill('发票号码', '26442000000012345678')
  await invoice.click('保存')
  await provider.sees('26442000000012345678')
  await looksRight(provider, 'settlement-03-line')
})

walk('02 the operator makes a batch and cannot release it', async ({ person }) => {
  const operator = await signed(person, 'operator_demo')
  await operator.open('/workbench')
  await operator.sees('结算兑付', '可组批明细', '复核中批次')
  await operator.click(/\d+ 可组批明细/)
  await operator.sees('生成批次', line.title)
  await looksRight(operator, 'settlement-04-lines')
  await operator.row(line.title, line.buyerName).tick(`选择 ${line.title}`)
  await operator.click('生成批次（1）')
  const ask = operator.dialog('生成兑付批次')
  await ask.sees(`共 1 笔、${yuan(line.voucherFen + line.cashFen)}`)
  await ask.click('生成批次')
  await operator.sees('提交复核', '另一人复核', '622****9876', '26442000000012345678')
  batch = operator.page.url().match(/payout-batches\/(\d+)/)[1]
  net = (await operator.api('GET', `/payout-batches/${batch}`)).payFen
  await operator.click('提交复核')
  await operator.dialog('提交复核').click('提交')
  await operator.sees('等待组批人以外、有放款权限的人员复核。')
  await looksRight(operator, 'settlement-05-batch')
  assert.equal(await operator.offers('复核通过'), false)
  await operator.api('POST', `/payout-batches/${batch}/decision`, { event: 'approve', version: 2 }, { expect: 403 })
})

walk('03 two others release what is large, one by a code of the authenticator, and the books have it to the fen', async ({ person }) => {
  const admin = await signed(person, 'admin_demo')
  const { version } = (await admin.api('GET', '/settings')).find((one) => one.key === 'settlement.second_release')
  await admin.api('PUT', '/settings/settlement.second_release', { value: '1', version })
  const first = await signed(person, 'department_two', 'first')
  const { secret } = await first.api('POST', '/second-factor/enrolment', { password })
  await first.api('PUT', '/second-factor/enrolment', { code: totp(secret) })
  await first.open(`/workbench/payout-batches/${batch}`)
  await first.sees('须两人先后复核通过', '第一人复核', '第二人复核')
  await first.click('复核通过')
  const half = first.dialog('复核通过')
  await half.click('通过')
  await half.sees('请填写动态码')
  await half.fill('动态码', '000')
  await half.click('通过')
  await half.sees('动态码或恢复码错误')
  await half.fill('动态码', totp(secret, 1))
  await first.shot('settlement-05-code')
  await half.click('通过')
  await first.sees('您已复核通过，等待第二人复核。', '待复核')
  assert.equal(await first.offers('复核通过'), false)
  await looksRight(first, 'settlement-05-first')

  const department = await signed(person, 'department_demo')
  const before = (await department.api('GET', '/fund-overview')).total
  await department.open('/workbench')
  await department.click(/\d+ 待复核批次/)
  await department.sees('兑付批次', line.providerName)
  await looksRight(department, 'settlement-06-batches')
  await department.click(batch)
  await department.sees('department_two 已复核通过。')
  await department.click('复核通过')
  const approve = department.dialog('复核通过')
  await approve.sees(`确认向「${line.providerName}」兑付 ${yuan(net)}`)
  await approve.click('通过')
  await department.sees('导出付款文件')
  await department.click('导出付款文件')
  await department.dialog('导出付款文件').click('生成付款文件')
  await department.sees('付款文件校验码', '下载付款文件')
  const file = await download(department, '下载付款文件')
  assert.equal(file.name, `付款文件 ${batch}.csv`)
  const text = readFileSync(file.path, 'utf8')
  assert.ok(text.includes('6222021001009876') && text.includes(`,${yuan(net).replace(/[¥,]/g, '')},`), text)
  await department.sees('再次下载付款文件（已下载 1 次）')
  const again = await download(department, '再次下载付款文件（已下载 1 次）')
  assert.match(again.name, /第2次下载，勿重复付款/)
  await department.sees('再次下载付款文件（已下载 2 次）')
  const checked = await download(department, '下载 Excel 核对版') // a spreadsheet rounds the numbers of the CSV
  assert.match(checked.name, /第3次下载，勿重复付款.*\.xlsx$/)

  await department.click('登记付款结果')
  const result = department.dialog('登记付款结果')
  await result.sees('已选 1 笔', yuan(net))
  await result.click('登记')
  await result.sees('有 1 处需要修改：')
  await result.fill('银行流水号', '2026112700099')
  await department.shot('settlement-07-result')
  await result.click('登记')
  await department.sees('已办结', /2026112700099/, '付款结果已登记，付款文件不再提供下载，以免重复付款。')
  assert.equal(await department.offers(/下载付款文件|下载 Excel 核对版/), false)
  const stale = await department.api('GET', `/payout-batches/${batch}/bank-file.csv`, undefined, { expect: 409 })
  assert.match(stale.detail, /结果已登记/)
  await looksRight(department, 'settlement-08-done')

  const after = (await department.api('GET', '/fund-overview')).total
  assert.equal(after.paidFen - before.paidFen, line.voucherFen)
  assert.equal(before.payableFen - after.payableFen, line.voucherFen)
  assert.ok(after.ok)
  await department.open('/workbench/fund-overview')
  await department.sees('已兑付', yuan(after.paidFen))
})

walk('04 what was paid wrongly is asked back by one and decided by another', async ({ person }) => {
  const operator = await signed(person, 'operator_demo')
  await operator.open(`/workbench/payout-lines/${line.id}`)
  await operator.click('提议追回')
  const claw = operator.dialog('提议追回')
  await claw.fill({ 金额: '10', 追回原因: '抽查发现一次培训未开展' })
  await claw.click('提交')
  await operator.sees('追回 ¥10.00', '须由另一位有放款权限的人员复核。')
  assert.equal(await operator.offers('同意追回'), false)

  const department = await signed(person, 'department_demo', 'department')
  await department.open('/workbench/clawbacks?status=proposed')
  await department.sees('抽查发现一次培训未开展')
  await looksRight(department, 'settlement-09-clawbacks')
  await department.click(line.providerName)
  await department.click('同意追回')
  await department.dialog('同意追回').click('同意追回')
  await department.sees('待追回', '尚未退回')
  await department.click('登记退回款')
  const repay = department.dialog('登记退回款')
  await repay.fill({ 金额: '10', 银行流水号: '2026112700100' })
  await repay.click('登记')
  await department.sees('已追回', /已收回 ¥10\.00/)
  await looksRight(department, 'settlement-10-clawed')

  const provider = await signed(person, providers[line.providerName], 'provider')
  await provider.open('/workbench/payouts')
  await provider.row(line.title, line.buyerName).sees('已追回', '26442000000012345678')
  await provider.open(`/workbench/payouts/${line.id}`)
  await provider.sees('2026112700099', '追回 ¥10.00')
  assert.ok((await provider.text()).includes('已付款'))
  await provider.open('/workbench/messages')
  await provider.sees(/结算款已兑付：/, /收款账户已变更/)
  assert.ok((await department.api('GET', '/fund-overview')).total.ok)
})

walk('05 a provider whose certification is suspended is not paid, and both sides read why', async ({ person }) => {
  const operator = await signed(person, 'operator_demo')
  const due = (await operator.api('GET', '/payout-lines?ready=true&size=50')).items.find((l) => providers[l.providerName])
  await operator.api('POST', `/orgs/${due.providerId}/discipline`, { verb: 'suspend', reason: 'investigation', comment: '核查交付情况。' })
  await operator.open('/workbench/payout-lines?status=ready')
  const row = operator.row(due.title, due.buyerName)
  await row.sees('企业认证已暂停或失效，恢复后才能兑付')
  assert.equal(await operator.page.getByLabel(`选择 ${due.title}`).first().isEnabled(), false)
  await looksRight(operator, 'settlement-20-stopped')
  const refused = await operator.api('POST', '/payout-batches', { orderIds: [due.id] }, { expect: 409 })
  assert.match(refused.detail, new RegExp(`「${due.providerName}」的企业认证已暂停`))

  const provider = await signed(person, providers[due.providerName], 'provider')
  await provider.open('/workbench/payouts')
  await provider.sees('企业认证已暂停或失效，恢复后才能兑付')
})

walk('06 what is set off and what the bank refuses is read by those who pay and who are paid', async ({ person }) => {
  const admin = await signed(person, 'admin_demo')
  const { version } = (await admin.api('GET', '/settings')).find((one) => one.key === 'settlement.second_release')
  await admin.api('PUT', '/settings/settlement.second_release', { value: '0', version })
  const operator = await signed(person, 'operator_demo')
  const ready = (await operator.api('GET', '/payout-lines?ready=true&size=100')).items.filter((l) => providers[l.providerName] && !l.stopped && l.voucherFen > 0)
  const due = ready.find((l) => l.toSetOffFen) ?? ready[0]
  await operator.open('/workbench/payout-lines?status=ready')
  await operator.row(due.title, due.buyerName).tick(`选择 ${due.title}`)
  await operator.click('生成批次（1）')
  const ask = operator.dialog('生成兑付批次')
  const sum = due.voucherFen + due.cashFen
  const offset = Math.min(due.voucherFen, due.toSetOffFen ?? 0)
  assert.ok(offset, 'nobody has to give anything back in the demonstration data')
  await ask.sees(`其中 ${yuan(offset)} 抵扣追回款，实际付款 ${yuan(sum - offset)}。`)
  await operator.shot('settlement-21-batching')
  await ask.click('生成批次')
  await operator.sees('收款户名')
  const id = operator.page.url().match(/payout-batches\/(\d+)/)[1]
  await operator.api('POST', `/payout-batches/${id}/submission`, { version: 1 })
  const department = await signed(person, 'department_demo')
  await department.api('POST', `/payout-batches/${id}/decision`, { event: 'approve', version: 2 })
  await department.api('POST', `/payout-batches/${id}/sending`, { version: 3 })

  const provider = await signed(person, providers[due.providerName], 'provider')
  await provider.open('/workbench/payouts')
  await provider.sees(yuan(sum - offset), `抵扣追回款 -${yuan(offset)}`)
  await looksRight(provider, 'settlement-22-sent')

  await department.api('POST', `/payout-batches/${id}/results`, { orderIds: [due.id], outcome: 'failed', reason: '户名不符。' })
  await department.open(`/workbench/payout-batches/${id}`)
  await department.sees('付款失败', '付款全部失败', '实付金额', '¥0.00（1 笔付款失败）', '付款结果已登记')
  assert.equal(await department.offers(/下载付款文件/), false)
  await looksRight(department, 'settlement-23-refused')
  await operator.open('/workbench/payout-batches')
  await operator.row(id).sees('付款失败', '1 笔付款失败，实付 ¥0.00')
  await looksRight(operator, 'settlement-24-batches')
  await operator.open('/workbench/messages')
  await operator.sees(`付款失败：${due.providerName} ${yuan(sum - offset).slice(1)} 元`)
  await looksRight(operator, 'settlement-25-told')

  const again = (await operator.api('POST', '/payout-batches', { orderIds: [due.id] }))[0].id
  await operator.api('POST', `/payout-batches/${again}/submission`, { version: 1 })
  await department.api('POST', `/payout-batches/${again}/decision`, { event: 'approve', version: 2 })
  await department.api('POST', `/payout-batches/${again}/sending`, { version: 3 })
  await department.api('POST', `/payout-batches/${again}/results`, { orderIds: [due.id], outcome: 'paid', reference: '2026112700101', paidOn: '2026-01-01' })
  await provider.open('/workbench/messages')
  await provider.sees(`结算款已兑付：${yuan(sum - offset).slice(1)} 元`)
  await provider.open('/workbench/statement')
  await provider.sees('已兑付', '待追回', '抵扣追回款')
  const { totals } = await provider.api('GET', '/my-payouts')
  const statement = await provider.api('GET', '/my-statement')
  assert.equal(statement.thirdClosingFen ?? 0, totals.paid.voucherFen)
  assert.equal(statement.fourthClosingFen ?? 0, totals.owedFen)
  await looksRight(provider, 'settlement-26-statement')
})
