// How somebody finds a solution: filters, words, suggestions, comparison, and what
// pages say without scripts.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { barriers, englishWords, tooWide } from './harness/look.mjs'
import { suite } from './harness/walk.mjs'

const { walk, product } = suite({ demo: true })
const password = 'Demo#2026smedx'

const api = async (path) => (await fetch(`${product().url}/api/v1${path}`)).json()
const html = async (path) => {
  const answer = await fetch(product().url + path)
  return { status: answer.status, text: await answer.text() }
}
const total = async (one) => Number((await one.page.getByRole('status').innerText()).match(/\d+/)[0])
/** Waits until the list says so many. */
const counts = (one, n) => one.page.getByRole('status').getByText(`共 ${n} 个商品`).waitFor()
const query = (one) => Object.fromEntries(new URL(one.page.url()).searchParams)
const cardNames = (one) => one.page.locator('article.offering h3').allInnerTexts()

const facets = {
  方案分类: 'category', 适用行业: 'industry', 标签: 'tag', 价格: 'price', 购买方式: 'way', 地区: 'region', 发布类型: 'kind',
}

walk('01 each filter narrows by the figure beside it, and stands in the address', async ({ person }) => {
  const visitor = await person()
  await visitor.open('/')
  await visitor.click('解决方案与产品')
  await visitor.sees('立即购买')
  await visitor.settle()
  const everything = await total(visitor)
  for (const [title, name] of Object.entries(facets)) {
    await visitor.open('/solutions')
    const option = visitor.page.getByRole('group', { name: title }).locator('label').first()
    const label = await option.locator('.label').innerText()
    const count = Number(await option.locator('.count').innerText())
    assert.ok(count > 0 && count <= everything, `${title}: ${count}`)
    await option.click()
    await counts(visitor, count)
    assert.ok(query(visitor)[name], `${title} is not in ${visitor.page.url()}`)
    await visitor.page.getByRole('button', { name: `取消 ${title}：${label}` }).click()
    await counts(visitor, everything)
    assert.equal(query(visitor)[name], undefined)
  }
})

walk('02 filters together, by reload, Back, a sent link and chips', async ({ person }) => {
  const visitor = await person()
  await visitor.open('/solutions')
  const pick = (title, label) =>
    visitor.page.getByRole('group', { name: title }).locator('label', { hasText: label }).first().click()
  const expected = (await api('/offerings?tag=saas&way=month')).total
  await pick('标签', 'SaaS')
  await visitor.page.getByRole('button', { name: '取消 标签：SaaS' }).waitFor()
  await pick('购买方式', '按月')
  await counts(visitor, expected)
  assert.deepEqual(query(visitor), { tag: 'saas', way: 'month' })
  await visitor.page.reload()
  await counts(visitor, expected)
  const other = await person()
  await other.open(new URL(visitor.page.url()).pathname + new URL(visitor.page.url()).search)
  assert.equal(await total(other), expected)
  await visitor.page.goBack()
  await counts(visitor, (await api('/offerings?tag=saas')).total)
  await visitor.page.goForward()
  await counts(visitor, expected)
  await visitor.click('清空筛选')
  await counts(visitor, (await api('/offerings')).total)
  // A province unfolds into its cities.
  const regions = visitor.page.getByRole('group', { name: '地区' })
  await regions.getByRole('button', { name: '展开 浙江省' }).click()
  await regions.locator('.below label', { hasText: '杭州市' }).click()
  await counts(visitor, (await api('/offerings?region=330100')).total)
})

walk('03 nothing found says what to give up', async ({ person }) => {
  const visitor = await person()
  await visitor.open('/solutions?tag=saas&region=350000')
  await visitor.sees('没有符合条件的商品')
  const without = (await api('/offerings?tag=saas')).total
  await visitor.page.getByRole('button', { name: `不限地区（${without} 个商品）` }).click()
  await counts(visitor, without)
  await visitor.open(`/solutions?q=${encodeURIComponent('区块链')}`)
  await visitor.sees('没有符合条件的商品')
  await visitor.click('查看全部商品')
  await counts(visitor, (await api('/offerings')).total)
})

