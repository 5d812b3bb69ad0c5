// The registration of the guides (rows B1 to B9), for both roles, with every
// refusal at its field, and what happens when people stop half-way.
import assert from 'node:assert/strict'
import { suite } from './harness/walk.mjs'
import { tooWide } from './harness/look.mjs'
import { creditCode, picture } from './harness/things.mjs'

const { walk, product } = suite({ demo: true })
const mark = `m${Date.now().toString(36).slice(-5)}`
const password = 'Lian#Tu2026'
const sections = ['企业背景 (43)', '运营 (16)', '人员 (15)', '信息数字化 (12)', '固定资产 (12)', '生产 (5)', '供应链 (5)', '客户服务 (1)', '安全环保 (3)', '融资条件 (11)', '融资状况 (14)', '创新研发 (16)']

async function account(person, role, username, phone) {
  await person.open('/')
  await person.click('注册')
  await person.sees('欢迎注册', '填写帐号信息', '填写企业信息', '注册完成')
  await person.choose('角色', role)
  await person.fill({ 用户名: username, 手机号: phone, 密码: password, 确认密码: password })
  await person.tick(/我已阅读并同意/)
  await person.click('下一步')
}

walk('01 step 1 refuses each mistake at its field, and shows the agreements without losing anything', async ({ person }) => {
  const visitor = await person()
  await visitor.open('/register')
  const at = async (pointer, words) => {
    await visitor.page.locator(`[data-field="${pointer}"]`).getByText(words).first().waitFor()
  }
  await visitor.choose('角色', '企业用户')
  await visitor.fill({ 用户名: 'five5', 手机号: '23800001111', 密码: 'onlyletters1', 确认密码: 'other' })
  await visitor.click('下一步')
  await at('/username', '6-30 个字符')
  await at('/phone', '手机号以 1 开头')
  await at('/password', '至少包含以下字符中的 3 种')
  await at('/passwordConfirm', '不一致')
  await at('/agreed', '请阅读并同意')
  await visitor.fill({ 用户名: `reg_${mark}_x`, 密码: `A1#reg_${mark}_x`, 确认密码: `A1#reg_${mark}_x` })
  await visitor.click('下一步')
  await at('/password', /不能包含用户名|8-18/)
  for (const title of ['用户服务协议', '隐私声明']) {
    await visitor.click(`《${title}》`)
    await visitor.dialog(title).sees(/版本 \d/)
    await visitor.dialog(title).click('关闭')
  }
  assert.equal(await visitor.value('用户名'), `reg_${mark}_x`)
})

