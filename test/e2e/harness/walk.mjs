// A walk is a browser test: people open pages of one running product and do
// what the words on the page say. A walk also fails when something went wrong
// that nobody was looking at: an error on the console, a breach of the content
// security policy, a file that did not load, an answer of 500 or above.
import { mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, join } from 'node:path'
import { after, before, test } from 'node:test'
import { root, startProduct } from './product.mjs'
import { Screen } from './screen.mjs'

// Node packages live with the pages.
export const requireFromWeb = createRequire(join(root, 'web', 'package.json'))
const { chromium } = requireFromWeb('playwright-core')

const shots = join(root, 'test', 'e2e', 'shots')
const file = basename(process.argv[1], '.test.mjs')
const wantShots = process.env.SHOTS === '1'

export const launchBrowser = () => chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    ...(process.getuid() === 0 ? ['--no-sandbox'] : []),
    '--disable-gpu', '--disable-dev-shm-usage', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync',
  ],
})

/**
 * Starts one product and one browser for the walks of a file.
 *
 *   const { walk, product } = suite({ demo: true })
 *   walk('a visitor reads a notice', async ({ person }) => {
 *     const visitor = await person()
 *     await visitor.open('/')
 *     await visitor.click('通知')
 *   })
 *
 * product() is the running product (see product.mjs). person({ width, allow })
 * opens a browser of their own for one more person; allow lists faults that the
 * walk expects.
 */
export function suite(options = {}) {
  let product
  let browser
  before(async () => {
    product = await startProduct(options)
    browser = await launchBrowser()
  }, { timeout: 180_000 })
  after(async () => {
    await browser?.close()
    await product?.remove()
  })

  const walk = (name, steps) => test(`${file}: ${name}`, { timeout: 300_000 }, async () => {
    const people = []
    const person = async (who = {}) => {
      const one = await Person.arrive(browser, product, who)
      people.push(one)
      return one
    }
    try {
      await steps({ person, product })
    } catch (error) {
      for (const [i, one] of people.entries()) await one.keepShot(`failed-${file}-${fileName(name)}-${i + 1}`)
      throw withFaults(error, people)
    } finally {
      for (const one of people) await one.leave()
    }
    const faults = people.flatMap((one) => one.faults)
    if (faults.length) throw new Error(`the pages had faults:\n${faults.join('\n')}`)
  })
  return { walk, product: () => product }
}

/** Somebody with a browser window of their own. */
export class Person extends Screen {
  faults = []
  #allow
  #context
  #traffic = { begun: 0, waiting: new Set() } // requests of the first page