walk('04 words of two characters, marked; letters that sound like them; order and pages', async ({ person }) => {
  const visitor = await person()
  await visitor.open('/solutions')
  await visitor.fill('搜索方案、服务商', '追溯')
  await visitor.page.keyboard.press('Enter')
  await visitor.sees('“追溯”的搜索结果')
  await counts(visitor, (await api(`/offerings?q=${encodeURIComponent('追溯')}`)).total)
  const marks = await visitor.page.locator('article.offering mark').allInnerTexts()
  assert.ok(marks.length > 0 && marks.every((m) => m === '追溯'), marks.join())
  assert.match((await cardNames(visitor))[0], /追溯/, 'a name stands before a text')
  await visitor.fill('搜索方案、服务商', 'zhuisu')
  await visitor.page.keyboard.press('Enter')
  await visitor.sees('“zhuisu”的搜索结果')
  await visitor.page.locator('h3 mark', { hasText: '追溯' }).first().waitFor()
  await visitor.click('清除搜索')

  await visitor.click('价格从低到高')
  await visitor.page.waitForURL(/sort=price_asc/)
  const cheap = (await api('/offerings?sort=price_asc&size=10')).items
  await visitor.open('/solutions?sort=price_asc&size=10')
  assert.deepEqual(await cardNames(visitor), cheap.map((o) => o.name))
  await visitor.page.getByRole('button', { name: '第 2 页' }).click()
  await visitor.page.waitForURL(/page=2/)
  await visitor.page.locator('article h3', { hasText: (await api('/offerings?sort=price_asc&size=10&page=2')).items[0].name }).waitFor()
  for (const order of ['综合', '销量', '评分', '最新', '价格从高到低']) {
    await visitor.click(order)
    await visitor.page.getByRole('button', { name: order, pressed: true }).waitFor()
  }
})

walk('05 suggestions by keyboard', async ({ person }) => {
  const visitor = await person()
  await visitor.open('/')
  const box = visitor.page.getByRole('combobox', { name: '搜索解决方案' })
  const list = visitor.page.getByRole('listbox', { name: '搜索解决方案的建议' })
  await box.pressSequentially('质量')
  await list.getByRole('option').first().waitFor()
  assert.equal(await box.getAttribute('aria-expanded'), 'true')
  await list.getByRole('option', { name: /方案分类 质量管理/ }).waitFor()
  await box.press('Escape')
  await list.waitFor({ state: 'hidden' })
  await box.press('ArrowDown')
  const active = list.getByRole('option', { selected: true })
  await active.waitFor()
  assert.equal(await box.getAttribute('aria-activedescendant'), await active.getAttribute('id'))
  await box.press('ArrowUp') // back to what was typed
  await active.waitFor({ state: 'detached' })
  await box.press('ArrowDown')
  await box.press('Enter') // the first one is the category
  await visitor.page.waitForURL(/\/solutions\?category=/)
  await visitor.page.getByRole('button', { name: '取消 方案分类：质量管理' }).waitFor()
  // A provider by the beginning of its name leads to its page.
  const header = visitor.page.getByRole('combobox', { name: '搜索方案、服务商' })
  await header.fill('云帆')
  await visitor.page.getByRole('option', { name: /服务商 杭州云帆/ }).click()
  await visitor.page.waitForURL(/\/providers\/\d+/)
  await visitor.sees('在售商品')
  assert.deepEqual(await barriers(visitor.page), [])
})

walk('06 the provider and the product page', async ({ person }) => {
  const visitor = await person()
  const [first] = (await api('/offerings')).items
  await visitor.open(`/providers/${first.providerId}`)
  await visitor.sees('已认证服务商')
  await visitor.page.locator('h3', { hasText: first.name }).getByRole('link').click()
  await visitor.page.getByRole('heading', { level: 1, name: first.name }).waitFor()
  for (const tab of ['商品详情', '用户案例', '服务支持', '评价']) {
    await visitor.page.getByRole('navigation', { name: '商品介绍' }).getByRole('button', { name: tab }).click()
    await visitor.page.getByRole('heading', { level: 2, name: tab }).waitFor()
  }
  // 用户案例: three side tabs, by keys too, in the address.
  const cases = visitor.page.getByRole('tablist', { name: '案例目录' }).getByRole('tab')
  assert.equal(await cases.count(), 3)
  await cases.nth(1).click()
  await visitor.page.waitForURL(/case=2/)
  await cases.nth(1).press('ArrowDown')
  await visitor.page.waitForURL(/case=3/)
  assert.equal(await cases.nth(2).evaluate((e) => e === document.activeElement && e.getAttribute('aria-selected')), 'true')
  const story = await visitor.page.getByRole('tabpanel').innerText()
  const other = await person()
  await other.open(new URL(visitor.page.url()).pathname + new URL(visitor.page.url()).search)
  await other.page.getByRole('tab', { selected: true }).waitFor()
  assert.equal(await other.page.getByRole('tabpanel').innerText(), story)
  // One bar of the figures shows only its ratings.
  const bar = visitor.page.getByRole('button', { name: /^5 星，[1-9]/ })
  const n = Number((await bar.getAttribute('aria-label')).match(/，(\d+)/)[1])
  await bar.click()
  await visitor.sees('只看 5 星评价')
  assert.equal(await visitor.page.locator('.ratings > li').count(), Math.min(n, 10))
  await visitor.sees('立即购买')
  await visitor.sees('加入购物车')
  assert.deepEqual(await barriers(visitor.page), [])
})

