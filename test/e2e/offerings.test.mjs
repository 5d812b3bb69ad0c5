// 商品上架 and 我的商品 by the provider guide (4.4, 4.5): every limit of the form,
// the introduction page with its preview, drafts in two windows and without a
// line, an upload that breaks and goes on, each state with what it allows, and
// the customers' opinions. The provider and the staff are of the demonstration data.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after } from 'node:test'
import { barriers, englishWords, tooWide } from './harness/look.mjs'
import { document, picture } from './harness/things.mjs'
import { suite } from './harness/walk.mjs'

const { walk, product } = suite({ demo: true })
const password = 'Demo#2026smedx'
const solution = '设备点检协同方案'
const folder = mkdtempSync(join(tmpdir(), 'smedx-offerings-'))
after(() => rmSync(folder, { recursive: true, force: true }))

/** A BMP of so many bytes: what is told by size alone. */
const bytes = (name, size) => ({ name, mimeType: 'image/bmp', buffer: Buffer.alloc(size, 66) })
const program = { name: '案例说明.pdf', mimeType: 'application/pdf', buffer: Buffer.concat([Buffer.from('MZ\x90\0\x03'), Buffer.alloc(2000)]) }

async function provider(person, who = {}) {
  const clerk = await person(who)
  await clerk.signedIn('hengzhun_soft', password)
  return clerk
}
async function begin(clerk, type = '解决方案与产品') {
  await clerk.open('/workbench/offerings/new')
  await clerk.tick(new RegExp(`^${type}`))
  await clerk.click('立即上架')
  await clerk.sees('基本信息', '案例说明', '联系人信息', '介绍页', '商品规格', '尚未保存，开始填写后自动保存为草稿')
}
/** Types the name, with which the draft begins, and gives the draft's id. */
async function named(clerk, name) {
  await clerk.fill('方案名称', name)
  await clerk.page.waitForURL(/offerings\/\d+\/edit/)
  await saved(clerk)
  return clerk.page.url().match(/offerings\/(\d+)/)[1]
}
/** Gives a file to an upload without waiting for it: it may be refused before it travels. */
const give = (screen, label, file) => screen.page.getByLabel(label, { exact: true }).setInputFiles(file)
const pickFirst = async (clerk, label, at) => {
  const item = clerk.page.locator('.el-form-item').filter({ has: clerk.page.locator('.el-form-item__label', { hasText: label }) })
  await item.locator('.el-select__wrapper').first().click()
  const list = clerk.page.locator('.el-select-dropdown').filter({ visible: true })
  await list.locator('.el-select-dropdown__item').nth(at).click()
  await list.first().waitFor({ state: 'hidden' })
}
const saved = (clerk) => clerk.sees(/已自动保存/)

async function sendFile(clerk, purpose, file) {
  const r = await clerk.page.request.fetch(`/api/v1/files?purpose=${purpose}`, { method: 'POST', multipart: { file } })
  return (await r.json()).id
}
/** A content that may be handed in. */
async function whole(clerk, name) {
  const cover = await sendFile(clerk, 'cover', picture('c.png'))
  const image = await sendFile(clerk, 'product_media', picture('m.png', [30, 158, 143], 800, 450))
  const paper = await sendFile(clerk, 'case_doc', document('案例.pdf'))
  const study = (n) => ({
    customer: `客户${n}`, outputFen: 5_600_500_000, salesFen: 23_400_000, monthTenths: 30, document: paper, story: '上线三个月，及时率提高。', image,
  })
  return {
    name, product: '点检宝', section: 'solution', tags: ['ai'], coverFile: cover, categories: ['planning'], industries: ['35'], priceLow: 'p1', priceHigh: 'p2',
    deliveryCycle: 'c1', deliveryEffort: 'd1', cases: [study(1), study(2), study(3)],
    contact: { name: '许衡', byPhone: true, phone: '13700002222', byMail: false, mail: '' },
    page: {
      banner: { title: name, intro: '按设备和班次派发点检。', image }, modules: ['details', 'cases', 'support'], highlights: ['两周上线'],
      description: '<p>服务特点：轻量。</p>', media: [image], casesTitle: '用户案例',
      support: { hours: '工作日 9:00-18:00', content: '远程支持。', hotline: '400-800-1234', mail: 'help@example.com' },
    },
    plans: [{ id: '0', name: '标准版', attributes: [], pricing: 'simple', prices: [{ unit: 'year', priceFen: 600_000 }], instant: false }],
  }
}
async function draft(clerk, name, change = () => {}, kind = 'solution') {
  const made = await clerk.api('POST', '/my/offerings', { kind })
  const content = await whole(clerk, name)
  change(content)
  const { version } = await clerk.api('PUT', `/my/offerings/${made.offering.id}/draft`, { version: made.version, content })
  return { id: made.offering.id, version }
}
async function handIn(clerk, name) {
  const d = await draft(clerk, name)
  await clerk.api('POST', `/my/offerings/${d.id}/submission`, { version: d.version })
  return d.id
}

