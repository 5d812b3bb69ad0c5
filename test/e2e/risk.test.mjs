// Abuse of vouchers: a lead with its evidence, a freeze that its owner reads and
// that the cashier minds, a second person who thaws, two who revoke.
import assert from 'node:assert/strict'
import { looksRight as right } from './harness/look.mjs'
import { held } from './harness/orders.mjs'
import { suite } from './harness/walk.mjs'

const { walk } = suite({ demo: true })

const password = 'Demo#2026smedx'
const company = '海宁羽棉服饰有限公司'
const other = '绍兴柯桥华岫印染有限公司'
const instant = '电子作业指导与工时采集' // sold as a plan that is usable as soon as it is paid
let voucher // of the company, the one that the walks are about

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

walk('01 the operator confirms a lead and freezes a voucher with its evidence', async ({ person }) => {
  const operator = await signed(person, 'operator_demo')
  await operator.open('/workbench')
  await operator.click('风险线索')
  await operator.sees('线索不等于结论', '疑似关联交易', '共用联系电话', '交付验收过快')
  await looksRight(operator, 'risk-01-list')
  await operator.click('立即检查')
  await operator.sees('检查完成，没有新线索')

  await operator.row('共用联系电话', company).click('查看证据')
  const lead = operator.dialog('共用联系电话')
  await lead.sees('相同之处', /联系电话：138\*{4}\d{4}/, company, other, '去冻结')
  await looksRight(operator, 'risk-02-evidence')
  await lead.click('确认有问题')
  await lead.sees('请填写理由')
  await lead.fill('理由', '电话回访，两家企业均由同一人代办，未提供授权。')
  await lead.click('确认有问题')
  const asks = operator.page.locator('.el-message-box')
  await asks.getByText(/确认后不能改为“排除”.*不会自动冻结服务券，也不通知企业/).waitFor()
  await operator.shot('risk-02-asks')
  await asks.getByRole('button', { name: '暂不确认' }).click()
  await operator.page.keyboard.press('Escape') // closes the evidence only when asked to
  await operator.dialog('放弃已填写的内容？').click('继续填写')
  await operator.seesNot('放弃已填写的内容？')
  await lead.click('确认有问题')
  await asks.getByRole('button', { name: '确认有问题' }).click()
  await lead.sees('已确认', 'operator_demo')

  await lead.row(company, '余额').click('去冻结')
  const freeze = operator.dialog('冻结服务券')
  await freeze.sees(company, '解冻须由另一位人员操作')
  assert.match(await freeze.value('说明（企业可见）'), /风险线索「共用联系电话」；联系电话：138\*{4}\d{4}/)
  await operator.shot('risk-03-freeze')
  await freeze.click('确定冻结')
  await operator.sees('已冻结', '您冻结了该券，须由另一位人员解冻。')
  voucher = operator.page.url().match(/managed-vouchers\/(\d+)/)[1]
  await looksRight(operator, 'risk-04-voucher')
  assert.equal(await operator.offers('解冻'), false)
})

walk('02 its owner reads why and cannot pay with it', async ({ person }) => {
  const owner = await signed(person, 'yumian_demo')
  await owner.open('/workbench/vouchers?status=frozen')
  await owner.sees('已冻结', '配合风险核查')
  await owner.shot('risk-05-own-list')
  await owner.open(`/workbench/vouchers/${voucher}`)
  await owner.sees('该服务券已冻结', /原因：配合风险核查：风险线索/, '联系运营管理员')
  await looksRight(owner, 'risk-06-own')
  assert.equal(await owner.offers('去使用'), false)
  const [line] = (await owner.api('GET', '/orders?size=50')).items.filter((o) => o.lines.length === 1)
  const detail = await owner.api('GET', `/offerings/${line.lines[0].offeringId}`)
  const plan = detail.content.plans.find((p) => p.prices.length)
  const want = { planId: plan.id, unit: plan.prices[0].unit, quantity: 1 }
  const refused = await owner.api('POST', '/checkout/quote', { lines: [want], voucherIds: [voucher] }, { expect: 409 })
  assert.match(refused.detail, /已冻结，不能用于支付。原因：配合风险核查/)
  const free = await owner.api('POST', '/checkout/quote', { lines: [want] })
  assert.ok(!free.vouchers.some((v) => v.id === voucher))

  // Beside the checkout it stands with its reason; what is usable at once says that it cannot be taken back.
  const atOnce = (await owner.api('GET', `/offerings?q=${encodeURIComponent(instant)}`)).items[0]
  const sold = (await owner.api('GET', `/offerings/${atOnce.id}`)).content.plans.find((p) => p.instant)
  await owner.open(`/checkout/pay?lines=${sold.id}.${sold.prices[0].unit}.1`)
  await owner.sees('支付后即时开通，订单随即完成，不能取消或退订。', '即时开通的商品支付后立即生效，不能取消或退订。')
  await owner.click(/^不能用于本单的服务券 \d+ 张$/)
  await owner.sees('已冻结，解冻后才能使用')
  await looksRight(owner, 'risk-07-checkout')
})

