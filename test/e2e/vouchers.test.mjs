// Voucher campaigns by the words of the enterprise guide (5.6): foretold while they
// are drawn up, applied for and granted, rushed for, changed while they run, drawn
// by lot; and in the end the books are right.
import assert from 'node:assert/strict'
import { checkAll, openTask } from './harness/desk.mjs'
import { barriers, englishWords, tooWide } from './harness/look.mjs'
import { suite } from './harness/walk.mjs'

const { walk, product } = suite({ demo: true })

const password = 'Demo#2026smedx'
const mark = process.env.SMEDX_E2E_MARK ?? `m${Date.now().toString(36).slice(-5)}`
const ticket = `改造服务券${mark}`
const reviewed = `审批申领活动${mark}`
const scarce = `名额申领活动${mark}`
const rush = `限时抢券活动${mark}`
const guarded = `先验证再抢活动${mark}`
const lottery = `报名抽签活动${mark}`
const hour = 3_600_000

/** A wall-clock time in China. */
const shanghai = (at) => new Date(at + 8 * hour).toISOString().slice(0, 19).replace('T', ' ')

/** The answer to a sum in Chinese words. */
function solved(question) {
  const [, a, sign, b] = /^(.+)([加减])(.+)等于多少/.exec(question)
  const number = (words) => {
    const digit = (d) => '零一二三四五六七八九'.indexOf(d)
    const [tens, ones] = words.includes('十') ? words.split('十') : ['零', words]
    return (tens ? digit(tens) : 1) * 10 + (ones ? digit(ones) : 0)
  }
  return sign === '加' ? number(a) + number(b) : number(a) - number(b)
}

/** Signs somebody of the demonstration in. */
async function signed(person, account, who) {
  const one = await person(who)
  await one.signedIn(account, password)
  return one
}

async function looksRight(one) {
  assert.deepEqual(await englishWords(one.page, [/^([0-9a-f]+|SHA|Ctrl|Enter)$/, { test: (word) => mark.includes(word) }]), [])
  assert.deepEqual(await barriers(one.page), [])
  assert.equal(await tooWide(one.page), false)
}

const seller = '苏州衡准软件科技有限公司'
const budgetOf = async (operator) => (await operator.api('GET', '/budgets?status=approved&size=100')).items.find((b) => b.availableFen > 50_000_000)
const typeOf = async (operator) => (await operator.api('GET', '/voucher-types?size=100')).items.find((t) => t.name === ticket)

/** A campaign that the walk is not about the making of; not handed in yet. */
async function drafted(operator, name, more) {
  return operator.api('POST', '/managed-campaigns', {
    name, description: '', mode: 'rush', autoGrant: true, perOrg: 1, rules: { sizes: [], regions: [], industries: [] },
    budgetId: (await budgetOf(operator)).id, vouchers: [{ typeId: (await typeOf(operator)).id, quota: 1 }], ...more,
  })
}

/** The same, approved by the department. */
async function running(operator, department, name, more) {
  return approved(operator, department, await drafted(operator, name, more))
}

async function approved(operator, department, draft) {
  const c = await operator.api('POST', `/managed-campaigns/${draft.id}/submission`, { version: draft.version })
  const file = await department.api('GET', `/review-cases/${c.caseId}`)
  const checks = file.checks.map(({ code }) => ({ code, ok: true }))
  await department.api('POST', `/review-cases/${c.caseId}/decisions`, { action: 'approve', version: file.case.version, contentHash: file.case.contentHash, checks })
  return c
}

