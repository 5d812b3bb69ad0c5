// Measures when pages can be used, and what they cost, in a browser without
// anything in its cache: `npm run tti` in web/, after `make build`.
//
// Interactive is the first moment from which the page's control (the first
// question of the form, the search, 加入购物车) takes input and the main thread
// then rests for half a second without a task over 50 ms.
//
//   npm run tti                    every page on both profiles, median of 5
//   npm run tti -- form            only pages whose name contains this
//   RUNS=1 npm run tti
import { startProduct } from './product.mjs'
import { launchBrowser } from './walk.mjs'

const runs = Number(process.env.RUNS ?? 5)
const only = process.argv[2] ?? ''

// "Fast 3G" as the browser's own tools set it: 90 % of 1.6 Mbit/s down and 750 kbit/s up, 562.5 ms until an answer begins.
const profiles = [
  { name: 'desk', width: 1440, height: 900, cpu: 1 },
  { name: 'phone', width: 390, height: 844, cpu: 4, network: { offline: false, latency: 562.5, downloadThroughput: 1.44e6 / 8, uploadThroughput: 0.675e6 / 8 } },
]

const product = await startProduct({ demo: true })
const browser = await launchBrowser()
try {
  const { items } = await fetch(`${product.url}/api/v1/offerings?page=1&size=1`).then((answer) => answer.json())
  const pages = [
    { name: 'portal', path: '/', control: '[role=search] input' },
    { name: 'product', path: `/solutions/${items[0].id}`, control: '.el-radio-button input' },
    { name: 'form', path: '/register', prepare: applicant, press: '继续填写企业信息', control: '[data-field="/company_name"] input' },
  ].filter((page) => page.name.includes(only))
  console.log(['page', 'profile', 'shown ms', 'interactive ms', 'long tasks ms', 'requests', 'JS kB', 'CSS kB', 'fonts kB', 'data kB', 'images kB', 'DOM nodes', 'heap MB'].join(' | '))
  for (const profile of profiles)
    for (const page of pages) {
      const all = []
      for (let n = 0; n < runs; n++) all.push(await visit(page, profile))
      const middle = (key) => all.map((one) => one[key]).sort((a, b) => a - b)[Math.floor(all.length / 2)]
      const kB = (key) => (middle(key) / 1000).toFixed(1)
      console.log([page.name, profile.name, middle('shown'), middle('interactive'), middle('busy'), middle('requests'), ...['js', 'css', 'font', 'data', 'image'].map(kB), middle('nodes'), (middle('heap') / 1e6).toFixed(1)].join(' | '))
    }
} finally {
  await browser.close()
  await product.remove()
}

/** Opens an account with an empty form, signed in. */
async function applicant(context) {
  const n = String(Date.now()).slice(-9)
  const password = 'Lian#Tu2026'
  const answer = await context.request.post('/api/v1/registrations', {
    data: { role: 'enterprise', username: `tti_${n}`, phone: `13${n}`, password, passwordConfirm: password, agreed: true },
  })
  if (!answer.ok()) throw new Error(await answer.text())
}

async function visit({ path, prepare, press, control }, { width, height, cpu, network }) {
  const context = await browser.newContext({ baseURL: product.url, locale: 'zh-CN', viewport: { width, height }, reducedMotion: 'reduce', isMobile: width < 640, hasTouch: width < 640 })
  try {
    await prepare?.(context)
    const page = await context.newPage()
    await page.addInitScript(watch, { press, control })
    const cdp = await context.newCDPSession(page)
    const sums = await counted(cdp)
    await cdp.send('Emulation.setCPUThrottlingRate', { rate: cpu })
    if (network) await cdp.send('Network.emulateNetworkConditions', network)
    await page.goto(path, { waitUntil: 'commit' })
    const seen = await page.waitForFunction(() => globalThis.tti?.(), null, { timeout: 60_000, polling: 200 }).then((handle) => handle.jsonValue())
    await page.waitForLoadState('networkidle')
    await cdp.send('HeapProfiler.collectGarbage')
    const { metrics } = await cdp.send('Performance.getMetrics')
    const metric = (name) => metrics.find((m) => m.name === name).value
    return { ...seen, ...sums, nodes: await page.evaluate(() => document.querySelectorAll('*').length), heap: metric('JSHeapUsedSize') }
  } finally {
    await context.close()
  }
}

/** Bytes over the wire by kind. */
async function counted(cdp) {
  const sums = { requests: 0, js: 0, css: 0, font: 0, data: 0, image: 0 }
  const kinds = { Script: 'js', Stylesheet: 'css', Font: 'font', Image: 'image' }
  const kind = new Map()
  cdp.on('Network.responseReceived', ({ requestId, type }) => kind.set(requestId, kinds[type] ?? 'data'))
  cdp.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    sums.requests++
    sums[kind.get(requestId) ?? 'data'] += encodedDataLength
  })
  await cdp.send('Network.enable')
  await cdp.send('Performance.enable')
  return sums
}

/** Runs in the page, from its first moment. */
function watch({ press, control }) {
  const tasks = []
  new PerformanceObserver((list) => {
    for (const task of list.getEntries()) tasks.push({ from: task.startTime, to: task.startTime + task.duration })
  }).observe({ type: 'longtask', buffered: true })
  let shown
  const look = () => {
    if (press) {
      const button = [...document.querySelectorAll('button')].find((b) => b.textContent.includes(press))
      if (button && !button.disabled) button.click()
    }
    const found = [...document.querySelectorAll(control)].some((one) => !one.disabled && one.checkVisibility())
    if (found) shown = performance.now()
    else requestAnimationFrame(look)
  }
  requestAnimationFrame(look)
  globalThis.tti = () => {
    if (!shown) return null
    let quiet = shown
    for (const task of tasks) if (task.to > quiet && task.from < quiet + 500) quiet = task.to
    if (performance.now() < quiet + 700) return null // the browser tells of long tasks a little later
    const busy = tasks.filter((task) => task.from < quiet).reduce((sum, task) => sum + task.to - task.from, 0)
    return { shown: Math.round(shown), interactive: Math.round(quiet), busy: Math.round(busy) }
  }
}