walk('03 a second person thaws it, and two revoke it', async ({ person }) => {
  const department = await signed(person, 'department_demo')
  await department.open('/workbench/managed-vouchers?status=frozen')
  await department.row(company).click('查看')
  await department.row('人工冻结').click('解冻')
  await department.dialog('解冻服务券').fill('核实情况（企业可见）', '已补充授权材料。')
  await department.dialog('解冻服务券').click('确定解冻')
  await department.sees('可使用', '已补充授权材料。')

  const operator = await signed(person, 'operator_demo')
  await operator.open(`/workbench/managed-vouchers/${voucher}`)
  await operator.click('提议作废')
  const propose = operator.dialog('提议作废服务券')
  await propose.click('提交提议')
  await propose.sees('请选择原因', '请填写说明')
  await propose.choose('原因', '涉嫌套取补贴')
  await propose.fill('说明（企业可见）', '授权材料不实。')
  await propose.click('提交提议')
  await operator.sees(/待复核作废：operator_demo/, '须由另一位人员复核')
  const decision = `/managed-vouchers/${voucher}/revocation/decision`
  await department.api('POST', decision, { event: 'decline', comment: '先请企业补充材料。' })
  await operator.open(`/workbench/managed-vouchers/${voucher}`)
  await operator.row('不同意作废').sees('先请企业补充材料。', '授权材料不实。', 'department_demo')
  await operator.open('/workbench/messages')
  await operator.sees(/作废提议未通过/)
  await operator.api('POST', `/managed-vouchers/${voucher}/revocation`, { reason: 'fraud', comment: '授权材料不实。' })
  await operator.open(`/workbench/managed-vouchers/${voucher}`)
  await operator.sees(/待复核作废：operator_demo/)
  assert.equal(await operator.offers('同意作废'), false)

  await department.open('/workbench')
  await department.click('服务券作废复核')
  await department.row(company, '待复核作废').click('查看')
  await department.sees(/待复核作废：operator_demo/)
  await looksRight(department, 'risk-07-revocation')
  await department.click('同意作废')
  await department.dialog('复核作废服务券').click('确定作废')
  await department.sees('已作废', '¥0.00')

  const owner = await signed(person, 'yumian_demo', { width: 390 })
  await owner.open(`/workbench/vouchers/${voucher}`)
  await owner.sees('该服务券已作废', '作废收回', '授权材料不实。')
  await owner.shot('risk-08-revoked')
})

walk('04 vouchers follow the certification of their company, and staff find the orders', async ({ person }) => {
  const operator = await signed(person, 'operator_demo')
  const owner = await signed(person, 'huaxiu_demo')
  const id = (await owner.api('GET', '/org')).id
  const frozen = async () => (await owner.api('GET', '/vouchers?status=frozen')).total
  await operator.api('POST', `/orgs/${id}/discipline`, { verb: 'suspend', reason: 'investigation', comment: '核查代办情况。' })
  assert.ok((await frozen()) > 0)
  await operator.open(`/workbench/orgs/${id}`)
  await operator.click('查看该企业的服务券')
  await operator.sees('只看一家企业', '已冻结')
  await operator.row('已冻结').click('查看')
  await operator.sees('冻结情况', '企业认证恢复后自动解冻')
  const two = operator.page.url().match(/managed-vouchers\/(\d+)/)[1]
  await operator.click('冻结')
  const dialog = operator.dialog('冻结服务券')
  await dialog.choose('原因', '配合风险核查')
  await dialog.fill('说明（企业可见）', '核查领取情况。')
  await dialog.click('确定冻结')
  await operator.sees('您冻结了该券，须由另一位人员解冻。', '企业认证恢复后自动解冻')
  await looksRight(operator, 'risk-10-two-freezes')
  await owner.open(`/workbench/vouchers/${two}`)
  await owner.sees('该服务券已冻结', '认证已被暂停', '核查领取情况。', '各项冻结都解除后才能使用')
  await owner.shot('risk-11-own-two')
  await operator.open('/workbench/orders?manual=true')
  await operator.sees('需人工处理（服务券被冻结或作废）')
  await looksRight(operator, 'risk-09-orders')
  await operator.api('POST', `/orgs/${id}/discipline`, { verb: 'restore', reason: 'resolved', comment: '已核实。' })
  assert.equal(await frozen(), 1)
  const department = await signed(person, 'department_demo')
  await department.api('POST', `/managed-vouchers/${two}/unfreeze`, { origin: 'staff', comment: '已核实。' })
  assert.equal(await frozen(), 0)
})

