// Signing in, and what stands in the way of those who should not: captchas, the
// lock, 忘记密码, the choice among several accounts, 修改密码.
import assert from 'node:assert/strict'
import { suite } from './harness/walk.mjs'

const { walk, product } = suite()
const first = 'Blue#River7'

/** Opens a company's main account through the API, as step 1 of 欢迎注册 does. */
async function register(person, username, phone, password = first) {
  await person.api('POST', '/registrations', { role: 'enterprise', username, phone, password, passwordConfirm: password, agreed: true })
  await person.api('DELETE', '/session')
}

const digits = '零一二三四五六七八九'
function number(words) {
  const [tens, ones] = words.includes('十') ? words.split('十') : ['零', words]
  return (tens === '' ? 1 : digits.indexOf(tens)) * 10 + (ones === '' ? 0 : digits.indexOf(ones))
}

/** Answers the sum that stands in place of a picture. */
async function solve(screen) {
  await screen.click('看不清，改答计算题')
  await screen.sees(/等于多少？/)
  const [, a, sign, b] = /([一二三四五六七八九十]+)(加|减)([一二三四五六七八九十]+)等于多少/.exec(await screen.text())
  await screen.fill('计算题', sign === '加' ? number(a) + number(b) : number(a) - number(b))
}

let now = Date.now()
const later = async (minutes) => product().setClock((now += minutes * 60_000))

walk('短信登录: the first code without a captcha, the second with one', async ({ person }) => {
  const owner = await person()
  await register(owner, 'xiamen_zhiliang', '13800001234')
  await owner.open('/')
  await owner.click('登录')
  await owner.click('短信登录')
  await owner.fill('手机号', '138 0000 1234')
  await owner.click('获取验证码')
  await owner.sees(/秒后重新获取/)
  const older = await product().code('13800001234')
  await later(2)
  await owner.open('/login')
  await owner.fill('手机号', '13800001234')
  await owner.click('获取验证码')
  await owner.sees('图形验证码', '换一张', /请先回答验证题目/)
  const picture = () => owner.page.locator('img[alt*="5 个数字"]').getAttribute('src')
  const before = await picture()
  await owner.click('换一张')
  await owner.page.waitForFunction((old) => document.querySelector('img[alt*="5 个数字"]')?.src !== old, before)
  await owner.shot('signin-captcha')
  await owner.fill('图形验证码', '1')
  await owner.click('获取验证码')
  await owner.sees(/不正确，请按新的题目/)
  await solve(owner)
  await owner.shot('signin-question')
  await owner.click('获取验证码')
  await owner.seesNot('计算题')
  const code = await product().code('13800001234', 1)
  if (older !== code) {
    await owner.fill('验证码', older)
    await owner.click('登录')
    await owner.sees('验证码错误或已失效，请重新获取。')
  }
  await owner.fill('验证码', code)
  await owner.click('登录')
  await owner.sees('工作台')
})

walk('密码登录, 修改密码 with each refusal at its field, and 忘记密码', async ({ person }) => {
  const owner = await person()
  await owner.signIn('xiamen_zhiliang', first)
  await owner.click('工作台')
  await owner.hover('帐号 xiamen_zhiliang')
  await owner.click('修改密码')
  const dialog = owner.dialog('修改密码')
  const attempt = async (old, next, again, words) => {
    await dialog.fill({ 原密码: old, 新密码: next, 确认新密码: again })
    await dialog.click('确认')
    await dialog.sees(words)
  }
  await attempt('Wrong#Pass1', 'New#Pass01', 'New#Pass01', '原密码错误。')
  await attempt(first, 'New#Pa1', 'New#Pa1', '密码长度应为 8-18 个字符。')
  await attempt(first, 'abcdefg1', 'abcdefg1', /密码至少包含以下字符中的 3 种/)
  await attempt(first, 'Abcdef1 !', 'Abcdef1 !', /密码不能包含空格、中文等字符/)
  await attempt(first, 'Xiamen_Zhiliang1', 'Xiamen_Zhiliang1', '密码不能包含用户名。')
  await attempt(first, 'Aa13800001234', 'Aa13800001234', '密码不能包含手机号。')
  await attempt(first, 'Admin@123', 'Admin@123', /密码过于常见/)
  await attempt(first, first, first, '新密码不能与原密码相同。')
  await attempt(first, 'New#Pass01', 'New#Pass02', '两次输入的密码不一致。')
  await owner.shot('signin-change-password')
  await dialog.fill({ 原密码: first, 新密码: 'New#Pass01', 确认新密码: 'New#Pass01' })
  await dialog.click('确认')
  await owner.sees('密码修改成功，其他设备上的登录已退出。')

  await later(30)
  const forgetful = await person()
  await forgetful.open('/login')
  await forgetful.click('忘记密码')
  await forgetful.sees(/用注册时的手机号接收验证码/) // the page before has a 手机号 too
  await forgetful.fill('手机号', '13800001234')
  await forgetful.click('获取验证码')
  const code = await product().code('13800001234', 2)
  await forgetful.fill({ 验证码: code, 新密码: first, 确认新密码: first })
  await forgetful.click('重置密码')
  await forgetful.sees('新密码不能与最近使用过的 5 个历史密码相同。')
  await forgetful.fill({ 新密码: 'New#Pass02', 确认新密码: 'New#Pass02' })
  await forgetful.click('重置密码')
  await forgetful.sees('密码已重置，请用新密码登录。')
  await forgetful.signIn('xiamen_zhiliang', 'New#Pass02')
})

