// What becomes of the money of a voucher that is revoked or expires while an order
// holds a part of it, and of a campaign that is canceled: everybody reads the same.
import assert from 'node:assert/strict'
import { barriers, englishWords, tooWide } from './harness/look.mjs'
import { held } from './harness/orders.mjs'
import { suite } from './harness/walk.mjs'

const { walk } = suite({ demo: true })

const password = 'Demo#2026smedx'
const hour = 3_600_000

async function signed(person, account, who) {
  const one = await person(who)
  await one.signedIn(account, password)
  return one
}

async function looksRight(one, shot) {
  await one.shot(shot)
  assert.deepEqual(await englishWords(one.page), [])
  assert.deepEqual(await barriers(one.page), [])
  assert.equal(await tooWide(one.page), false)
}

const yuan = (fen) => '¥' + (fen / 100).toLocaleString('en-US', { minimumFractionDigits: 2 })

walk('01 a voucher is revoked while an order holds a part of it', async ({ person }) => {
  const owner = await signed(person, 'hengrui_demo')
  const { order, voucher } = await held(owner)
  const [left, holds] = [yuan(voucher.availableFen), yuan(voucher.heldFen)]
  const operator = await signed(person, 'operator_demo')
  await operator.open(`/workbench/managed-vouchers/${voucher.id}`)
  await operator.click('提议作废')
  const propose = operator.dialog('提议作废服务券')
  await propose.sees(`订单占用的 ${holds} 暂不收回`, '“需人工处理”')
  await propose.choose('原因', '涉嫌套取补贴')
  await propose.fill('说明（企业可见）', '授权材料不实。')
  await looksRight(operator, 'over-01-propose')
  await propose.click('提交提议')
  await operator.sees(/待复核作废：operator_demo/)
  const department = await signed(person, 'department_demo')
  await department.open(`/workbench/managed-vouchers/${voucher.id}`)
  await department.click('同意作废')
  const confirm = department.dialog('复核作废服务券')
  await confirm.sees(voucher.availableFen ? `余额 ${left} 立即收回活动` : '券上没有余额可收回', `订单占用的 ${holds} 暂不收回`)
  await confirm.fill('复核意见（选填）', '情况属实。')
  await looksRight(department, 'over-02-confirm')
  await confirm.click('确定作废')
  await department.row('作废', '复核意见：情况属实。').sees('operator_demo 提议，department_demo 同意')
  await looksRight(department, 'over-03-staff')
  await operator.open('/workbench/messages')
  await operator.sees(/department_demo 同意作废。.*订单占用的 [\d,.]+ 元尚未收回/)

  const small = await signed(person, 'hengrui_demo', { width: 390 })
  for (const one of [owner, small]) {
    await one.open(`/workbench/vouchers/${voucher.id}`)
    await one.sees('该服务券已作废', `订单占用的 ${holds} 尚未收回`)
  }
  await owner.api('POST', `/orders/${order}/cancel`)
  for (const [one, shot] of [[owner, 'over-04-own'], [small, 'over-04-own-small']]) {
    await one.page.reload()
    await one.sees('该服务券已作废', '取消订单，收回活动（券已作废）', `+${holds}`)
    await one.seesNot('尚未收回')
    await one.sees(`另收回 ${holds}`)
    await looksRight(one, shot)
  }
  const now = await owner.api('GET', `/vouchers/${voucher.id}`)
  const sums = (field) => now.movements.reduce((n, m) => n + m[field], 0)
  assert.deepEqual(
    ['changeFen', 'heldFen', 'redeemedFen', 'returnedFen'].map(sums),
    [now.availableFen, now.heldFen, now.redeemedFen, now.returnedFen],
  )
})

