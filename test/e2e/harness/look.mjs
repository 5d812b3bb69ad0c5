// Checks of a whole page: is everything in Chinese, can everybody use it.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { requireFromWeb } from './walk.mjs'

const axeSource = readFileSync(requireFromWeb.resolve('axe-core/axe.min.js'), 'utf8')

// Words that Chinese readers know in Latin letters.
// The guides print file types in small letters.
const known = /^(bmp|docx?|jpe?g|mp4|pdf|png|pptx?|xlsx?|zip|smedx|API|APP|AI|BMP|CAD|CAM|CPU|CRM|CSV|DOCX?|DXP|ERP|Excel|EXCEL|GB|HTML|HTTPS?|ICP|ID|IP|ISO|IT|JPE?G|KB|MB|MES|MP4|OA|OEE|OK|PC|PDF|PLC|PLM|PNG|PPTX?|QR|SaaS|SAAS|SCADA|SCM|SM2|SMS|SRM|UTC|URL|WMS|XLSX?|ZIP|Chrome|VIP|IoT|5G|WORD|Word|Linux|Windows|macOS|Android|iOS|Edge|Firefox|Safari)$/

// Whoever stands in a list depends on which experts were drawn, so that every name is known here.
const demoData = new URL('../../../internal/demo/data/', import.meta.url)
const accounts = readdirSync(demoData).flatMap((file) =>
  [...readFileSync(new URL(file, demoData), 'utf8').matchAll(/\busername: (\w+)/g)].map(([, name]) => name))
const creditCode = '[0-9A-HJ-NPQRTUWXY]{18}'
const data = new RegExp(`\\S+@\\S+|https?://\\S+|\\b(?:${creditCode}|${accounts.join('|')})\\b`, 'g')

/**
 * Finds English that a reader can see or a screen reader says. Text inside an
 * element marked lang="en", inputs and code is data and left out, and so are
 * the account names of the demo data.
 * allow: more patterns of words that may stay.
 */
export async function englishWords(page, allow = []) {
  const texts = await page.evaluate(() => {
    const found = []
    const data = 'script, style, noscript, code, pre, [lang=en], svg'
    const visible = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true })
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    while (walker.nextNode()) {
      const element = walker.currentNode.parentElement
      if (!element.closest(data) && visible(element)) found.push(walker.currentNode.textContent)
    }
    for (const element of document.body.querySelectorAll('[placeholder], [title], [aria-label], [alt]')) {
      if (element.closest(data) || !visible(element)) continue
      for (const name of ['placeholder', 'title', 'aria-label', 'alt']) found.push(element.getAttribute(name) ?? '')
    }
    found.push(document.title)
    return found
  })
  const words = texts.flatMap((text) => text.replace(data, '').match(/[A-Za-z][A-Za-z0-9]+/g) ?? [])
  return [...new Set(words)].filter((word) => !known.test(word) && !allow.some((pattern) => pattern.test(word)))
}

/** Barriers of the page that axe calls serious or critical, one line each. */
export async function barriers(page) {
  await page.evaluate(axeSource)
  const { violations } = await page.evaluate(() => {
    const { axe } = globalThis
    // Rules that never find anything that bad are a third of the work.
    const lesser = axe._audit.rules.filter((rule) => ['minor', 'moderate'].includes(rule.impact))
    const rules = Object.fromEntries(lesser.map((rule) => [rule.id, { enabled: false }]))
    return axe.run(document, { resultTypes: ['violations'], rules })
  })
  return violations
    .filter((v) => ['serious', 'critical'].includes(v.impact))
    .flatMap((v) => v.nodes.map((node) => `${v.impact} ${v.id}: ${node.target.join(' ')} — ${node.failureSummary.replace(/\s+/g, ' ')}`))
}

/** Whether the page can be scrolled sideways, which a phone's user must never have to. */
export async function tooWide(page) {
  return page.evaluate(async () => {
    const wide = () => document.documentElement.scrollWidth > document.documentElement.clientWidth
    // after a change of width, parts of a page lay themselves out anew
    for (let n = 0; wide() && n < 40; n++) await new Promise((done) => setTimeout(done, 50))
    return wide()
  })
}

/**
 * Asserts of a page that has settled: no English but for what is allowed, nothing
 * that a screen reader stumbles over, nothing wider than a phone.
 */
export async function looksRight(one, allowed = []) {
  await one.settle()
  assert.deepEqual(await englishWords(one.page, allowed), [])
  assert.deepEqual(await barriers(one.page), [])
  const before = one.page.viewportSize()
  await one.page.setViewportSize({ width: 390, height: 844 })
  assert.equal(await tooWide(one.page), false, 'wider than a phone')
  await one.page.setViewportSize(before)
}