walk('01 a campaign is foretold while it is drawn up, and again to who approves it', async ({ person }) => {
  const operator = await signed(person, 'operator_demo')
  const scope = { categories: ['planning'], industries: [], tags: [], providers: [], regions: [] }
  await operator.api('POST', '/voucher-types', {
    name: ticket, description: '仅用于计划排程类方案。', faceValueFen: 500_000,
    terms: { minOrderFen: 0, share: 10_000, capFen: 0, scope, validity: { days: 60 }, billing: 'standalone', stackable: true },
  })
  const narrow = `小微专用券${mark}`
  await operator.open('/workbench/voucher-types/new')
  await operator.fill({ 券种名称: narrow, 面值: '2000' })
  await operator.tick('小型')
  await operator.tick('微型')
  await operator.page.getByRole('combobox', { name: '服务商' }).pressSequentially('衡准')
  await operator.page.getByRole('option', { name: seller }).click()
  await operator.page.keyboard.press('Escape')
  await operator.shot('vouchers-01-type')
  await looksRight(operator)
  await operator.click('保存')
  await operator.row(narrow).click('编辑')
  await operator.sees(seller)
  await operator.page.reload()
  await operator.sees(seller)
  const made = (await operator.api('GET', '/voucher-types?size=100')).items.find((t) => t.name === narrow)
  assert.deepEqual([made.terms.scope.sizes, made.terms.scope.providers.length], [['micro', 'small'], 1])

  await operator.open('/workbench/campaigns/new')
  await operator.sees('活动服务券')
  await operator.click('保存草稿') // what is left empty is named, all of it at once
  await operator.sees('有 5 处需要修改', ...['活动名称', '开始时间', '结束时间', '券种', '预算'].map((label) => `${label}：此项必填。`))
  await operator.fill('活动名称', reviewed)
  await operator.page.locator('.el-radio').filter({ hasText: /^申请$/ }).click()
  await operator.tick('由运营人员审批')
  await operator.pick('开始时间', shanghai(Date.now() - 60_000))
  await operator.pick('结束时间', shanghai(Date.now() + 24 * hour))
  await operator.choose('券种', new RegExp(ticket))
  await operator.fill('数量（张）', '4')
  await operator.choose('预算', new RegExp((await budgetOf(operator)).name))
  await operator.choose('所在地区', '浙江省')
  const card = operator.section('测算')
  await card.click('开始测算')
  await card.sees(/\/ \d+ 家/, '逐条规则', '按地区', '按企业规模', /\d+ 家不符合/, '4 / 4 张', '¥20,000.00', '100.0%')
  await operator.fill('数量（张）', '200')
  await card.sees('条件已修改，请重新测算。')
  await card.click('重新测算')
  await card.sees(/\d+ \/ 200 张/)
  await operator.fill('数量（张）', '90000')
  await card.click('重新测算')
  await card.sees('目前可用', '占用后剩余', '¥450,000,000.00', /超出预算 ¥[\d,.]+，不能通过审批/)
  await operator.fill('数量（张）', '4')
  await card.click('重新测算')
  await card.sees('4 / 4 张')
  await card.seesNot('超出预算')
  await operator.shot('vouchers-01-simulation')
  await looksRight(operator)
  await operator.click('保存草稿')
  await operator.click('提交审批')
  await operator.dialog('提交审批').click('提交审批')
  await operator.sees('待审批')

  const department = await signed(person, 'department_demo')
  await openTask(department, reviewed)
  await department.sees('测算', '4 / 4 张', '占用后剩余', '预算与发放总额相符')
  await department.shot('vouchers-01-approval')
  await looksRight(department)
  await checkAll(department)
  await department.tick('通过')
  await department.click(/^提交审批/)
  await department.sees('审批已提交')
  await drafted(operator, `未提交的活动${mark}`, { opensAt: new Date(), closesAt: new Date(Date.now() + hour) })
  await product().sweep()
})

