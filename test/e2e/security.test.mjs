// What protects an account: the second factor of staff, one's own sessions, and
// what stays in a browser after signing out.
import assert from 'node:assert/strict'
import { looksRight } from './harness/look.mjs'
import { totp } from './harness/totp.mjs'
import { suite } from './harness/walk.mjs'

const { walk } = suite({ demo: true })
const password = 'Demo#2026smedx'

async function typePassword(person, account) {
  await person.open('/login')
  await person.click('密码登录')
  await person.fill({ 帐号: account, 密码: password })
  await person.click('登录')
}

let secret
let recovery

walk('staff must set up a second factor once it is demanded', async ({ person }) => {
  const admin = await person()
  await admin.signedIn('admin_demo', password)
  const all = await admin.api('GET', '/settings')
  const { version } = all.find((one) => one.key === 'account.staff_second_factor')
  await admin.api('PUT', '/settings/account.staff_second_factor', { value: 'on', version })

  const operator = await person()
  await typePassword(operator, 'operator_demo')
  await operator.sees('绑定验证器', '不能扫码时')
  await operator.api('GET', '/messages', undefined, { expect: 401 })
  await operator.page.locator('img[alt=绑定验证器的二维码]').waitFor()
  secret = await operator.page.locator('.secret').innerText()
  await looksRight(operator)
  await operator.shot('second-factor-enrol')
  await operator.fill('动态码', '12345')
  await operator.click('确认绑定')
  await operator.sees('动态码或恢复码错误')
  await operator.fill('动态码', totp(secret))
  await operator.click('确认绑定')
  await operator.sees('恢复码只显示这一次')
  recovery = await operator.page.getByRole('list', { name: '恢复码' }).locator('code').allInnerTexts()
  assert.equal(recovery.length, 10)
  await operator.shot('second-factor-recovery')
  await operator.tick('我已妥善保存恢复码')
  await operator.click('进入平台')
  await operator.sees('工作台')
  await operator.api('GET', '/messages')

  await operator.open('/account/security')
  await operator.sees('平台要求您的帐号使用二次验证，不能关闭')
  assert.equal(await operator.offers('关闭二次验证'), false)
  await looksRight(operator)
  await operator.shot('account-security')
})

walk('a code of the authenticator or a recovery code finishes the sign-in, each once', async ({ person }) => {
  const operator = await person()
  await typePassword(operator, 'operator_demo')
  await operator.sees('请打开手机上的验证器应用')
  await looksRight(operator)
  await operator.shot('second-factor-code')
  const code = totp(secret, 1)
  await operator.fill('动态码或恢复码', code)
  await operator.click('验证并登录')
  await operator.sees('工作台')

  const other = await person()
  await typePassword(other, 'operator_demo')
  await other.fill('动态码或恢复码', code)
  await other.click('验证并登录')
  await other.sees('该动态码已用过')
  await other.fill('动态码或恢复码', recovery[0].toLowerCase())
  await other.click('验证并登录')
  await other.sees('工作台')

  // the one ends the session of the other
  await operator.open('/account/security')
  await operator.sees('剩余 9 个恢复码', '本次登录')
  await operator.click('退出其他设备')
  await operator.dialog('请确认').click('退出')
  await operator.sees('其他设备上的登录已退出')
  assert.equal(await operator.section('登录设备').rows('Linux'), 1)
  await other.api('GET', '/messages', undefined, { expect: 401 })
})

walk('a user is warned before the session ends, and leaves nothing behind', async ({ person }) => {
  const buyer = await person()
  await buyer.page.clock.install()
  await buyer.signedIn('hengrui_demo', password, '/workbench/orders')
  await buyer.sees('订单管理')
  await buyer.page.clock.fastForward('27:30')
  await buyer.sees('登录即将退出', '自动退出')
  await buyer.dialog('登录即将退出').click('继续使用')
  await buyer.seesNot('登录即将退出')

  await buyer.hover('帐号 hengrui_demo')
  await buyer.click('退出登录')
  await buyer.sees('注册')
  await buyer.page.goBack()
  await buyer.sees('短信登录') // T-SESS-09
  await buyer.seesNot('hengrui_demo')
  const kept = await buyer.page.evaluate(() => [...Object.keys(localStorage), ...Object.keys(sessionStorage)])
  assert.deepEqual(kept.filter((key) => key !== 'vue-router:scroll'), [])
})