walk('the form by the guide, with each of its limits', async ({ person }) => {
  const clerk = await provider(person)
  await clerk.open('/workbench')
  await clerk.click('商品上架')
  await clerk.sees('解决方案与产品', '诊断咨询服务', '培训服务')
  await clerk.shot('offerings-types')
  const drafts = async () => (await clerk.api('GET', '/my/offerings/counts')).draft
  const before = await drafts()
  await begin(clerk)
  assert.deepEqual(await barriers(clerk.page), [])
  assert.equal(await drafts(), before, 'a draft was made before anything was typed')
  await clerk.page.getByRole('navigation', { name: '表单目录' }).getByText('已填 1/11').waitFor()

  // 表4-1, 基本信息
  await clerk.sees('解决方案和产品', '只能上传大小不超过2M的图片，支持格式: jpeg,png,jpg,bmp.')
  await clerk.fill({ 方案名称: solution, 相关产品名称: '点检宝' })
  await clerk.choose('标签', '小快轻准')
  await give(clerk, '上传展示图', bytes('big.bmp', 2.1 * 1024 * 1024))
  await clerk.sees('文件超过 2M，请压缩后再上传。')
  await give(clerk, '上传展示图', { name: 'a.gif', mimeType: 'image/gif', buffer: Buffer.from('GIF89a') })
  await clerk.sees('文件格式不符，支持：jpeg、png、jpg、bmp。')
  assert.equal(await clerk.upload('展示图', picture('cover.png', [30, 158, 143], 800, 450)), 201)
  const categories = clerk.section('方案分类')
  for (let n = 1; n < 5; n++) await categories.click('新增方案分类')
  assert.equal(await categories.offers('新增方案分类'), false, 'a 6th 方案分类 is offered')
  const industries = clerk.section('适用行业')
  for (let n = 1; n < 3; n++) await industries.click('新增适用行业')
  assert.equal(await industries.offers('新增适用行业'), false, 'a 4th 适用行业 is offered')
  await clerk.choose('方案分类', '生产执行数字化', '计划排程')
  await clerk.choose('适用行业', '制造业', '通用设备制造业')
  for (const [label, at] of [['销售历史最低价格', 1], ['销售历史最高价格', 3], ['交付平均周期', 1], ['交付人工数量（人天）', 1]]) await pickFirst(clerk, label, at)

  // 案例说明: three, not four
  const cases = clerk.section('案例说明')
  assert.equal(await cases.part.getByRole('tab').count(), 3)
  for (const n of [1, 2, 3]) {
    await cases.click(new RegExp(`^案例${n}`))
    await cases.fill({ 客户名称: `示范客户${n}`, '客户年产值（万元）': '5600.505' })
    await cases.sees('请输入金额，最多两位小数。')
    await cases.fill({ '客户年产值（万元）': '5600.50', '方案销售额度（万元）': '23.4', 交付周期: '3' })
    if (n === 1) {
      await give(clerk, '上传案例1介绍文档', program)
      await cases.sees(/文件格式不符，支持：pdf、png/)
    }
    assert.equal(await cases.upload('介绍文档', document(`案例${n}.pdf`)), 201)
  }
  await cases.seesNot('案例4')
  await clerk.shot('offerings-facts')

  // 联系人信息
  const contact = clerk.section('联系人信息')
  assert.notEqual(await contact.value('企业名称'), '')
  await contact.fill('姓名', '许衡')

  // 介绍页
  const banner = clerk.section('Banner')
  await banner.fill({ 标题: solution, 商品介绍: '按设备和班次派发点检，异常当场报修。' })
  assert.equal(await banner.upload('图片', picture('banner.png', [122, 90, 200], 1200, 400)), 201)
  await clerk.fill('商品亮点 1', '两周上线')
  await clerk.click('新增商品亮点')
  await clerk.fill('商品亮点 2', '一部手机即可点检')
  await clerk.page.getByLabel('商品说明').filter({ visible: true }).last().fill('服务特点：轻量部署。注意事项：需提供设备台账。')
  await clerk.click('上传图片或视频')
  const shots = clerk.dialog('商品截图')
  assert.equal(await shots.upload('上传图片或视频', picture('shot.png', [29, 87, 194], 1600, 900)), 201)
  await shots.page.getByRole('link', { name: 'shot.png' }).first().waitFor()
  await shots.click('确定')
  const stories = clerk.section('填写介绍页').section('用户案例')
  for (const n of [1, 2, 3]) {
    await stories.click(new RegExp(`^案例${n}`))
    assert.equal(await stories.value('案例内容'), '', 'a story begins with words that nobody wrote')
    await stories.fill('案例内容', `示范客户${n}上线后，设备故障停机减少三成。`)
    assert.equal(await stories.upload('案例图片', picture(`case${n}.png`)), 201)
  }
  await stories.fill('标题', '他们都在用')
  assert.equal(await stories.part.getByRole('img', { name: '已填完' }).count(), 3)
  await clerk.fill({ 售后服务时间: '工作日 9:00-18:00', 售后服务内容: '远程支持，必要时上门。', 服务热线: '400-800-1234', 服务邮箱: 'help@example.com' })

  // 商品规格
  await clerk.click('添加规格')
  const plan = clerk.dialog('添加规格')
  await plan.fill('规格名称', '标准版')
  await plan.tick('按年')
  await plan.tick('按月')
  await plan.tick('按数量')
  await plan.choose('定价模式', '免费')
  await plan.seesNot('元/年')
  await plan.choose('定价模式', '简单模式')
  await plan.sees('元/年', '元/月', '元/个')
  await plan.fill('规格定价 元/年', '6000.005')
  await plan.sees('请输入金额，最多两位小数。')
  await plan.click('确定')
  await plan.sees('请填写大于 0 的价格。')
  await plan.fill({ '规格定价 元/年': '6000', '规格定价 元/月': '600.50', '规格定价 元/个': '200' })
  await plan.click('新增属性')
  await plan.fill('属性名 1', '设备数')
  await plan.fill('属性值 1', '50')
  await clerk.shot('offerings-plan')
  await plan.click('确定')
  const plans = clerk.section('商品规格')
  await plans.row('标准版').click('复制')
  await plans.sees('标准版 2')
  await plans.row('标准版 2').click('上移')
  assert.match(await plans.part.locator('li').first().innerText(), /标准版 2/)
  await plans.row('标准版 2').click('删除')
  await plans.sees('已删除规格「标准版 2」')
  await plans.click('撤销删除')
  assert.match(await plans.part.locator('li').first().innerText(), /标准版 2/)
  await plans.row('标准版 2').click('删除')
  await saved(clerk)
  await clerk.shot('offerings-editor')
  assert.deepEqual(await englishWords(clerk.page, [/^(Banner|Alt)$/, /^(cover|banner|shot|case\d)$/]), [])
  assert.deepEqual(await barriers(clerk.page), [], 'the filled form')
  await clerk.page.getByRole('combobox', { name: '方案分类 1' }).waitFor()
  assert.equal(await drafts(), before + 1)

  // Neither 手机 nor 邮箱 ticked: refused by name before it is asked 确定; what is ticked is asked for.
  await clerk.click('提交申请')
  await clerk.sees(/有 1 处需要修改/, '联系方式：请至少勾选一种联系方式。')
  await clerk.seesNot('确定要提交申请吗')
  await clerk.page.getByRole('navigation', { name: '表单目录' }).getByText('1 处需修改').waitFor()
  await clerk.shot('offerings-refused')
  await contact.tick('手机')
  await contact.fill('手机', '13700002222')
  await saved(clerk)
  await clerk.click('提交申请')
  await clerk.click('确定')
  await clerk.sees('我的商品', solution)
  await clerk.row(solution).sees('待审核')
  await clerk.shot('offerings-waiting')
})