  static async arrive(browser, product, { width = 1440, height = 900, allow = [] } = {}) {
    const context = await browser.newContext({
      baseURL: product.url,
      locale: 'zh-CN',
      timezoneId: 'Asia/Shanghai',
      viewport: { width, height },
      reducedMotion: 'reduce',
      hasTouch: width < 640,
    })
    context.setDefaultTimeout(10_000)
    const one = new Person(await context.newPage())
    one.#context = context
    one.#allow = allow
    context.on('page', (page) => one.#watch(page))
    one.#watch(one.page)
    one.#count()
    return one
  }

  /** Goes to an address and waits until the page has settled. */
  async open(path) {
    await this.page.goto(path)
    await this.settle()
  }

  /** Goes on to an address within the open page, as its menus do, without loading everything again. */
  async goOn(path) {
    await this.page.evaluate(async (to) => {
      await document.querySelector('#app').__vue_app__.config.globalProperties.$router.push(to)
    }, path)
    await this.settle()
  }

  /** Waits until nothing on the page moves any more. */
  async stands() {
    await this.page.evaluate(rest)
    await this.page.evaluate(async () => {
      const moving = document.getAnimations().filter((one) => Number.isFinite(one.effect?.getComputedTiming().endTime))
      const given = new Promise((done) => setTimeout(done, 1000)) // what stands still or is not drawn never ends
      await Promise.race([Promise.allSettled(moving.map((one) => one.finished)), given])
    })
  }

  /** Signs in on the login page, by account name and password. */
  async signIn(account, password) {
    await this.open('/login')
    await this.click('密码登录')
    await this.fill({ 帐号: account, 密码: password })
    await this.click('登录')
    await this.sees('工作台')
  }

  /** Begins as somebody who has signed in already, on a page or on none yet: for walks that are not about signing in. */
  async signedIn(account, password, path) {
    await this.api('POST', '/session', { account, password })
    if (path) await this.open(path)
  }

  /**
   * Asks the API with this person's session, to prepare what a walk is not
   * about. Fails on a refusal unless it is the status that is expected.
   */
  async api(method, path, body, { expect, key } = {}) {
    const answer = await this.page.request.fetch(`/api/v1${path}`, {
      method,
      data: body,
      headers: key ? { 'Idempotency-Key': key } : {},
    })
    const text = await answer.text()
    if (expect ? answer.status() !== expect : !answer.ok()) throw new Error(`${method} ${path}: ${answer.status()} ${text}`)
    return text && /json/.test(answer.headers()['content-type']) ? JSON.parse(text) : text
  }

  /**
   * Waits until nothing is being loaded: no request is on its way, the page has
   * nothing left to do, and then it asks for nothing more.
   */
  async settle() {
    await this.page.waitForLoadState()
    const { waiting } = this.#traffic
    const deadline = Date.now() + 20_000
    for (let calm = false; !calm;) {
      if (Date.now() > deadline) throw new Error(`${this.page.url()} is still loading ${[...waiting].map((r) => r.url()).join(' ')}`)
      const begun = this.#traffic.begun
      await this.page.evaluate(rest).catch(leftThePage)
      calm = waiting.size === 0 && this.#traffic.begun === begun
    }
    await this.page.locator('.el-loading-mask').filter({ visible: true }).first().waitFor({ state: 'hidden' })
  }

  /** With SHOTS=1, keeps pictures of the page at a desk's and at a phone's width. */
  async shot(name) {
    if (!wantShots) return
    const before = this.page.viewportSize()
    for (const width of [1440, 390]) {
      await this.page.setViewportSize({ width, height: before.height })
      await this.page.waitForTimeout(300)
      await this.keepShot(`${name}-${width}`)
    }
    await this.page.setViewportSize(before)
  }

  async keepShot(name) {
    mkdirSync(shots, { recursive: true })
    await this.page.screenshot({ path: join(shots, `${name}.png`), fullPage: true }).catch(() => {})
  }

  async leave() {
    // A handler of a route that is at work now would find its page gone and fail the whole file.
    for (const page of this.#context.pages()) await page.unrouteAll({ behavior: 'ignoreErrors' })
    await this.#context.close()
  }

  #count() {
    const { page } = this
    const traffic = this.#traffic
    page.on('request', (request) => {
      traffic.begun++
      // A new document gives up what the one before was loading.
      if (request.isNavigationRequest() && request.frame() === page.mainFrame()) traffic.waiting.clear()
      traffic.waiting.add(request)
    })
    for (const end of ['requestfinished', 'requestfailed']) page.on(end, (request) => traffic.waiting.delete(request))
  }

  #watch(page) {
    const fault = (text) => {
      if (!this.#allow.some((allowed) => (allowed.test ? allowed.test(text) : text.includes(allowed)))) this.faults.push(text)
    }
    page.on('pageerror', (error) => fault(`script error: ${error.stack ?? error}`))
    page.on('console', (message) => {
      // A refused request is told by its response, below.
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) fault(`console: ${message.text()}`)
    })
    page.on('requestfailed', (request) => {
      const why = request.failure()?.errorText
      // Leaving a page gives up what it was still loading.
      if (why !== 'net::ERR_ABORTED') fault(`not loaded: ${request.url()} ${why}`)
    })
    page.on('response', (response) => {
      const refused = response.status() >= 400
      const isApi = new URL(response.url()).pathname.startsWith('/api/')
      // Refusals of the API are part of many walks; anything else must be there.
      if (response.status() >= 500 || (refused && !isApi)) fault(`${response.status()} ${response.request().method()} ${response.url()}`)
    })
  }
}

/** In the page: a moment without work, then what was drawn after it, then timers that were due. */
const rest = () => new Promise((done) => {
  const idle = (next) => requestIdleCallback(next, { timeout: 300 })
  // A page that the browser does not draw just now gets neither frames nor idle moments.
  const drawn = (next) => {
    const late = setTimeout(next, 200)
    requestAnimationFrame(() => {
      clearTimeout(late)
      next()
    })
  }
  idle(() => drawn(() => setTimeout(() => idle(done), 50)))
})

const leftThePage = (error) => {
  if (!/context was destroyed|navigat/i.test(String(error))) throw error
}

function withFaults(error, people) {
  const faults = people.flatMap((one) => one.faults)
  if (faults.length) error.stack += `\nfaults on the pages:\n${faults.join('\n')}`
  return error
}

function fileName(text) {
  return text.replace(/[^\p{L}\p{N}]+/gu, '-').slice(0, 60)
}