walk('02 服务券活动 → 详情 → 立即申请, granted, and 服务券查询 → 详情 → 去使用', async ({ person }) => {
  const outsider = await signed(person, 'jingdian_demo')
  await outsider.open('/workbench')
  await outsider.click('服务券活动')
  await outsider.row(reviewed).click('详情')
  await outsider.sees('我能领吗', '企业已通过认证', '所在地区：浙江省', /不符合，贵企业为/, '暂不符合领取条件')
  assert.equal(await outsider.offers('立即申请'), false)

  const owner = await signed(person, 'hengrui_demo')
  await owner.open('/workbench')
  await owner.click('服务券活动')
  await owner.sees('活动名称', '开始时间', '结束时间', reviewed)
  await owner.seesNot(`未提交的活动${mark}`)
  await owner.row(reviewed).click('详情')
  await owner.sees('申请（申请后审批发放）', '我能领吗', ticket, /剩余 4 张/)
  await owner.shot('vouchers-02-campaign')
  await looksRight(owner)
  await owner.click('立即申请')
  await owner.fill('申请说明', '拟采购排程软件')
  await owner.click('提交申请')
  await owner.sees('审批中', '您已提交申请，审批通过后可在“服务券查询”中查看。')
  await owner.click('撤回申请')
  await owner.dialog('撤回申请').click('撤回申请')
  await owner.sees('已撤回申请，可在活动结束前重新申请。')
  await owner.click('立即申请')
  await owner.fill('申请说明', '采购软件')
  await owner.click('提交申请')
  await owner.sees('审批中')

  const clerk = await signed(person, 'operator_demo')
  await clerk.open('/workbench')
  await clerk.click(`服务券申请 · ${reviewed}`)
  await clerk.row('采购软件').click('驳回')
  await clerk.fill('驳回原因', '请写明拟采购的软件')
  await clerk.dialog('驳回申请').click('驳回')
  await clerk.sees(/已驳回/)
  await owner.page.reload()
  await owner.sees('申请未通过：请写明拟采购的软件')
  await owner.shot('vouchers-02-refused')
  await looksRight(owner)
  await owner.click('重新申请')
  await owner.fill('申请说明', '拟采购排程软件')
  await owner.click('提交申请')
  await owner.sees('审批中')

  const operator = await signed(person, 'operator_demo')
  await operator.open('/workbench')
  await operator.click(`服务券申请 · ${reviewed}`) // among what waits for him
  await operator.sees('拟采购排程软件')
  await operator.row('拟采购排程软件').click('通过')
  const asked = operator.dialog('通过申请')
  await asked.sees(/恒锐/, ticket, '面值 ¥5,000.00')
  await operator.shot('vouchers-02-approve')
  await asked.click('通过')
  await operator.sees(/已发放/)

  await owner.click('服务券查询')
  await owner.sees('服务券名称', '余额', '面值', '有效期', '状态', '计费模式')
  await owner.row(ticket).sees('¥5,000.00', '可使用', '单独计价', '详情', '去使用')
  await owner.row(ticket).click('详情')
  await owner.sees('使用规则', '余额变动', '领取', '+¥5,000.00', '仅用于计划排程类方案。')
  await owner.shot('vouchers-02-voucher')
  await owner.click('去使用')
  await owner.sees(/共 \d+ 个商品/)
  assert.equal(new URL(owner.page.url()).searchParams.get('category'), 'planning')
})

walk('02b more apply than the quota has: who waits and who decides read what can be done', async ({ person }) => {
  const operator = await signed(person, 'operator_demo')
  const department = await signed(person, 'department_demo')
  const now = Date.now()
  const c = await running(operator, department, scarce, { mode: 'application', autoGrant: false, opensAt: new Date(now - hour), closesAt: new Date(now + 24 * hour) })

  // The answer is lost: once the page knows that the application is there, nothing failed.
  const first = await signed(person, 'hengrui_demo')
  await first.page.route('**/applications', async (route) => {
    await route.fetch()
    await route.abort('aborted')
  })
  await first.open(`/workbench/campaigns/${c.id}`)
  await first.click('立即申请')
  await first.click('提交申请')
  await first.sees('审批中', '撤回申请')
  await first.seesNot(/网络/)

  const second = await signed(person, 'jinlang_demo')
  await second.open(`/workbench/campaigns/${c.id}`)
  await second.click('立即申请')
  await second.fill('申请说明', '采购质量检测软件')
  await second.click('提交申请')
  await second.sees('审批中')
  await operator.open(`/workbench/campaigns/${c.id}`)
  const { items } = await operator.api('GET', `/managed-campaigns/${c.id}/applications`)
  await operator.api('POST', `/voucher-applications/${items[0].id}/decision`, { event: 'approve' })
  await second.page.reload()
  await second.sees('名额已满，等待处理', /名额已满\s*\/ 共 1 张/, '撤回申请')
  await second.seesNot('审批中')
  await second.shot('vouchers-02b-full')
  await looksRight(second)
  await operator.row('采购质量检测软件').click('通过')
  await operator.dialog('通过申请').click('通过')
  await operator.sees('名额已发完：可先“变更活动”追加数量，或驳回申请。')
  await operator.shot('vouchers-02b-used')
  await looksRight(operator)
})