walk('02 an enterprise fills in half, is thrown out, goes on in another browser, and hands in', async ({ person }) => {
  const name = `reg_buyer_${mark}`
  const owner = await person()
  await account(owner, '企业用户', name, '13800002222')
  await owner.sees(...sections, '共 153 项')
  await owner.shot('registration-form')

  await owner.fill({ 企业名称: '登', 法定代表人手机号码: '23800001111', 联系电话: '12', 邮箱: 'a@b', 邮编: '36', 统一社会信用代码: creditCode(mark).slice(0, 17) + '*' })
  await owner.page.keyboard.press('Tab')
  await owner.sees('至少 2 个字符。', '请填写以 1 开头的 11 位手机号码。', /或带区号的固定电话/, '邮箱格式不正确。', '格式不正确。', /不使用 I、O、S、V、Z/)
  const right = creditCode(mark)
  await owner.fill('统一社会信用代码', right.slice(0, 17) + (right[17] === '0' ? '1' : '0'))
  await owner.page.keyboard.press('Tab')
  await owner.sees('统一社会信用代码校验不通过，请核对是否有误填。')
  await owner.fill({ 企业名称: `登记演示${mark}有限公司`, 法定代表人手机号码: '+86 138 0000 1111', 统一社会信用代码: right.toLowerCase() })
  await owner.page.keyboard.press('Tab')
  assert.equal(await owner.value('统一社会信用代码'), right)
  await owner.seesNot('统一社会信用代码校验不通过，请核对是否有误填。')
  await owner.fill({ 联系电话: '0755-26001234', 邮箱: 'reg@example.com', 邮编: '518000', 核心产品名称1: '齿轮' })

  // The licence: what is too large or no picture is refused, a large one is taken.
  const license = owner.page.locator('[data-field="/business_license"]')
  const give = (file) => license.locator('input[type=file]').setInputFiles(file)
  await give({ name: 'a.gif', mimeType: 'image/gif', buffer: Buffer.from('GIF89a') })
  await license.getByText('文件格式不符').waitFor()
  await give({ name: 'a.png', mimeType: 'image/png', buffer: Buffer.alloc(11 << 20) })
  await license.getByText('超过 10M').waitFor()
  const large = picture('执照.png')
  large.buffer = Buffer.concat([large.buffer, Buffer.alloc((10 << 20) - large.buffer.length)])
  assert.equal(await owner.upload('企业营业执照', large), 201)
  const shown = await license.locator('img').getAttribute('src')
  await owner.click('旋转')
  await owner.page.waitForFunction((was) => document.querySelector('[data-field="/business_license"] img')?.getAttribute('src') !== was, shown)

  await owner.page.getByRole('button', { name: '增加核心产品名称' }).click()
  await owner.fill('核心产品名称2', '齿条')
  await owner.sees(/上次保存/)

  // T-SESS-11: neither the password nor the licence lies in the browser.
  await owner.page.waitForFunction(() => Object.keys(localStorage).some((k) => k.startsWith('draft:org:')))
  const stored = await owner.page.evaluate(() => JSON.stringify({ ...localStorage }) + JSON.stringify({ ...sessionStorage }))
  assert.ok(!stored.includes(password) && !stored.includes('business_license'))

  // The session ends while typing: sign in again and go on.
  await owner.page.context().clearCookies()
  await owner.fill('职务', '主管')
  const dialog = owner.dialog('请重新登录')
  await dialog.sees('登录已过期')
  await dialog.fill('密码', password)
  await dialog.click('登录并继续')
  await owner.seesNot('登录已过期')
  assert.equal(await owner.value('职务'), '主管')
  await owner.page.waitForResponse((r) => r.url().endsWith('/org/draft') && r.request().method() === 'PUT' && r.ok(), { timeout: 5000 }).catch(() => {})

  // Another computer: sign in and continue; then both windows are put together.
  const other = await person({ width: 390 })
  await account(other, '企业用户', name, '13800002222')
  await other.sees('企业背景 (43)')
  assert.equal(await other.value('核心产品名称2'), '齿条')
  assert.equal(await other.value('职务'), '主管')
  assert.ok(!(await tooWide(other.page)))
  await other.fill('联系人', '周敏')
  await other.sees(/上次保存/)
  await other.page.waitForResponse((r) => r.url().endsWith('/org/draft') && r.request().method() === 'PUT')
  await owner.fill('注册法人', '程立新')
  await owner.sees('已合并另一个窗口保存的内容。')
  assert.equal(await owner.value('联系人'), '周敏')

  await owner.pick('注册成立时间', '2015-06-01')
  await owner.choose('企业登记注册类型', '私营有限责任公司')
  await owner.choose('是否已上市', '否')
  await owner.choose('所属行业1', '制造业', '通用设备制造业')
  await owner.choose('所属重点产业链', '装备制造')
  await owner.choose('纳税信用等级', 'A级')
  await owner.choose('注册所在地', '广东省', '深圳市', '南山区')
  await owner.click('下一步')
  await owner.sees(/有 \d+ 处需要修改/)
  await owner.page.getByRole('alert').getByRole('link', { name: /营业收入/ }).click()
  await owner.fill(`${new Date().getFullYear() - 1}年营业收入`, '3200')
  await owner.fill('资产总额', '2600')
  await owner.click('人员 (15)')
  await owner.fill('从业人员期末人数', '86')
  await owner.click('下一步')
  await owner.sees('注册申请成功')
  assert.ok(!(await owner.page.evaluate(() => Object.keys(localStorage).some((k) => k.startsWith('draft:')))))
  await owner.click('返回首页')
  await owner.click('工作台')
  await owner.click('我的待办')
  await owner.sees('企业认证', '待审批')
})