walk('a draft gets its address while a plan is typed: nobody is asked, and the plan stays', async ({ person }) => {
  const clerk = await provider(person)
  await begin(clerk)
  let release
  const slow = new Promise((done) => (release = done))
  await clerk.page.route('**/api/v1/my/offerings', async (route) => {
    await slow
    await route.continue()
  })
  const asked = clerk.page.waitForRequest((r) => r.method() === 'POST' && r.url().endsWith('/my/offerings'))
  await clerk.fill('方案名称', '慢线路上的方案')
  await asked
  await clerk.click('添加规格')
  const plan = clerk.dialog('添加规格')
  await plan.fill('规格名称', '入门版')
  release()
  await clerk.page.waitForURL(/offerings\/\d+\/edit/)
  await clerk.settle()
  await clerk.seesNot('放弃已填写的内容？')
  assert.equal(await plan.value('规格名称'), '入门版')
  await plan.tick('按年')
  await plan.choose('定价模式', '免费')
  await plan.click('确定')
  await clerk.section('商品规格').row('入门版').sees('入门版')
  await saved(clerk)
})

walk('发布预览: modules in their order, nothing is bought, 提交申请 from there', async ({ person }) => {
  const clerk = await provider(person)
  const name = '预览提交方案'
  const { id } = await draft(clerk, name, (c) => {
    c.page.casesTitle = '他们都在用'
    c.contact.byPhone = false
  })
  await clerk.open(`/workbench/offerings/${id}/edit`)
  await clerk.sees('基本信息')

  // Modules move by buttons and by keys; buyers see them in that order at once.
  const live = clerk.page.getByLabel('实时预览', { exact: true }).last()
  const order = () => live.getByRole('navigation', { name: '商品介绍' }).getByRole('button').allInnerTexts()
  assert.deepEqual(await order(), ['商品详情', '用户案例', '服务支持'])
  await clerk.click('上移用户案例')
  assert.deepEqual(await order(), ['用户案例', '商品详情', '服务支持'])
  await clerk.page.keyboard.press('Alt+ArrowDown')
  await clerk.page.keyboard.press('Alt+ArrowDown')
  assert.deepEqual(await order(), ['商品详情', '服务支持', '用户案例'])
  await live.getByRole('heading', { name: '他们都在用' }).waitFor()
  await live.getByText('服务特点：轻量。').waitFor()
  await saved(clerk)

  // 发布预览: the whole page, and back to what was typed
  await clerk.click('发布预览')
  await clerk.sees('这是企业将看到的页面', name, '他们都在用', '两周上线', '¥6,000.00/年')
  assert.deepEqual(await clerk.page.getByRole('navigation', { name: '商品介绍' }).getByRole('button').allInnerTexts(), ['商品详情', '服务支持', '用户案例', '评价'])
  await clerk.sees('立即购买')
  assert.equal(await clerk.offers('立即购买'), false, 'something is bought in a preview')
  await clerk.settle()
  assert.deepEqual(await barriers(clerk.page), [])
  await clerk.shot('offerings-preview')

  await clerk.click('提交申请')
  await clerk.sees(/还有 1 处需要修改/)
  await clerk.click('返回编辑并查看')
  await clerk.sees(/有 1 处需要修改/, '联系方式：请至少勾选一种联系方式。')
  await clerk.section('联系人信息').tick('手机')
  await saved(clerk)
  await clerk.click('发布预览')
  await clerk.sees('这是企业将看到的页面', name)
  await clerk.click('提交申请')
  await clerk.click('确定')
  await clerk.sees('我的商品')
  await clerk.row(name).sees('待审核')
})