walk('07 four side by side, by address; a fifth is refused', async ({ person }) => {
  const visitor = await person()
  await visitor.open('/solutions')
  const boxes = visitor.page.getByRole('checkbox', { name: /^对比 / })
  for (let i = 0; i < 4; i++) await boxes.nth(i).click()
  for (let i = 0; i < 4; i++) assert.equal(await boxes.nth(i).isChecked(), true, 'what stands in the tray is not ticked')
  await boxes.nth(4).click()
  await visitor.sees('最多对比 4 个商品，请先移除一个。')
  assert.equal(await boxes.nth(4).isChecked(), false)
  await visitor.page.getByRole('link', { name: '对比（4/4）' }).click()
  await visitor.page.waitForURL(/compare\?ids=/)
  const names = (await api('/offerings')).items.slice(0, 4).map((o) => o.name)
  for (const name of names) await visitor.page.getByRole('columnheader', { name: new RegExp(name) }).waitFor()
  await visitor.sees('规格与价格')
  await visitor.page.getByRole('checkbox', { name: '只看不同项' }).check()
  await visitor.page.getByRole('row', { name: /服务商/ }).first().waitFor()
  const sent = visitor.page.url()
  await visitor.page.getByRole('button', { name: `移除 ${names[0]}` }).click()
  await visitor.page.getByRole('columnheader', { name: new RegExp(names[0]) }).waitFor({ state: 'detached' })
  const other = await person() // whoever gets the link sees the same
  await other.open(new URL(sent).pathname + new URL(sent).search)
  await other.page.getByRole('columnheader', { name: new RegExp(names[3]) }).waitFor()
  assert.deepEqual(await englishWords(other.page, [/^SaaS$/, /^[\dA-Z]+$/]), [])
  assert.deepEqual(await barriers(other.page), [])
})

walk('08 what a company has vouchers for, and what it once bought', async ({ person }) => {
  const buyer = await person()
  await buyer.signedIn('hengrui_demo', password, '/solutions')
  const own = buyer.page.locator('label', { hasText: '可用我的服务券' })
  await own.locator('.count').getByText(/\d+/).waitFor()
  const count = Number(await own.locator('.count').innerText())
  assert.equal(count, (await buyer.api('GET', '/fitting-offerings')).total)
  await own.click()
  await counts(buyer, count)
  assert.equal(query(buyer).fits, '1')
  await buyer.page.getByRole('button', { name: '取消 可用我的服务券' }).waitFor()

  // What is asked now is kept under a name, and opened again from the list.
  await buyer.page.getByRole('group', { name: '标签' }).locator('label', { hasText: 'SaaS' }).first().click()
  await buyer.page.getByRole('button', { name: '取消 标签：SaaS' }).waitFor()
  await buyer.click('保存搜索')
  assert.equal(await buyer.dialog('保存搜索').value('名称'), '可用我的服务券 SaaS')
  await buyer.dialog('保存搜索').fill('名称', '云上软件')
  await buyer.dialog('保存搜索').click('保存')
  await buyer.sees('我的搜索（1）')
  await buyer.open('/solutions')
  await buyer.click('我的搜索（1）')
  await buyer.sees('可用我的服务券；标签：SaaS')
  assert.deepEqual(await barriers(buyer.page), [])
  await buyer.click('重命名 云上软件')
  await buyer.dialog('重命名').fill('名称', '可用券的云软件')
  await buyer.dialog('重命名').click('保存')
  await buyer.click('可用券的云软件')
  await buyer.page.waitForURL(/fits=1/)
  assert.deepEqual(query(buyer), { tag: 'saas', fits: '1' })
  await buyer.click('我的搜索（1）')
  await buyer.click('删除 可用券的云软件')
  await buyer.dialog('删除搜索').click('确定')
  await buyer.sees('还没有保存的搜索')

  // Nothing of it is in what everybody reads.
  const shared = await buyer.page.request.get('/api/v1/offerings')
  assert.equal(await shared.text(), await (await fetch(`${product().url}/api/v1/offerings`)).text())
  // A visitor with that link sees everything.
  const visitor = await person()
  await visitor.open('/solutions?fits=1')
  await counts(visitor, (await api('/offerings')).total)

  // The provider takes a product off sale that the company bought: still readable from the order.
  const orders = await buyer.api('GET', '/orders?size=50')
  const line = orders.items.flatMap((o) => o.lines ?? []).find((l) => l.offeringId)
  assert.ok(line, 'the demonstration has orders')
  const operator = await person()
  await operator.signedIn('operator_demo', password)
  await operator.api('POST', `/catalog/offerings/${line.offeringId}/delisting`, { reason: '资质到期' })
  await buyer.open('/workbench/orders')
  await buyer.page.getByRole('link', { name: line.name }).first().click()
  await buyer.page.waitForURL(new RegExp(`/solutions/${line.offeringId}`))
  await buyer.sees(/该商品已下架，仅供查看/)
  assert.equal(await buyer.page.getByRole('button', { name: '立即购买' }).count(), 0)
  const again = await api(`/offerings?q=${encodeURIComponent(line.name)}&size=50`)
  assert.ok(!again.items.some((o) => o.id === line.offeringId), 'a search still finds it')
  const page = await html(`/solutions/${line.offeringId}`)
  assert.match(page.text, /noindex/)
  assert.ok(!(await html('/sitemap.xml')).text.includes(line.offeringId))
})