walk('03 立即抢券: the countdown goes by the clock of the platform, no click is lost', async ({ person, product }) => {
  const operator = await signed(person, 'operator_demo')
  const department = await signed(person, 'department_demo')
  const opens = Date.now() + hour
  const rules = { sizes: ['micro', 'small', 'medium', 'large'], regions: [], industries: [] }
  const c = await running(operator, department, rush, { rules, opensAt: new Date(opens), closesAt: new Date(opens + 24 * hour) })

  // Who cannot take part reads so, and why, before it waits.
  const late = await signed(person, 'jinlang_demo')
  const { org } = await late.api('GET', '/me')
  await operator.api('POST', `/orgs/${org.id}/discipline`, { verb: 'suspend', reason: 'investigation', comment: '核查代办情况。' })
  await late.open(`/campaigns/${c.id}`)
  await late.sees(/距开始/, '企业认证已暂停，开始后也不能领取。', '查看原因', /企业规模：微型、小型、中型、大型/, '（认证通过后判断）')
  await late.seesNot(/不符合/)
  await late.shot('vouchers-03-barred')
  await looksRight(late)
  await operator.api('POST', `/orgs/${org.id}/discipline`, { verb: 'restore', reason: 'resolved', comment: '已核实。' })
  await product.setClock(opens - 60_000)

  // Whose own clock is a day ahead waits like everybody else.
  const buyer = await person()
  await buyer.page.clock.install({ time: new Date(opens + 24 * hour) })
  await buyer.signedIn('hengrui_demo', password, `/campaigns/${c.id}`)
  await buyer.sees(/距开始 00:0[01]:\d\d/, /开始，按服务器时间/, /剩余 1 张/)
  assert.equal(await buyer.offers('立即抢券'), false)
  await product.setClock(opens + 1000)
  await buyer.page.clock.fastForward(61_000) // nobody reloads
  await buyer.sees('立即抢券', '距结束')

  // The page is loaded again before the answer came.
  let arrived
  const answered = new Promise((resolve) => (arrived = resolve))
  await buyer.page.route('**/claims*', async (route) => {
    await route.fetch()
    arrived() // and the page never hears of it
  })
  await buyer.click('立即抢券')
  await answered
  await buyer.page.reload()
  await buyer.sees('✓ 已领取', '查看我的服务券', '已领完')
  await buyer.shot('vouchers-03-claimed')
  await late.open(`/campaigns/${c.id}`)
  await late.sees('已领完')
  assert.equal(await late.offers('立即抢券'), false)
})