walk('02 a voucher expires while an order holds a part of it', async ({ person, product }) => {
  let owner = await signed(person, 'jinlang_demo')
  const last = (await owner.api('GET', '/vouchers?status=active&size=100')).items
    .filter((v) => v.usable)
    .sort((a, b) => Date.parse(b.expiresAt) - Date.parse(a.expiresAt))[0]
  await product.setClock(Date.parse(last.expiresAt) - 20 * 60_000)
  owner = await signed(person, 'jinlang_demo')
  const { order, voucher } = await held(owner, (v) => v.id === last.id)
  await owner.open('/workbench')
  if (voucher.availableFen) await owner.sees('即将到期的服务券', /还有 (19|20) 分钟/)
  await looksRight(owner, 'over-05-soon')
  await product.setClock(Date.parse(voucher.expiresAt) + 60_000)
  await product.sweep()
  owner = await signed(person, 'jinlang_demo')
  await owner.open('/workbench/messages')
  await owner.sees(`服务券已过期：${voucher.name}`, /元仍可用于已提交的订单/)
  await looksRight(owner, 'over-06-message')
  await owner.api('POST', `/orders/${order}/cancel`)
  await owner.open(`/workbench/vouchers/${voucher.id}`)
  await owner.sees('取消订单，收回活动（券已过期）', `+${yuan(voucher.heldFen)}`)
  await looksRight(owner, 'over-07-own')
  await owner.click('对账单')
  await owner.sees('已抵扣', '已收回', `其中收回活动 ${yuan(voucher.heldFen)}`, '取消订单，收回活动')
  await looksRight(owner, 'over-07-statement')
})

walk('03 a campaign that was announced is canceled', async ({ person }) => {
  const operator = await signed(person, 'operator_demo')
  const department = await signed(person, 'department_demo')
  const now = Date.parse((await operator.api('GET', '/me')).serverTime)
  const [type] = (await operator.api('GET', '/voucher-types?size=100')).items
  const budget = (await operator.api('GET', '/budgets?status=approved&size=100')).items.find((b) => b.availableFen > 2 * type.faceValueFen)
  const draft = await operator.api('POST', '/managed-campaigns', {
    name: '冬季抢券活动', description: '', mode: 'rush', autoGrant: true, perOrg: 1, rules: { sizes: [], regions: [], industries: [] },
    budgetId: budget.id, vouchers: [{ typeId: type.id, quota: 2 }], opensAt: new Date(now + hour), closesAt: new Date(now + 24 * hour),
  })
  const c = await operator.api('POST', `/managed-campaigns/${draft.id}/submission`, { version: draft.version })
  const file = await department.api('GET', `/review-cases/${c.caseId}`)
  const checks = file.checks.map(({ code }) => ({ code, ok: true }))
  await department.api('POST', `/review-cases/${c.caseId}/decisions`, { action: 'approve', version: file.case.version, contentHash: file.case.contentHash, checks })

  const buyer = await signed(person, 'hengrui_demo')
  await buyer.page.clock.install()
  await buyer.open(`/campaigns/${c.id}`)
  await buyer.sees('冬季抢券活动', /距开始/)
  await department.page.clock.install()
  await department.open(`/workbench/campaigns/${c.id}`)
  await department.sees('冬季抢券活动', '未开始')
  await operator.open(`/workbench/campaigns/${c.id}`)
  await operator.click('取消活动')
  await operator.dialog('取消活动').fill('原因', '资金安排调整')
  await operator.dialog('取消活动').click('取消活动')
  await operator.sees('取消原因：资金安排调整', /（operator_demo，/, '退回预算', '✓ 各项合计等于投入资金')
  await looksRight(operator, 'over-08-canceled-staff')
  const small = await signed(person, 'jinlang_demo', { width: 390 })
  await small.open(`/campaigns/${c.id}`)
  for (const one of [buyer, department]) await one.page.clock.fastForward(31_000) // their pages ask again by themselves
  await department.sees('取消原因：资金安排调整', '退回预算')
  for (const [one, shot] of [[buyer, 'over-09-canceled'], [small, 'over-09-canceled-small']]) {
    await one.sees('已取消', '活动已取消，不再发放服务券。取消原因：资金安排调整')
    await looksRight(one, shot)
  }
  await buyer.open('/campaigns')
  await buyer.seesNot('冬季抢券活动')
})

walk('04 the books are right', async ({ product }) => {
  await product.sweep()
  const books = product.reconcile()
  assert.ok(books.ok, JSON.stringify(books.checks.filter((check) => !check.ok), null, 1))
})
