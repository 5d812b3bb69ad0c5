// A provider enters an expert as the guide prints it, the operator declines and
// admits, the expert signs in with the account, goes on leave, and the committee's
// record shows what everybody has done.
import assert from 'node:assert/strict'
import { barriers, englishWords, tooWide } from './harness/look.mjs'
import { picture } from './harness/things.mjs'
import { suite } from './harness/walk.mjs'

const { walk } = suite({ demo: true })

const password = 'Demo#2026smedx'
const name = '甘棠溪'

walk('a provider enters an expert (专家录入)', async ({ person }) => {
  const clerk = await person()
  await clerk.signedIn('hengzhun_soft', password, '/workbench')
  await clerk.click('用户管理')
  await clerk.settle()
  await clerk.seesNot('设为专家', '取消专家')
  await clerk.click('专家管理')
  await clerk.click('新增专家')
  const form = clerk.dialog('专家录入')
  await form.sees('0 / 30', '0 / 200', '请上传小于 2048kb 的 jpeg/jpg/png 文件。')

  // Nothing filled in: told field by field before it is asked 确定, and nothing is lost.
  await form.fill('姓名', name)
  await form.click('提交')
  await form.sees(/处需要修改/, '年龄：此项必填。', '照片：此项必填。')
  await clerk.seesNot('确定要提交吗？')
  assert.equal(await form.value('姓名'), name)

  await form.fill('姓名', '甘'.repeat(31))
  assert.equal((await form.value('姓名')).length, 30, 'a name has at most 30 characters')
  await form.fill('经验与业绩', '绩'.repeat(201))
  assert.equal((await form.value('经验与业绩')).length, 200, 'achievements have at most 200 characters')
  await form.sees('30 / 30', '200 / 200')

  await form.fill({
    姓名: name, 年龄: '48', 工业互联网专业领域: '生产排程与制造执行', 工业行业领域: '通用设备制造', 工业运行领域: '车间运行管理',
    工业互联网服务年限: '9', 工业领域服务年限: '22', 经验与业绩: '主持 12 家企业产线数字化改造。', 专家介绍: '长期研究离散制造的计划与执行。',
  })
  await form.tick('女')
  const photo = form.page.locator('[role=dialog] input[type=file]')
  const small = picture('照片.png', [90, 120, 160], 240, 320)
  const exactly2048 = { ...small, buffer: Buffer.concat([small.buffer, Buffer.alloc(2048 * 1024 - small.buffer.length)]) }
  await photo.setInputFiles(exactly2048)
  await form.sees(/不能超过|小于|过大/)
  await photo.setInputFiles({ name: '照片.gif', mimeType: 'image/gif', buffer: Buffer.from('GIF89a') })
  await form.sees(/格式|支持/)
  assert.equal(await form.upload('照片', small), 201)
  await clerk.shot('experts-entry')
  await form.click('提交')
  await clerk.sees('确定要提交吗？')
  await clerk.click('确定')
  await clerk.sees('提交成功')
  await clerk.row(name).sees('待入库')
  await clerk.shot('experts-provider')
})

walk('the operator declines with a reason, admits, and gives an account', async ({ person }) => {
  const operator = await person()
  await operator.signedIn('operator_demo', password, '/workbench')
  await operator.click('专家委员会')
  await operator.row(name).click('不通过')
  const refusal = operator.dialog(`不予入库：${name}`)
  await refusal.choose('原因', '资料不完整')
  await refusal.fill('说明', '请补充职务与学历')
  await refusal.click('确定')
  await operator.sees('操作成功')

  const clerk = await person()
  await clerk.signedIn('hengzhun_soft', password, '/workbench/messages')
  await clerk.sees(`专家未通过入库：${name}`)
  await clerk.open('/workbench/experts')
  await clerk.row(name).sees('未通过', /资料不完整：请补充职务与学历/)
  await clerk.row(name).click('编辑')
  const form = clerk.dialog('专家录入')
  await form.fill({ 职务: '教授级高工', 学历: '博士' })
  await form.click('提交')
  await clerk.click('确定')
  await clerk.sees('提交成功')

  await operator.open('/workbench/experts')
  await operator.row(name).click('入库')
  const admission = operator.dialog(`专家入库：${name}`)
  await admission.fill({ 用户名: 'expert_gan', 手机号: '13812340099', 工作单位: '苏州恒准软件有限公司', 初始密码: 'First#Login26' })
  await operator.shot('experts-admission')
  await admission.click('确定')
  await operator.sees('已入库')
  await operator.row(name).sees('expert_gan')

  const expert = await person()
  await expert.open('/login')
  await expert.click('密码登录')
  await expert.fill({ 帐号: 'expert_gan', 密码: 'First#Login26' })
  await expert.click('登录')
  await expert.click('同意并继续')
  await expert.sees('修改密码')
  await expert.fill({ 原密码: 'First#Login26', 新密码: 'Gan#Tang2026', 确认新密码: 'Gan#Tang2026' })
  await expert.click('确认')
  await expert.page.waitForURL((url) => url.pathname !== '/password')
  await expert.open('/workbench/tasks')
  await expert.sees('没有待您审批的申请')
  await expert.open('/workbench/messages')
  await expert.sees('您已加入专家委员会')
})

walk('an expert on leave is named as such, and the record of the committee is shown', async ({ person }) => {
  const operator = await person()
  await operator.signedIn('operator_demo', password, '/workbench/experts')
  await operator.settle()
  await operator.row(name).click('请假')
  const dialog = operator.dialog(`设置请假：${name}`)
  await dialog.pick('请假日期', '2026-01-01', '2099-12-31')
  await dialog.click('确定')
  await operator.sees('已保存请假设置')
  await operator.row(name).sees('请假 2026-01-01 至 2099-12-31')
  await operator.row(name).click(name)
  await operator.dialog('专家信息').sees('expert_gan', '苏州恒准软件有限公司')
  await operator.page.keyboard.press('Escape')
  await operator.shot('experts-committee')
  await operator.page.getByText('评审统计', { exact: true }).click()
  await operator.sees('打分宽严：与专家组均分的平均相差（分）', '关景行', '离散（平均绝对差）')
  await operator.settle()
  await operator.shot('experts-records')
  assert.deepEqual(await barriers(operator.page), [])
  assert.deepEqual(await englishWords(operator.page, [/^expert_gan$/]), [])
  await operator.click(/看数据$/)
  await operator.sees('平均相差（分）')
  await operator.page.setViewportSize({ width: 390, height: 844 })
  assert.equal(await tooWide(operator.page), false)
})