walk('03 a provider registers', async ({ person }) => {
  const owner = await person()
  await account(owner, '服务商', `reg_seller_${mark}`, '13800003333')
  await owner.sees('服务商背景 (36)', '共 36 项')
  await owner.shot('registration-provider')
  await owner.click('下一步')
  await owner.sees(/有 \d+ 处需要修改/)
  // T-SESS-09: signing out leaves nothing of the form behind.
  await owner.fill('企业名称', `登记演示软件${mark}有限公司`)
  await owner.page.waitForFunction(() => Object.keys(localStorage).some((k) => k.startsWith('draft:org:')))
  await owner.sees(/上次保存/)
  await owner.hover(`帐号 reg_seller_${mark}`)
  await owner.click('退出登录')
  await owner.sees('登录')
  assert.ok(!(await owner.page.evaluate(() => Object.keys(localStorage).some((k) => k.startsWith('draft:')))))
})

walk('04 a new version of the agreements is asked for once', async ({ person }) => {
  const owner = await person()
  await owner.page.route('**/api/v1/me', async (route) => {
    const answer = await route.fetch()
    const me = await answer.json()
    if (me.signedIn && !owner.accepted) me.renewed = [{ name: 'service', title: '用户服务协议', version: '2026.11', changes: '首次发布', accepted: '2025.01', at: '2025-01-02T00:00:00Z', current: false }]
    await route.fulfill({ response: answer, json: me })
  })
  await owner.open('/login')
  await owner.click('密码登录')
  await owner.fill({ 帐号: `reg_buyer_${mark}`, 密码: password })
  await owner.click('登录')
  const dialog = owner.dialog('协议已更新')
  await dialog.sees(/您在 2025-01-02 同意的是版本 2025.01/)
  await dialog.click('《用户服务协议》')
  await dialog.sees('一、协议的范围')
  owner.accepted = true
  await dialog.click('同意并继续')
  await owner.seesNot('协议已更新')
  assert.ok(product())
})

walk('05 where the platform asks for it, the phone is proven by a code', async ({ person }) => {
  const admin = await person()
  await admin.signedIn('admin_demo', 'Demo#2026smedx')
  const turn = async (on) => {
    await admin.open('/workbench/settings')
    await admin.page.getByRole('switch', { name: '注册时验证手机号' }).locator('xpath=..').click()
    await admin.dialog('更改设置').click('确定')
    await admin.sees('保存成功')
    assert.equal((await admin.api('GET', '/registrations/rules')).phoneCode, on)
  }
  await turn(true)

  const phone = '13800005555'
  const owner = await person({ width: 390 })
  await account(owner, '企业用户', `reg_code_${mark}`, phone)
  const at = (words) => owner.page.locator('[data-field="/code"]').getByText(words).first().waitFor()
  await at(/验证码/)
  await owner.sees(/有 1 处需要修改/)
  await owner.click('获取验证码')
  await owner.sees(/秒后重新获取/, '验证码会在 1 分钟内送达，5 分钟内有效。')
  const code = await product().code(phone)
  await owner.fill('验证码', code === '000000' ? '111111' : '000000')
  await owner.click('下一步')
  await at(/验证码错误或已失效/)
  await owner.shot('registration-code')
  assert.ok(!(await tooWide(owner.page)))
  assert.equal(await owner.value('密码'), password)
  await owner.fill('验证码', code)
  await owner.click('下一步')
  await owner.sees('企业背景 (43)')
  await turn(false)
})