walk('a phone of two companies leads to a choice', async ({ person }) => {
  const owner = await person()
  for (const name of ['first_company', 'second_company']) await register(owner, name, '13900001234')
  const signIn = async (name, sent) => {
    await owner.open('/login')
    await owner.fill('手机号', '13900001234')
    await owner.click('获取验证码')
    await owner.fill('验证码', await product().code('13900001234', sent))
    await owner.click('登录')
    await owner.sees('这个手机号有 2 个帐号，请选择：')
    await owner.shot('signin-choice')
    await owner.tick(new RegExp(name))
    await owner.click('登录')
    await owner.sees('工作台')
  }
  await signIn('second_company', 0)
  assert.equal((await owner.api('GET', '/me')).user.username, 'second_company')
})

walk('five wrong passwords lock for a quarter of an hour', async ({ person }) => {
  const owner = await person()
  await register(owner, 'lock_me_0001', '13700001234')
  await owner.open('/login?next=//evil.example')
  const ours = owner.page.url()
  await owner.click('密码登录')
  for (let i = 1; i <= 5; i++) {
    await owner.fill({ 帐号: 'lock_me_0001', 密码: 'Wrong#Pass' + i })
    await owner.click('登录')
    await owner.sees(i < 5 ? '帐号或密码错误，请检查后重试。' : /帐号已锁定，请 15 分钟后再试/)
    await owner.settle()
  }
  await owner.shot('signin-locked')
  await later(16)
  await owner.fill({ 帐号: 'lock_me_0001', 密码: first })
  await owner.click('登录')
  await owner.sees('工作台')
  await owner.page.waitForURL(new URL('/', ours).href)
})

walk('after several wrong passwords 密码登录 asks a question, and a right answer lets in', async ({ person }) => {
  const owner = await person()
  await register(owner, 'guess_me_0001', '13600001234')
  await owner.open('/login')
  await owner.click('密码登录')
  const attempt = async (password, words) => {
    await owner.fill({ 帐号: 'guess_me_0001', 密码: password })
    await owner.click('登录')
    await owner.sees(words)
    await owner.settle()
  }
  for (let i = 1; i <= 4; i++) await attempt(`Wrong#Pass${i}`, '帐号或密码错误，请检查后重试。')
  await attempt('Wrong#Pass5', /帐号已锁定/)
  await later(16)
  await attempt('Wrong#Pass6', '帐号或密码错误，请检查后重试。')
  await attempt(first, /请先回答验证题目/)
  await owner.sees('图形验证码')
  assert.equal(await owner.page.evaluate(() => document.activeElement.id), 'password-captcha')
  assert.equal(await owner.value('密码'), first)
  await owner.shot('signin-password-captcha')
  await owner.fill('图形验证码', '1')
  await owner.click('登录')
  await owner.sees(/不正确，请按新的题目/)
  await solve(owner)
  await owner.click('登录')
  await owner.sees('工作台')
})
