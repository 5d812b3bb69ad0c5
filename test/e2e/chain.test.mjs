// The platform's main job from two registrations to a rating, by the words on
// the pages and nothing else. Staff come from the demonstration data; both
// companies, the solution, the budget, the campaign and the orders are made here.
import assert from 'node:assert/strict'
import { suite } from './harness/walk.mjs'
import { checkAll } from './harness/desk.mjs'
import { creditCode, document, picture } from './harness/things.mjs'

const { walk, product } = suite({ demo: true })

const demoPassword = 'Demo#2026smedx'
const mark = process.env.SMEDX_E2E_MARK ?? `m${Date.now().toString(36).slice(-5)}`
/** Eight digits of a text. */
const phoneOf = (text) => String([...text].reduce((n, c) => (n * 31 + c.codePointAt(0)) % 100_000_000, 7)).padStart(8, '3')
const buyer = {
  username: `chain_buyer_${mark}`, phone: `139${phoneOf(mark)}`, password: 'Lian#Tu2026', later: 'Xin#Mi2027',
  company: `链路演示精密制造${mark}有限公司`, code: creditCode(`B${mark}`),
}
const seller = {
  username: `chain_seller_${mark}`, phone: `137${phoneOf(mark)}`, password: 'Shang#Jia26',
  company: `链路演示软件${mark}有限公司`, code: creditCode(`S${mark}`),
}
const solution = `车间排产协同方案${mark}`
const voucher = `链路升级券${mark}`
const campaign = `链路抢券活动${mark}`
const experts = ['expert_guan', 'expert_tan', 'expert_lei']
const expertNames = ['关景行', '谭书墨', '雷清源']

/** A time from now as the date fields of the pages take it: 2026-11-24 10:00:00 in Shanghai. */
const shanghai = (seconds) =>
  new Date(Date.now() + seconds * 1000 + 8 * 3600_000).toISOString().slice(0, 19).replace('T', ' ')

async function register(person, role, who) {
  await person.open('/')
  await person.click('注册')
  await person.sees('欢迎注册', '填写帐号信息')
  await person.choose('角色', role)
  await person.fill({ 用户名: who.username, 手机号: who.phone, 密码: who.password, 确认密码: who.password })
  await person.tick(/我已阅读并同意/)
  await person.click('下一步')
  await person.sees(/企业背景|服务商背景/)
}