walk('other publishing types ask for fields of their own', async ({ person }) => {
  const clerk = await provider(person)
  await begin(clerk, '培训服务')
  await clerk.sees('课程名称', '课时（学时）', '培训对象', '结业证明', '师资介绍', '请至少配置1个培训案例')
  await clerk.seesNot('交付人工数量（人天）', '客户年产值（万元）')
  await clerk.fill({ 课程名称: '设备数字化点检课程', '课时（学时）': '16', 培训对象: '车间主任', 师资介绍: '高级工程师三名' })
  await clerk.page.waitForURL(/offerings\/\d+\/edit/)
  await clerk.choose('培训方式', '线上直播或远程', '集中授课')
  await clerk.choose('结业证明', '是')
  await saved(clerk)
  await clerk.page.reload()
  await clerk.sees('培训服务 · 第 1 版')
  assert.equal(await clerk.value('课时（学时）'), '16')
  assert.equal(await clerk.value('师资介绍'), '高级工程师三名')
  await clerk.shot('offerings-training')
  await clerk.click('发布预览')
  await clerk.sees('培训方式', '线上直播或远程、集中授课', '16')
  await begin(clerk, '诊断咨询服务')
  await clerk.sees('服务名称', '顾问人数（人）', '交付成果', '服务合同额（万元）')
})