walk('05 an acceptance takes a code of the buyer’s own phone, where the platform asks for it', async ({ person, product }) => {
  const admin = await signed(person, 'admin_demo')
  await admin.open('/workbench/settings')
  await admin.sees('风险防控', '验收须短信验证码', '涉及“共用登录设备”线索的企业先冻结服务券')
  await looksRight(admin, 'risk-10-settings')
  const { version } = (await admin.api('GET', '/settings')).find((one) => one.key === 'account.acceptance_code')
  await admin.api('PUT', '/settings/account.acceptance_code', { value: 'on', version })

  const buyer = await signed(person, 'jinlang_demo')
  const [order] = (await buyer.api('GET', '/orders?status=delivered')).items
  await buyer.api('POST', `/orders/${order.id}/acceptance`, { code: '000000' }, { expect: 422 })
  await buyer.open(`/workbench/orders/${order.id}`)
  await buyer.click('验收')
  const dialog = buyer.dialog('验收')
  await dialog.click('验收通过')
  await dialog.sees('请先点“获取验证码”')
  await dialog.click('获取验证码')
  await dialog.sees('验证码会在 1 分钟内送达')
  const code = await product.code('13800000202')
  await dialog.fill('验证码', code === '111111' ? '222222' : '111111')
  await dialog.click('验收通过')
  await dialog.sees('验证码错误或已失效，请重新获取。')
  await dialog.fill('验证码', code)
  await buyer.page.mouse.move(0, 0)
  await looksRight(buyer, 'risk-11-acceptance')
  await dialog.click('验收通过')
  await buyer.sees('验收通过')
  await buyer.seesNot('获取验证码')
})

walk('06 an own share that another account paid is a lead, and holds the payout', async ({ person }) => {
  const owner = await signed(person, 'hengrui_demo')
  const { order } = await held(owner)
  await owner.open(`/workbench/orders/${order}`)
  await owner.click('去支付')
  await owner.sees('模拟收银台')
  assert.equal(await owner.value('付款账户户名'), (await owner.api('GET', '/org')).name)
  const seller = (await owner.api('GET', `/orders/${order}`)).providerName
  await owner.fill('付款账户户名', seller)
  await looksRight(owner, 'risk-12-cashier')
  await owner.click('确认付款')
  await owner.sees(/支付成功/)
  await owner.open(`/workbench/orders/${order}`)
  await owner.sees('付款账户户名', '是本单服务商')
  await looksRight(owner, 'risk-13-order')

  const operator = await signed(person, 'operator_demo')
  await operator.open('/workbench/risks')
  await operator.click('立即检查')
  await operator.row('自付款由他人支付', seller).click('查看证据')
  const lead = operator.dialog('自付款由他人支付')
  await lead.sees(/以服务商的账户支付了企业自付的 ¥/, '查看订单')
  await looksRight(operator, 'risk-14-payer')
  await lead.click('查看订单')
  await operator.sees('付款账户户名', '是本单服务商')
})