walk('01 a visitor answers the demand survey of a notice', async ({ person }) => {
  const visitor = await person({ width: 390 })
  await visitor.open('/notices')
  await visitor.click(/需求调研/)
  await visitor.sees('推荐试点企业需求调研表')
  await visitor.settle()
  await visitor.shot('chain-01-notice')
  const address = await visitor.page.getByRole('link', { name: /\/s\// }).first().getAttribute('href')
  await visitor.open(address)
  await visitor.click('提交')
  await visitor.sees(/必填|请填写|请选择/)
  await visitor.fill('1. 企业名称', `调研企业${mark}`)
  await visitor.choose('2. 所在市', '湖北省', '武汉市')
  await visitor.choose('3. 企业类型', '私营企业')
  await visitor.fill('5. 从业人员（人）', '86')
  for (const question of await visitor.page.locator('fieldset.question').all()) {
    const choice = question.locator('label.el-radio, label.el-checkbox').first()
    if (await choice.count()) await choice.click({ position: { x: 8, y: 10 } })
  }
  const last = visitor.page.locator('fieldset.question')
  await last.filter({ hasText: '联系人' }).locator('input').fill('周敏')
  await last.filter({ hasText: '联系手机' }).locator('input').fill('13900002222')
  await visitor.shot('chain-01-survey')
  await visitor.click('提交')
  await visitor.sees('提交成功')

  const operator = await person()
  await operator.signedIn('operator_demo', demoPassword, '/workbench')
  await operator.click('需求调研')
  await operator.row('推荐试点企业需求调研表').click('结果')
  await operator.click(/^答卷/)
  await operator.sees(`调研企业${mark}`)
  await operator.shot('chain-01-answers')
})

walk('02 an enterprise registers', async ({ person }) => {
  const owner = await person()
  await register(owner, '企业用户', buyer)
  for (const title of ['企业背景 (43)', '运营 (16)', '人员 (15)', '信息数字化 (12)', '固定资产 (12)', '生产 (5)', '供应链 (5)', '客户服务 (1)', '安全环保 (3)', '融资条件 (11)', '融资状况 (14)', '创新研发 (16)']) {
    await owner.sees(title)
  }
  await owner.click('下一步')
  await owner.sees(/处需要修改/)
  await owner.fill({
    企业名称: buyer.company, 法定代表人手机号码: '13900001111', 联系电话: '0755-26001234', 邮箱: 'chain@example.com',
    注册法人: '程立新', 联系人: '周敏', 职务: '信息化主管', 邮编: '518000', 统一社会信用代码: buyer.code, 核心产品名称1: '精密齿轮',
  })
  await owner.pick('注册成立时间', '2015-06-01')
  assert.equal(await owner.upload('企业营业执照', picture('执照.png')), 201)
  await owner.choose('企业登记注册类型', '私营有限责任公司')
  await owner.choose('是否已上市', '否')
  await owner.choose('所属行业1', '制造业', '通用设备制造业')
  await owner.choose('所属重点产业链', '装备制造')
  await owner.choose('纳税信用等级', 'A级')
  await owner.choose('注册所在地', '广东省', '深圳市', '南山区')
  await owner.shot('chain-02-company-form')

  // Closing the browser and coming back with the same account data restores the form.
  await owner.sees(/上次保存/)
  await owner.open('/register')
  await owner.choose('角色', '企业用户')
  await owner.fill({ 用户名: buyer.username, 手机号: buyer.phone, 密码: buyer.password, 确认密码: buyer.password })
  await owner.tick(/我已阅读并同意/)
  await owner.click('下一步')
  await owner.sees('企业背景 (43)')
  assert.equal(await owner.value('企业名称'), buyer.company)

  await owner.click('运营 (16)')
  await owner.fill(`${new Date().getFullYear() - 1}年营业收入`, '3200')
  await owner.fill('资产总额', '2600')
  await owner.click('人员 (15)')
  await owner.fill('从业人员期末人数', '86')
  await owner.click('下一步')
  await owner.sees('注册申请成功')
  await owner.shot('chain-02-registered')
  await owner.click('返回首页')
  await owner.click('工作台')
  await owner.click('我的企业')
  await owner.sees('您的企业认证正在审批中，请耐心等待')
})

walk('03 a provider registers', async ({ person }) => {
  const owner = await person()
  await register(owner, '服务商', seller)
  await owner.sees('服务商背景 (36)')
  const year = new Date().getFullYear()
  await owner.fill({ 企业名称: seller.company, 统一社会信用代码: seller.code })
  assert.equal(await owner.upload('企业营业执照', picture('license.png')), 201)
  await owner.choose('服务商服务范围', '系统集成与实施')
  await owner.choose('服务行业', '制造业')
  await owner.fill('工业客户累计数量（个）', '120')
  await owner.pick('起始运行时间', '2012-03-01')
  await owner.fill('人员总数（人）', '210')
  for (const n of [3, 2, 1]) await owner.fill(`${year - n}年收入（亿元）`, '1.2')
  await owner.fill({ '近三年平均销售额（万元）': '9800', '近三年工业领域年平均销售额（万元）': '8600', '申报方案（总）年销售额占工业年销售额的平均占比': '35' })
  await owner.choose('所属行业1', '信息传输、软件和信息技术服务业', '软件和信息技术服务业')
  await owner.choose('注册所在地', '浙江省', '杭州市', '滨江区')
  await owner.fill({ 联系人: '许衡', 联系电话: '0571-88001234' })
  await owner.shot('chain-03-company-form')
  await owner.click('下一步')
  await owner.sees('注册申请成功')
})

walk('04 the enterprise signs in by SMS code and changes its password', async ({ person }) => {
  const owner = await person()
  await owner.open('/login')
  await owner.click('短信登录')
  await owner.fill('手机号', buyer.phone)
  await owner.click('获取验证码')
  await owner.fill('验证码', await product().code(buyer.phone))
  await owner.click('登录')
  await owner.sees('工作台')
  await owner.click('工作台')
  await owner.sees('待办', '待我审批', '我的申请', '公告', /未认证/)
  await owner.shot('chain-04-workbench')
  await owner.hover(`帐号 ${buyer.username}`)
  await owner.click('修改密码')
  const dialog = owner.dialog('修改密码')
  await dialog.fill({ 原密码: buyer.password, 新密码: buyer.later, 确认新密码: buyer.later })
  await dialog.click('确认')
  await owner.seesNot('确认新密码')
  await owner.click('我的待办')
  await owner.sees('企业认证', '待审批')
  await owner.shot('chain-04-tasks')
})

/** Ticks every point of the check-list and decides. */
async function approve(person, title) {
  await person.click('待我审批')
  await person.fill('申请名称', title)
  await person.click('查询')
  await person.settle()
  await person.click(new RegExp(title))
  await person.sees('审批意见', '审核要点')
  await person.settle()
  await checkAll(person)
  await person.tick('通过')
}

walk('05 the operator verifies both companies', async ({ person }) => {
  const operator = await person()
  await operator.signedIn('operator_demo', demoPassword, '/workbench')
  for (const company of [buyer.company, seller.company]) {
    await approve(operator, company)
    await operator.shot(`chain-05-verification`)
    await operator.click(/^提交审批/)
    await operator.sees(/审批通过|已通过|已提交/)
  }
  const owner = await person()
  await owner.signIn(buyer.username, buyer.later)
  await owner.click('工作台')
  await owner.click('我的企业')
  await owner.sees('企业认证信息', '基本信息', '企业诊断信息')
  await owner.shot('chain-05-org')
})

walk('06 the provider offers a solution', async ({ person }) => {
  const clerk = await person()
  await clerk.signedIn(seller.username, seller.password, '/workbench')
  await clerk.sees('认证成功')
  await clerk.click('商品上架')
  await clerk.tick(/^解决方案与产品/)
  await clerk.click('立即上架')
  await clerk.sees('基本信息', '案例说明', '联系人信息', '介绍页', '商品规格')
  await clerk.click('提交申请')
  await clerk.sees(/处需要修改/)

  await clerk.fill({ 方案名称: solution, 相关产品名称: '排产宝' })
  await clerk.choose('标签', '小快轻准')
  assert.equal(await clerk.upload('展示图', picture('cover.png', [30, 158, 143], 800, 450)), 201)
  await clerk.choose('方案分类', '生产执行数字化', '计划排程')
  await clerk.choose('适用行业', '制造业', '通用设备制造业')
  for (const [label, at] of [['销售历史最低价格', 1], ['销售历史最高价格', 3], ['交付平均周期', 1], ['交付人工数量（人天）', 1]]) await pickNth(clerk, label, at)

  const cases = clerk.section('案例说明')
  for (const n of [1, 2, 3]) {
    await cases.click(new RegExp(`^案例${n}`))
    await cases.fill({ 客户名称: `示范客户${n}`, '客户年产值（万元）': '5600.50', '方案销售额度（万元）': '23.4', 交付周期: '3' })
    assert.equal(await cases.upload('介绍文档', document(`案例${n}.pdf`)), 201)
  }
  const contact = clerk.section('联系人信息')
  assert.equal(await contact.value('企业名称'), seller.company)
  await contact.fill('姓名', '许衡')
  await contact.tick('手机')
  await contact.tick('邮箱')
  await contact.fill({ 手机: '13700002222', 邮箱: 'sales@example.com' })

  const banner = clerk.section('Banner')
  await banner.fill({ 标题: solution, 商品介绍: '按订单、设备和人员自动排产，插单当天可见影响。' })
  assert.equal(await banner.upload('图片', picture('banner.png', [122, 90, 200], 1200, 400)), 201)
  await clerk.fill('商品亮点 1', '两小时排出一周计划')
  await clerk.page.getByLabel('商品说明').filter({ visible: true }).last().fill('服务特点：轻量部署。服务内容：实施、培训、陪跑。注意事项：需提供物料与工艺数据。')
  const stories = clerk.section('填写介绍页').section('用户案例')
  for (const n of [1, 2, 3]) {
    await stories.click(new RegExp(`^案例${n}`))
    await stories.fill('案例内容', `示范客户${n}上线三个月，交付及时率提高到百分之九十六。`)
    assert.equal(await stories.upload('案例图片', picture(`case${n}.png`)), 201)
  }
  await clerk.fill({ 售后服务时间: '工作日 9:00-18:00', 售后服务内容: '远程支持，必要时上门。', 服务热线: '400-800-1234', 服务邮箱: 'help@example.com' })

  await clerk.click('添加规格')
  const plan = clerk.dialog('添加规格')
  await plan.fill('规格名称', '标准版')
  await plan.tick('按年')
  await plan.tick('按数量')
  await plan.choose('定价模式', '简单模式')
  await plan.fill('规格定价 元/年', '6000')
  await plan.fill('规格定价 元/个', '2000')
  await plan.click('确定')
  await clerk.sees(/上次保存/)
  await clerk.shot('chain-06-editor')
  await clerk.click('提交申请')
  await clerk.click('确定')
  await clerk.sees('我的商品')
  await clerk.click('待审核')
  await clerk.sees(solution)
  await clerk.shot('chain-06-mine')
})

/** Chooses the n-th entry of a list whose words are the operator's. */
async function pickNth(person, label, at) {
  const item = person.page.locator('.el-form-item').filter({ has: person.page.locator('.el-form-item__label', { hasText: label }) })
  await item.locator('.el-select__wrapper').first().click()
  const list = person.page.locator('.el-select-dropdown').filter({ visible: true })
  await list.locator('.el-select-dropdown__item').nth(at).click()
  await list.first().waitFor({ state: 'hidden' })
}

walk('07 three reviews put it on sale', async ({ person }) => {
  const operator = await person()
  await operator.signedIn('operator_demo', demoPassword, '/workbench')
  await approve(operator, solution)
  await operator.tick('指定专家')
  for (const name of expertNames) await operator.tick(new RegExp(name))
  await operator.shot('chain-07-first-review')
  await operator.click(/^提交审批/)
  await operator.sees(/已提交|审批通过|已通过/)

  for (const [i, account] of experts.entries()) {
    const expert = await person()
    await expert.signedIn(account, demoPassword, '/workbench')
    await expert.click('专家评审')
    await expert.click(new RegExp(solution))
    await expert.tick('本人声明与该申请无利益关系')
    await expert.click('确认声明并查看材料')
    await expert.sees('专家评分')
    for (const criterion of ['适用性', '成熟度', '实施效果', '性价比', '服务保障']) await expert.fill(`${criterion}评分`, String(82 + i))
    await expert.tick('建议通过')
    await expert.page.getByPlaceholder('请说明评分依据').fill('方案贴合中小企业排产需要，案例数据可信。')
    if (i === 0) await expert.shot('chain-07-expert')
    await expert.click('提交评审意见')
    await expert.click('确定')
    await expert.sees('评审意见已提交') // the next of the expert's tasks opens
    await expert.leave()
  }

  const department = await person()
  await department.signedIn('department_demo', demoPassword, '/workbench')
  await approve(department, solution)
  await department.shot('chain-07-final-review')
  await department.click(/^提交审批/)
  await department.sees(/已提交|审批通过|已通过/)

  const visitor = await person()
  await visitor.open('/')
  await visitor.click('解决方案与产品')
  await visitor.sees(/共 \d+ 个商品/)
  await visitor.settle()
  await visitor.fill('搜索方案、服务商', '排产')
  await visitor.page.keyboard.press('Enter')
  await visitor.sees(solution)
  await visitor.shot('chain-07-catalogue')
})

walk('08 department and operator open a campaign', async ({ person }) => {
  const first = await person()
  await first.signedIn('department_demo', demoPassword, '/workbench')
  await first.click('预算管理')
  await first.click('新建预算')
  const form = first.dialog('新建预算')
  await form.fill({ 预算名称: `链路预算${mark}`, 金额: '12.345' })
  await form.click('提交')
  await form.sees('请填写数字，最多两位小数', '金额：金额应在 0.01 元到 10,000,000,000.00 元之间。')
  assert.equal(await form.value('金额'), '12.345', 'what was typed is gone')
  assert.equal(await form.part.locator('.el-form-item__error', { hasText: '金额应在' }).isVisible(), false, 'two messages beside one field')
  await form.fill('金额', '1000000')
  await form.click('提交')
  await first.sees(`链路预算${mark}`)

  const second = await person()
  await second.signedIn('department_two', demoPassword, '/workbench')
  await second.click('预算审批') // among what waits for him
  await second.click(`链路预算${mark}`)
  await second.dialog('审批预算').click('驳回')
  await second.dialog('审批预算').sees('驳回时请写明原因')
  const facts = await second.dialog('审批预算').part.locator('dl').boundingBox()
  const field = await second.dialog('审批预算').part.getByLabel('审批意见').boundingBox()
  assert.ok(field.y - facts.y - facts.height >= 12, 'the field touches the text above it')
  await second.dialog('审批预算').click('审批通过')
  await second.sees('预算已审批通过')
  await second.shot('chain-08-budgets')

  const operator = await person()
  await operator.signedIn('operator_demo', demoPassword, '/workbench')
  await operator.click('券种管理')
  await operator.click('新建券种')
  await operator.fill({ 券种名称: voucher, 面值: '5000', 最低消费金额: '0' })
  await operator.fill('最高抵扣比例（%）', '100')
  await operator.click('保存')
  await operator.sees('券种管理', voucher)
  await operator.click('活动管理')
  await operator.click('新建活动')
  await operator.sees('活动服务券') // the list that it came from has a field 活动名称 too
  await operator.fill('活动名称', campaign)
  await operator.tick('抢券（先到先得）')
  await operator.pick('开始时间', shanghai(-60))
  await operator.pick('结束时间', shanghai(86400))
  await operator.choose('券种', new RegExp(voucher))
  await operator.fill('数量（张）', '10')
  await operator.choose('预算', new RegExp(`链路预算${mark}`))
  await operator.shot('chain-08-campaign-editor')
  await operator.click('保存草稿')
  await operator.sees('提交审批')
  await operator.click('提交审批')
  await operator.dialog('提交审批').click('提交审批')
  await operator.sees('待审批')

  await approve(second, campaign)
  await second.shot('chain-08-campaign-review')
  await second.click(/^提交审批/)
  await second.sees(/已提交|审批通过|已通过/)
  await product().sweep()
})

walk('09 the enterprise claims a voucher', async ({ person }) => {
  const owner = await person()
  await owner.signedIn(buyer.username, buyer.later, '/workbench')
  await owner.click('服务券活动')
  await owner.row(campaign).click('详情')
  await owner.sees(campaign, voucher)
  await owner.shot('chain-09-campaign')
  await owner.click('立即抢券')
  await owner.sees(/领取成功|已领取|抢到/)
  await owner.shot('chain-09-claimed')
  await owner.open('/workbench/vouchers')
  const row = owner.row(voucher)
  await row.sees('¥5,000.00', '可使用', '单独计价', '详情', '去使用')
  await owner.shot('chain-09-vouchers')
})

walk('10 it buys what the voucher covers wholly, without a cashier', async ({ person }) => {
  const owner = await person()
  await owner.signedIn(buyer.username, buyer.later, `/solutions?q=${encodeURIComponent(solution)}`)
  await owner.row(solution).click('立即购买')
  await owner.sees('商品详情', '用户案例', '服务支持')
  await owner.shot('chain-10-product')
  await owner.tick('按数量')
  await owner.click('立即购买')
  await owner.sees('订单确认', '商品名称', '订购属性', '数量')
  await owner.shot('chain-10-confirm')
  await owner.click('确认')
  await owner.sees('提交订单', voucher)
  await owner.tick(new RegExp(voucher))
  await owner.sees('¥0.00')
  await owner.shot('chain-10-pay')
  const ordered = await owner.clickTwice('确认支付', /\/checkouts$/) // T-CONC-09
  await owner.sees(/支付成功/)
  assert.equal(ordered(), 1, 'a double click ordered twice')
  await owner.shot('chain-10-result')
})

walk('11 it buys from the cart with the rest of the voucher and pays the difference', async ({ person }) => {
  const owner = await person()
  await owner.signedIn(buyer.username, buyer.later, `/solutions?q=${encodeURIComponent(solution)}`)
  await owner.row(solution).click(solution)
  await owner.sees('商品详情')
  await owner.tick('按年')
  await owner.click('加入购物车')
  await owner.sees(/已加入购物车/)
  await owner.open('/cart')
  await owner.sees(solution)
  await owner.shot('chain-11-cart')
  await owner.click(/^结算/)
  await owner.sees('订单确认')
  await owner.click('确认')
  await owner.sees('提交订单', voucher)
  await owner.tick(new RegExp(voucher))
  await owner.sees('¥3,000.00')
  await owner.page.reload() // what is ticked stays ticked
  await owner.sees('¥3,000.00')
  await owner.shot('chain-11-pay')
  await owner.click('确认支付')
  await owner.sees(/模拟收银台/, /3,000\.00/)
  await owner.shot('chain-11-cashier')
  await owner.click('确认付款')
  await owner.sees(/支付成功/)
  await owner.open('/workbench/vouchers')
  await owner.row(voucher).sees('¥0.00', '已用完')
})

walk('12 the provider delivers and the enterprise accepts', async ({ person }) => {
  const clerk = await person()
  await clerk.signedIn(seller.username, seller.password, '/workbench')
  await clerk.sees('2 个订单已付款，等待您交付')
  await clerk.click('订单管理')
  await clerk.sees('商品新订购', '抵扣金额', '实付金额', '¥0.00', '¥3,000.00')
  await clerk.shot('chain-12-provider-orders')
  const owner = await person()
  await owner.signedIn(buyer.username, buyer.later)
  for (const price of ['¥2,000.00', '¥6,000.00']) {
    await clerk.open('/workbench/orders')
    await clerk.row(solution, price).click('查看')
    await clerk.click('开始交付')
    const start = clerk.dialog('开始交付')
    await start.pick('计划完成日期', shanghai(7 * 86400).slice(0, 10))
    await start.fill('交付计划', '第一周部署，第二周培训，第三周陪跑。')
    await start.click('开始交付')
    await clerk.click('提交交付')
    const hand = clerk.dialog('提交交付')
    assert.equal(await hand.upload('交付文件', document('验收单.pdf')), 201)
    await hand.fill('交付说明', '系统已上线，培训已完成。')
    await hand.click('提交')
    await clerk.sees('待验收')

    await owner.open('/workbench')
    await owner.sees('1 个订单已交付，等待您验收')
    await owner.click('去验收')
    await owner.row(solution, price).click('查看')
    await owner.shot('chain-12-order')
    await owner.click('验收')
    await owner.click('验收通过')
    await owner.sees('已完成')
  }
  await owner.click('订单管理')
  await owner.sees('我的订单', '商品新订单', '已支付', '已完成')
  await owner.shot('chain-12-orders')
})

walk('13 the enterprise rates and the provider sees it', async ({ person }) => {
  const owner = await person()
  await owner.signedIn(buyer.username, buyer.later, '/workbench')
  await owner.click('我的评价')
  await owner.row(solution).sees('已上架', '---')
  await owner.row(solution).click('立即评价')
  const dialog = owner.dialog('立即评价')
  await owner.page.locator('.el-dialog .el-rate__item').nth(3).click()
  await dialog.fill('评价内容', '排产时间从半天降到半小时，服务及时。')
  const rated = await dialog.clickTwice('提交', /rating/) // T-CONC-09
  await owner.sees('查看评价')
  assert.equal(rated(), 1, 'a double click rated twice')
  await owner.shot('chain-13-ratings')

  const clerk = await person()
  await clerk.signedIn(seller.username, seller.password, '/workbench')
  await clerk.click('客户评价')
  await clerk.row(solution).sees('已上架', '查看评价')
  await clerk.shot('chain-13-customer-ratings')
  await clerk.click('服务券查询')
  await clerk.sees(voucher, '订单详情')
  await clerk.shot('chain-13-provider-vouchers')
})

walk('14 the books are right', async ({ product }) => {
  await product.sweep()
  const books = product.reconcile()
  assert.ok(books.ok, JSON.stringify(books.checks.filter((check) => !check.ok), null, 1))
})