walk('03b a campaign that asks a challenge: solved while one waits, by picture or by sum', async ({ person, product }) => {
  const operator = await signed(person, 'operator_demo')
  const department = await signed(person, 'department_demo')
  const opens = Date.now() + 3 * hour
  const draft = await drafted(operator, guarded, { opensAt: new Date(opens), closesAt: new Date(opens + 24 * hour) })
  await operator.open(`/workbench/campaigns/${draft.id}/edit`)
  await operator.tick('须先完成验证题目')
  await operator.shot('vouchers-03b-editor')
  await operator.click('保存草稿')
  await operator.sees('抢券前验证', '需要，每家企业一次')
  await approved(operator, department, await operator.api('GET', `/managed-campaigns/${draft.id}`))

  await product.setClock(opens - 60_000)
  const buyer = await signed(person, 'hengrui_demo')
  await buyer.open(`/campaigns/${draft.id}`)
  await buyer.sees('抢券前验证', /距开始/, '图形验证码')
  await buyer.shot('vouchers-03b-challenge')
  await looksRight(buyer)
  await buyer.click('看不清，改答计算题')
  await buyer.sees(/等于多少/)
  await buyer.fill('计算题', '1')
  await buyer.click('完成验证')
  await buyer.sees('图形验证码或计算结果不正确，请按新的题目重新填写。')
  await product.setClock(opens + 1000)
  await buyer.page.reload()
  await buyer.sees('立即抢券', '图形验证码')
  await buyer.click('立即抢券')
  await buyer.sees('本活动须先完成验证再抢券')
  await buyer.click('看不清，改答计算题')
  await buyer.sees(/等于多少/)
  await buyer.fill('计算题', String(solved(await buyer.page.locator('.question').innerText())))
  await buyer.click('完成验证')
  await buyer.sees('验证通过，可以抢券', '已完成')
  await buyer.click('立即抢券')
  await buyer.sees('✓ 已领取', /抢券成功/)
  const focused = await buyer.page.evaluate(() => document.activeElement.textContent)
  assert.match(focused, /抢券成功/, 'whoever uses the keyboard is where the button was')
})

walk('04 a running campaign is changed by a second person, and everybody reads why', async ({ person, product }) => {
  const operator = await signed(person, 'operator_demo')
  await operator.open('/workbench/campaigns')
  await operator.row(rush).click('详情')
  await operator.sees('已领完')
  await operator.click('变更活动')
  const dialog = operator.dialog('变更活动')
  await dialog.fill(`${ticket}数量（张）`, '100000')
  await dialog.fill('变更原因', '报名踊跃，追加名额')
  await dialog.sees(/资金不足/)
  await dialog.click('提交审批')
  await dialog.sees(/预算可用余额 [\d,.]+ 元，不足所需的 499,995,000\.00 元/)
  await dialog.fill(`${ticket}数量（张）`, '3')
  await dialog.sees('¥10,000.00')
  await operator.shot('vouchers-04-dialog')
  await dialog.click('提交审批')
  await operator.sees('变更已提交，等待工信厅审批', '活动变更', '待审批')
  assert.equal(await operator.offers('变更活动'), false)

  const department = await signed(person, 'department_demo')
  await openTask(department, `活动变更：${rush}`)
  await department.sees('申请变更', /增加至 3 张（原为 1 张）/, '¥10,000.00', '变更原因：报名踊跃，追加名额', '变更理由充分，确有必要', '测算')
  await department.seesNot('预算与发放总额相符')
  await department.shot('vouchers-04-approval')
  await looksRight(department)
  await checkAll(department)
  await department.tick('通过')
  await department.click(/^提交审批/)
  await department.sees('审批已提交')
  await product.sweep()

  const late = await signed(person, 'jinlang_demo')
  await late.open('/workbench/campaigns')
  await late.row(rush).click('详情')
  await late.sees('活动公告', /增加至 3 张（原为 1 张）/, '变更原因：报名踊跃，追加名额')
  await late.shot('vouchers-04-news')
  await looksRight(late)
  await late.click('立即抢券')
  await late.sees(/抢券成功/, '✓ 已领取')

  await operator.page.reload()
  await operator.sees('已生效', '进行中')
  await operator.click('暂停活动')
  const pause = operator.dialog('暂停活动')
  await pause.fill('原因', '核查异常领取')
  // Neither a slip of the hand nor a way out takes what was typed.
  for (const way of [() => operator.page.keyboard.press('Escape'), () => operator.page.mouse.click(5, 5), () => pause.click('返回'), () => operator.page.goBack()]) {
    await way()
    const asks = operator.dialog('放弃已填写的内容？')
    await asks.click('继续填写')
    await operator.seesNot('放弃已填写的内容？')
    assert.equal(await pause.value('原因'), '核查异常领取')
  }
  await operator.page.keyboard.press('Escape')
  await operator.dialog('放弃已填写的内容？').sees('离开后会丢失')
  await operator.page.keyboard.press('Escape') // closes the question alone, and the hand is where it was
  await operator.seesNot('放弃已填写的内容？')
  assert.equal(await operator.page.evaluate(() => document.querySelector('[aria-label="暂停活动"]').contains(document.activeElement)), true)
  await operator.shot('vouchers-04-unsaved')
  await pause.click('暂停活动')
  await operator.sees('暂停原因：核查异常领取')
  const visitor = await person()
  await visitor.open(late.page.url().replace('/workbench', ''))
  await visitor.sees('活动已暂停', /暂停原因：核查异常领取/, '活动公告', '活动暂停，暂不发放服务券')
  await operator.click('恢复活动')
  await operator.sees('活动已恢复')
  await visitor.page.reload()
  await visitor.sees('活动恢复，继续发放服务券', '暂停原因：核查异常领取', /计划排程/)
  await looksRight(visitor)
  await visitor.shot('vouchers-04-announced')
})