walk('two windows, and a line that breaks', async ({ person }) => {
  const clerk = await provider(person, { allow: [/ERR_INTERNET_DISCONNECTED/, /^503 PUT/] })
  await begin(clerk)
  const id = await named(clerk, '第一个窗口')
  const second = await clerk.page.context().newPage()
  await second.goto(`/workbench/offerings/${id}/edit`)
  await second.getByLabel('方案名称').fill('第二个窗口')
  await second.getByText(/已自动保存/).waitFor()

  await clerk.fill('相关产品名称', '点检宝')
  await clerk.sees('该草稿已在其他窗口或由其他同事修改', '草稿在别处被修改，已暂停自动保存')
  await clerk.shot('offerings-conflict')
  await clerk.click('保留当前窗口的内容')
  await clerk.click('确定')
  await saved(clerk)
  await second.getByLabel('相关产品名称').fill('第二次')
  await second.getByText('该草稿已在其他窗口或由其他同事修改').waitFor()
  await second.getByRole('button', { name: '加载最新内容' }).click()
  await second.getByRole('button', { name: '确定' }).click()
  await second.getByText(/已自动保存/).waitFor()
  assert.equal(await second.getByLabel('方案名称').inputValue(), '第一个窗口')
  await second.close()

  // Without a line what is typed is kept, and saved when the line is back.
  await clerk.page.context().setOffline(true)
  await clerk.fill('相关产品名称', '断网时填写')
  await clerk.sees('网络不通，内容已暂存在本机，恢复后自动保存')
  await clerk.shot('offerings-offline')
  await clerk.page.context().setOffline(false)
  await saved(clerk)
  assert.equal((await clerk.api('GET', `/my/offerings/${id}`)).content.product, '断网时填写')

  // Also over a reload: the browser holds it until the server does.
  await clerk.page.route('**/draft', (r) => r.fulfill({ status: 503, contentType: 'application/problem+json', body: '{"status":503,"code":"overloaded","detail":"x"}' }))
  clerk.page.on('dialog', (d) => d.accept())
  await clerk.fill('相关产品名称', '重载前填写')
  await clerk.sees('网络不通，内容已暂存在本机，恢复后自动保存')
  await clerk.page.unroute('**/draft')
  await clerk.page.evaluate(() => window.stop())
  await clerk.page.reload()
  await clerk.sees(/已自动保存/)
  assert.equal(await clerk.value('相关产品名称'), '重载前填写')
})