walk('07 a voucher is frozen while its owner is at the check-out, another revoked while an order holds it', async ({ person }) => {
  const owner = await signed(person, 'jinlang_demo')
  const { items: goods } = await owner.api('GET', '/offerings?size=50')
  const { line, pair } = await together(owner, goods)
  await owner.open(`/checkout/pay?lines=${line}&vouchers=${pair.map((v) => v.id).join(',')}`)
  const [gone, kept] = pair.map((v) => owner.page.locator('.vouchers li').filter({ hasText: v.name }).first())
  await kept.getByText('使用后余额').waitFor()
  await gone.getByText('使用后余额').waitFor()
  const operator = await signed(person, 'operator_demo')
  await operator.api('POST', `/managed-vouchers/${pair[0].id}/freeze`, { reason: 'check', comment: '核查领取情况。' })

  // Only what was frozen is taken off, and the new amount is asked for before anything is placed.
  await owner.click('确认支付')
  await owner.sees('服务券的选择已变更', /已冻结，不能用于支付。原因：.*核查领取情况/)
  await kept.getByText('使用后余额').waitFor()
  assert.equal(await gone.count(), 0)
  await looksRight(owner, 'risk-15-frozen-at-checkout')
  await owner.click('确认支付')
  await owner.dialog('请核对金额').click('返回核对')
  await owner.click('确认支付')
  await owner.dialog('请核对金额').click('继续支付')
  await owner.sees('模拟收银台')
  const [order] = (await owner.api('GET', '/orders?status=placed')).items
  assert.equal((await owner.api('GET', `/orders/${order.id}`)).vouchers.length, 1)

  const department = await signed(person, 'department_demo')
  await operator.api('POST', `/managed-vouchers/${pair[1].id}/revocation`, { reason: 'fraud', comment: '材料不实。' })
  await department.api('POST', `/managed-vouchers/${pair[1].id}/revocation/decision`, { event: 'confirm', comment: '' })
  await owner.open(`/workbench/orders/${order.id}`)
  await owner.sees('所用服务券已停用', /已作废）。订单不能支付，请取消订单后重新下单。/, /收回活动，不退回企业/)
  assert.equal(await owner.offers('去支付'), false)
  await looksRight(owner, 'risk-16-unpayable')
  await operator.open(`/workbench/orders/${order.id}`)
  await operator.sees('需人工处理', /逾期自动取消，占用的金额收回活动/)
  await owner.click('取消订单')
  const asked = owner.dialog('取消订单')
  await asked.sees(/已作废，抵扣的 ¥[\d,.]+ 收回活动，不退回企业。/)
  await asked.click('取消订单')
  await owner.sees('订单已取消')
  await owner.open(`/checkout/${order.checkoutId}/result`)
  await owner.sees(/已收回活动，不退回企业。您可以重新购买。/)
  await looksRight(owner, 'risk-17-canceled')
})

walk('08 an order that a revoked voucher pays is a lead, with when and why it was revoked', async ({ person }) => {
  const operator = await signed(person, 'operator_demo')
  const used = (await operator.api('GET', '/issued-vouchers?status=active&size=100')).items.find((v) => v.redeemedFen > 0 && v.availableFen > 0)
  assert.ok(used, 'no voucher is used in part in the demonstration data')
  await operator.api('POST', `/managed-vouchers/${used.id}/revocation`, { reason: 'fraud', comment: '所购服务没有真实发生。' })
  const department = await signed(person, 'department_demo')
  await department.api('POST', `/managed-vouchers/${used.id}/revocation/decision`, { event: 'confirm', comment: '' })
  await operator.open('/workbench/risks')
  await operator.click('立即检查')
  await operator.row('由已作废的券支付', used.orgName).click('查看证据')
  const lead = operator.dialog('由已作废的券支付')
  await lead.sees(/的服务券已作废，本单由它支付 ¥[\d,.]+。作废原因：涉嫌套取补贴。所购服务没有真实发生。/, '查看服务券', '查看订单')
  await looksRight(operator, 'risk-17-revoked')
})

/** Two vouchers that pay together for something that costs more, and its line in an address. */
async function together(owner, goods) {
  for (const { id } of goods) {
    const { content } = await owner.api('GET', `/offerings/${id}`)
    for (const plan of content.plans.filter((p) => p.prices.length)) {
      const lines = [{ planId: plan.id, unit: plan.prices[0].unit, quantity: 1 }]
      const pair = (await owner.api('POST', '/checkout/quote', { lines })).vouchers.filter((v) => v.stackable).slice(0, 2)
      if (pair.length < 2 || pair[0].name === pair[1].name) continue
      const quote = await owner.api('POST', '/checkout/quote', { lines, voucherIds: pair.map((v) => v.id) })
      if (quote.payableFen > 0 && quote.vouchers.filter((v) => v.chosen && v.redeemFen > 0).length === 2) return { line: `${plan.id}.${plan.prices[0].unit}.1`, pair }
    }
  }
  throw new Error('no two vouchers pay for anything together')
}