walk('09 what pages say without scripts', async ({ person }) => {
  const [first] = (await api('/offerings')).items
  const [notice] = (await api('/notices')).items
  for (const [path, ...says] of [
    ['/', 'application/ld+json', '"@type":"WebSite"', first.name, notice.title],
    ['/solutions', first.name, '"ItemList"', 'rel="canonical"'],
    [`/solutions/${first.id}`, `<h1>${first.name}</h1>`, '"@type":"Product"', '"AggregateOffer"', 'og:image', first.provider, `/solutions/${first.id}">`],
    [`/providers/${first.providerId}`, first.provider, '"@type":"Organization"', first.name],
    [`/notices/${notice.id}`, notice.title, '"NewsArticle"', 'og:type" content="article"'],
  ]) {
    const page = await html(path)
    assert.equal(page.status, 200, path)
    for (const text of says) assert.ok(page.text.includes(text), `${path} lacks ${text}`)
    assert.ok(!page.text.includes('noindex'), path)
  }
  for (const path of ['/workbench', '/cart', '/solutions?q=%E6%8E%92']) assert.match((await html(path)).text, /noindex/, path)
  assert.equal((await html('/solutions/1')).status, 404)
  assert.match((await html('/robots.txt')).text, /Disallow: \/workbench[\s\S]*Sitemap: http/)
  assert.ok((await html('/sitemap.xml')).text.includes(`/solutions/${first.id}</loc>`))
  // The page asks for nothing that came along already.
  const visitor = await person()
  const asked = []
  visitor.page.on('request', (r) => asked.push(new URL(r.url()).pathname))
  await visitor.open('/solutions')
  await visitor.page.locator('article.offering').first().waitFor()
  assert.ok(!asked.includes('/api/v1/offerings'), asked.join(' '))
})

walk('10 on a phone, filters are a drawer', async ({ person }) => {
  const phone = await person({ width: 390, height: 844 })
  await phone.open('/solutions')
  await phone.page.getByRole('button', { name: '筛选', exact: true }).click()
  const drawer = phone.page.getByRole('dialog', { name: '筛选' })
  const option = drawer.getByRole('group', { name: '标签' }).locator('label').first()
  const count = Number(await option.locator('.count').innerText())
  await option.click()
  await drawer.getByRole('button', { name: `查看 ${count} 个商品` }).click()
  await drawer.waitFor({ state: 'hidden' })
  await counts(phone, count)
  await phone.page.getByRole('button', { name: '筛选（1）' }).waitFor()
  const [first] = (await api('/offerings')).items
  for (const path of ['/', '/solutions', `/solutions/${first.id}`, `/providers/${first.providerId}`, `/solutions/compare?ids=${(await api('/offerings')).items.slice(0, 4).map((o) => o.id)}`]) {
    await phone.open(path)
    assert.equal(await tooWide(phone.page), false, path)
    assert.deepEqual(await barriers(phone.page), [], path)
  }
})

walk('11 the first pages are light', async () => {
  const said = spawnSync(process.execPath, [fileURLToPath(new URL('../../web/scripts/weight.mjs', import.meta.url))], { encoding: 'utf8' })
  assert.equal(said.status, 0, said.stdout + said.stderr)
})