walk('a large upload breaks, and goes on after a reload and a restart', async ({ person }) => {
  const clerk = await provider(person, { allow: [/ERR_FAILED|ERR_CONNECTION|ERR_EMPTY|ERR_NETWORK/, /40[14] /] })
  await begin(clerk)
  const id = await named(clerk, '带视频的商品')
  const film = join(folder, '操作演示.mp4')
  const head = Buffer.from('\0\0\0\x18ftypmp42\0\0\0\0mp42isom', 'latin1')
  writeFileSync(film, Buffer.concat([head, Buffer.alloc(11 * 1024 * 1024, 7)]))
  const sent = []
  let broken = true
  await clerk.page.route('**/api/v1/uploads/*', (route) => {
    const r = route.request()
    if (r.method() !== 'PATCH') return route.continue()
    const at = Number(r.headers()['upload-offset'])
    if (at > 0 && broken) return route.abort('failed')
    sent.push(at)
    return route.continue()
  })
  const field = () => clerk.section('介绍页')
  await field().click('上传图片或视频')
  const dialog = clerk.dialog('商品截图')
  await give(clerk, '上传图片或视频', film)
  await dialog.sees('网络中断，恢复后自动继续上传。')
  await clerk.page.getByRole('progressbar', { name: '上传进度' }).waitFor()
  await clerk.shot('offerings-upload-broken')

  await clerk.page.goto('about:blank')
  await product().stop()
  await product().start()
  await clerk.open(`/workbench/offerings/${id}/edit`)
  await clerk.section('介绍页').click('上传图片或视频')
  await clerk.sees(/「操作演示\.mp4」上次已上传 3\d%，重新选择该文件即可继续/)
  await clerk.shot('offerings-upload-rest')
  broken = false
  await give(clerk, '上传图片或视频', film)
  await clerk.page.getByRole('button', { name: '移除 操作演示.mp4' }).waitFor()
  assert.deepEqual(sent, [0, 4 * 1024 * 1024, 8 * 1024 * 1024], 'a piece was sent twice')
  await clerk.dialog('商品截图').click('确定')
  await saved(clerk)

  // The video is streamed in parts.
  const { content } = await clerk.api('GET', `/my/offerings/${id}`)
  const part = await clerk.page.request.get(`/api/v1/files/${content.page.media[0]}`, { headers: { Range: 'bytes=100-199' } })
  assert.equal(part.status(), 206)
  assert.equal((await part.body()).length, 100)
  const beyond = await clerk.page.request.get(`/api/v1/files/${content.page.media[0]}`, { headers: { Range: 'bytes=99999999-' } })
  assert.equal(beyond.status(), 416)

  // One that is given up is gone.
  await clerk.section('介绍页').click('上传图片或视频')
  broken = true
  const other = join(folder, '另一段.mp4')
  writeFileSync(other, Buffer.concat([head, Buffer.alloc(6 * 1024 * 1024, 8)]))
  await give(clerk, '上传图片或视频', other)
  await clerk.sees('网络中断，恢复后自动继续上传。')
  await clerk.click('取消上传 另一段.mp4')
  await clerk.seesNot('另一段.mp4')
})