walk('05 报名抽签: the published result, computed again by anybody', async ({ person, product }) => {
  const operator = await signed(person, 'operator_demo')
  const department = await signed(person, 'department_demo')
  const { serverTime } = await operator.api('GET', '/me')
  const now = Date.parse(serverTime)
  const c = await running(operator, department, lottery, {
    mode: 'application', autoGrant: false, draw: true, opensAt: new Date(now - 1000), closesAt: new Date(now + hour),
  })
  await product.sweep()
  for (const account of ['jinlang_demo', 'lanqiao_demo', 'jingdian_demo']) {
    const one = await signed(person, account)
    await one.open(`/workbench/campaigns/${c.id}`)
    await one.sees('抽签规则', '种子指纹（SHA-256）')
    await one.click('报名抽签')
    await one.sees('报名成功，抽签结果会以消息通知。', '已报名，待抽签', /报名编号 \d+/)
    if (account === 'jingdian_demo') {
      await one.click('取消报名')
      await one.dialog('取消报名').sees('不取消')
      await one.dialog('取消报名').click('取消报名')
      await one.sees('已取消报名', '报名抽签')
      await one.seesNot('报名成功')
      await one.click('报名抽签')
      await one.sees('已报名，待抽签')
    }
    await one.leave()
  }
  await product.setClock(now + hour + 1000)
  await product.sweep() // ends
  await product.sweep() // draws
  const visitor = await person()
  await visitor.open(`/campaigns/${c.id}`)
  await visitor.sees('抽签结果', /共 3 家企业报名，1 家中签/)
  await visitor.click('在本机核验')
  await visitor.sees('核验通过：种子与指纹相符，重新计算的 3 个次序与公布的一致。')
  await visitor.shot('vouchers-05-draw')
  await looksRight(visitor)
  const owner = await signed(person, 'lanqiao_demo')
  await owner.open(`/campaigns/${c.id}`)
  await owner.sees(/本企业排第 [123] 位/, /已中签|未中签/)
  const host = await signed(person, 'operator_demo') // the hour has ended the session before
  await host.open(`/workbench/campaigns/${c.id}`) // who ran it sees the same, with the names
  await host.sees('抽签结果', /共 3 家企业报名，1 家中签/)
  const registered = host.section('报名企业')
  await registered.sees('报名编号', '中签', '未中签', '已取消报名')
  await registered.seesNot('待审批')
  await host.shot('vouchers-05-drawn-operator')
})

walk('06 the books are right', async ({ product }) => {
  await product.sweep()
  const books = product.reconcile()
  assert.ok(books.ok, JSON.stringify(books.checks.filter((check) => !check.ok), null, 1))
})
