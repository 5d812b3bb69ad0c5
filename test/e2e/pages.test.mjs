// Every page that can be opened without choosing something first, as everybody
// who may open it: in Chinese throughout, without barriers, and fit for a phone.
import assert from 'node:assert/strict'
import { barriers, englishWords, tooWide } from './harness/look.mjs'
import { suite } from './harness/walk.mjs'

const { walk, product } = suite({ demo: true })

/** The addresses of the router without variables. */
async function addresses(wanted) {
  const routes = await fetch(product().url + '/routes.json').then((r) => r.json())
  return routes.filter((route) => !route.path.includes(':') && wanted(route)).map((route) => route.path)
}

// Parts of credit codes are data, not English.
const data = [/^MA[0-9A-Z]{6,}$/]

/** Watches what a person's browser asks for and keeps: nothing personal and no session may stand there. */
function watched(one) {
  const places = new Map()
  one.page.on('request', (request) => places.set(`asked ${request.url()}`, request.url()))
  one.page.on('framenavigated', (frame) => places.set(`at ${frame.url()}`, frame.url()))
  return {
    async keep() {
      const kept = await one.page.evaluate(() => [localStorage, sessionStorage].flatMap((s) => Object.entries(s)))
      for (const [key, value] of kept) places.set(`kept ${key}`, key + value)
    },
    async leaks() {
      const cookies = await one.page.context().cookies()
      const secrets = [password, ...cookies.filter((c) => /session/.test(c.name)).map((c) => c.value)]
      assert.ok(secrets.length > 1 && places.size > 3)
      const personal = [/(?<!\d)1[3-9]\d{9}(?!\d)/, /[\w.]+@[\w-]+\.\w+/]
      return [...places].filter(([, text]) => {
        const plain = text.replaceAll('%40', '@').replaceAll('%23', '#')
        return secrets.some((s) => plain.includes(s)) || personal.some((p) => p.test(plain))
      }).map(([place]) => place)
    },
  }
}

const password = 'Demo#2026smedx'

const opened = new Set()

/** What is wrong with a page, one line each; nothing of one that this person is led away from. */
async function complaints(person, path) {
  await person.page.setViewportSize({ width: 1440, height: 900 })
  await person.goOn(path)
  if (new URL(person.page.url()).pathname !== path) return [] // not for this role
  if (!opened.has(path)) await person.open(path) // by its address, too
  opened.add(path)
  const found = [
    ...(await englishWords(person.page, data)).map((word) => `English: ${word}`),
    ...(await barriers(person.page)),
  ]
  await person.shot(`page${path.replaceAll('/', '-')}`)
  await person.page.setViewportSize({ width: 390, height: 844 })
  await person.stands() // the drawer and the cards find their places
  if (await tooWide(person.page)) found.push('wider than a phone')
  return found.map((text) => `${path}  ${text}`)
}

walk('the public pages, as a visitor', async ({ person }) => {
  const visitor = await person()
  await visitor.open('/')
  const found = []
  for (const path of await addresses((route) => !route.private)) found.push(...(await complaints(visitor, path)))
  assert.deepEqual(found, [])
})

walk('an address without a page', async ({ person }) => {
  const visitor = await person({ allow: [/^404 GET .*\/no-such-page/] })
  await visitor.open('/no-such-page')
  await visitor.sees('页面不存在')
})

for (const [account, who] of [
  ['hengrui_demo', 'an enterprise'], ['hengzhun_soft', 'a provider'], ['operator_demo', 'the operator'],
  ['department_demo', 'the department'], ['expert_guan', 'an expert'], ['admin_demo', 'the administrator'],
]) {
  walk(`the workbench, as ${who}`, async ({ person }) => {
    const one = await person()
    const browser = watched(one)
    await one.signedIn(account, password, '/workbench')
    const found = []
    for (const path of await addresses((route) => route.private)) {
      found.push(...(await complaints(one, path)))
      await browser.keep()
    }
    assert.deepEqual(found, [])
    assert.deepEqual(await browser.leaks(), []) // T-SESS-05, T-PRIV-01: addresses and stores
  })
}