walk('我的商品: each state with what it allows', async ({ person }) => {
  const clerk = await provider(person)
  const operator = await person()
  await operator.signedIn('operator_demo', password)

  // 草稿: copy, preview, delete
  await draft(clerk, '草稿状态商品')
  await clerk.open('/workbench/offerings?status=draft')
  const tab = (name) => clerk.page.getByRole('tab', { name: new RegExp(`^${name}`) })
  assert.deepEqual((await clerk.page.getByRole('tab').allInnerTexts()).map((t) => t.replace(/\s*\d+$/, '')), ['已上架', '待审核', '已驳回', '草稿', '已撤销', '已下架'])
  const drafts = Number((await tab('草稿').innerText()).match(/\d+/)[0])
  await clerk.row('草稿状态商品').click('复制')
  await clerk.sees('已复制为新的草稿', '草稿状态商品（副本）')
  assert.equal(await clerk.value('方案名称'), '草稿状态商品（副本）')
  await saved(clerk)
  await clerk.open('/workbench/offerings?status=draft')
  assert.equal(Number((await tab('草稿').innerText()).match(/\d+/)[0]), drafts + 1)
  await clerk.shot('offerings-mine-draft')
  await clerk.row('草稿状态商品（副本）').click('删除')
  await clerk.click('取消')
  await clerk.row('草稿状态商品（副本）').click('删除')
  await clerk.sees('删除后无法恢复')
  await clerk.click('确定')
  await clerk.sees('已删除')
  await clerk.seesNot('草稿状态商品（副本）')

  // 待审核 → 撤销 → 已撤销 → 重新编辑
  const withdrawn = await handIn(clerk, '待撤销商品')
  await clerk.open('/workbench/offerings?status=in_review')
  await clerk.row('待撤销商品').sees('审批进度', /运营人员初审，预计 \d{4}-\d\d-\d\d 前完成/)
  await clerk.row('外观缺陷视觉检测工位').sees(/专家评审，预计/)
  await clerk.row('供应商远程审核与整改跟踪').sees(/工信厅终审，预计/)
  await clerk.row('过程质量实时监控与预警系统').sees('在售：第 1 版', '新版本：第 2 版', /工信厅终审，预计/)
  await clerk.open(`/workbench/offerings/${withdrawn}/edit`)
  await clerk.sees(/审核期间不能修改/)
  const form = clerk.page.locator('main form')
  assert.equal(await form.locator(':is(input, textarea, [contenteditable=true]):enabled:not([type=file])').count(), 0, 'what is in review can be typed into')
  await clerk.open('/workbench/offerings?status=in_review')
  await clerk.row('待撤销商品').click('撤销')
  await clerk.click('确定')
  await clerk.seesNot('待撤销商品')
  await tab('已撤销').click()
  await clerk.row('待撤销商品').click('重新编辑')
  await clerk.sees('第 2 版')
  assert.match(clerk.page.url(), new RegExp(withdrawn))

  // 已驳回, with the reason
  const rejected = await handIn(clerk, '待驳回商品')
  const { caseId } = await clerk.api('GET', `/my/offerings/${rejected}`)
  const found = await operator.api('GET', `/review-cases/${caseId}`)
  await operator.api('POST', `/review-cases/${caseId}/decisions`, {
    action: 'reject', version: found.case.version, contentHash: found.case.contentHash, reason: 'untrue', comment: '案例数据无法核实',
  })
  await clerk.open('/workbench/offerings?status=rejected')
  await clerk.row('待驳回商品').sees('审批意见：案例数据无法核实')
  await clerk.row('待驳回商品').sees('重新编辑')
  await clerk.row('待驳回商品').click('待驳回商品') // reading why does not open it again
  await clerk.sees('审批流程', '案例数据无法核实', '重新编辑')
  await clerk.open('/workbench/offerings?status=rejected')
  await clerk.row('待驳回商品').sees('重新编辑')
  await clerk.shot('offerings-mine-rejected')

  // 已上架: a new version beside it, both in one row; delist and relist
  await clerk.open('/workbench/offerings')
  const onSale = (await clerk.api('GET', '/my/offerings?status=listed')).items.find((o) => !o.work).name
  await clerk.row(onSale).sees('在售：第 1 版')
  await clerk.row(onSale).click('变更')
  await clerk.sees('已打开新版本的草稿', '第 2 版')
  await clerk.fill('方案名称', `${onSale}二代`)
  await saved(clerk)
  await clerk.open('/workbench/offerings')
  await clerk.row(onSale).sees('在售：第 1 版', '新版本：第 2 版', `${onSale}二代`)
  await clerk.shot('offerings-mine-listed')
  await tab('草稿').click()
  await clerk.row(`${onSale}二代`).sees('在售：第 1 版')
  await tab('已上架').click()
  const visitor = await person()
  await visitor.open(`/solutions?q=${encodeURIComponent(onSale)}`)
  await visitor.sees(onSale)
  await visitor.seesNot(`${onSale}二代`)
  await clerk.row(onSale).click('更多')
  await clerk.page.getByRole('menuitem', { name: '删除新版本' }).click()
  await clerk.sees('在售版本不受影响')
  await clerk.click('确定')
  await clerk.seesNot(`${onSale}二代`)
  await clerk.row(onSale).click('下架')
  await clerk.click('确定')
  await clerk.sees('已下架')
  await tab('已下架').click()
  await clerk.row(onSale).click('重新上架')
  await clerk.click('确定')
  await clerk.sees('操作成功')
  await tab('已上架').click()
  await clerk.row(onSale).sees('在售：第 1 版')
  assert.deepEqual(await englishWords(clerk.page), [])
  assert.deepEqual(await barriers(clerk.page), [])
  await clerk.page.setViewportSize({ width: 390, height: 800 })
  assert.equal(await tooWide(clerk.page), false)
})

walk('T-INP-02, T-INP-03: what is typed is text, in the editor and to buyers', async ({ person }) => {
  const clerk = await provider(person)
  const evil = '<img src=x onerror="document.title=1"><script>document.title=2</script>'
  const { id } = await draft(clerk, `${evil}商品`.slice(0, 100), (c) => {
    c.page.banner.title = '<b onclick=x>标题</b>'
    c.page.banner.intro = evil
    c.page.highlights = [evil]
    c.page.description = `<p onmouseover="document.title=3">说明</p>${evil}<svg onload=document.title=4><a href="java\tscript:document.title=5">链接</a>`
    c.page.casesTitle = '<i>案例</i>'
    for (const s of c.cases) s.story = evil
    c.page.support.content = evil
    c.plans[0].name = '<u>版</u>'
  })
  for (const page of ['edit', 'preview']) {
    await clerk.open(`/workbench/offerings/${id}/${page}`)
    await clerk.sees('<b onclick=x>标题</b>', '<i>案例</i>', '<u>版</u>')
    assert.doesNotMatch(await clerk.page.title(), /^\d$/)
    assert.equal(await clerk.page.locator('.offering-body img[src="x"], .offering-body script, .offering-body [onmouseover], .offering-body svg').count(), 0)
    assert.equal(await clerk.page.locator('.rich-text a[href^="java"]').count(), 0)
  }
})

walk('客户评价, with a reply', async ({ person }) => {
  const clerk = await provider(person)
  await clerk.open('/workbench')
  await clerk.click('客户评价')
  await clerk.settle()
  await clerk.sees('商品名称', '商品状态', '订购时间', '客户姓名', '评价时间', '客户评分', /^订单: \d+$/)
  await clerk.shot('offerings-ratings')
  // The company as the order names it; of the person who wrote, nothing.
  assert.match(await clerk.page.locator('td[data-label=客户姓名]').first().innerText(), /公司|厂/)
  const rows = clerk.page.getByRole('button', { name: '查看评价' })
  for (let i = 0; i < (await rows.count()); i++) {
    await rows.nth(i).click()
    const dialog = clerk.dialog('查看评价')
    await dialog.sees('客户姓名')
    if (!(await dialog.offers('提交回复'))) {
      await dialog.click('关闭')
      await clerk.seesNot('回复客户')
      continue
    }
    await dialog.click('提交回复')
    await dialog.sees('请填写回复内容')
    await dialog.fill('回复客户', '感谢认可，后续有问题随时联系。')
    await clerk.shot('offerings-reply')
    await dialog.click('提交回复')
    await clerk.sees('回复成功')
    return
  }
  assert.fail('no opinion waits for a reply')
})
