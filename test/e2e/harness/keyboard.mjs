// Somebody without a mouse: only keys are pressed. Every step of the focus is
// judged: it must be somewhere, can be seen, is not hidden below a sticky bar and
// is told by a ring or a border.
import assert from 'node:assert/strict'

/** What the page says of the element that has the focus. */
function describe() {
  const at = document.activeElement
  if (!at || at === document.body) return { name: '', on: 'body' }
  const named = (at.getAttribute('aria-labelledby') ?? '').split(/\s+/).filter(Boolean)
  const name = at.getAttribute('aria-label') ||
    named.map((id) => document.getElementById(id)?.textContent ?? '').join(' ') ||
    [...(at.labels ?? [])].map((label) => label.textContent).join(' ') ||
    at.innerText || at.getAttribute('placeholder') || ''
  const outlined = (e) => {
    const style = getComputedStyle(e)
    return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0
  }
  const primary = getComputedStyle(document.documentElement).getPropertyValue('--color-primary').trim()
  const probe = document.createElement('i')
  probe.style.color = primary
  document.body.append(probe)
  const blue = getComputedStyle(probe).color
  probe.remove()
  // The field that is drawn may be around the input that has the focus.
  const drawn = at.closest('.el-input__wrapper, .el-select__wrapper, .el-cascader, .el-checkbox, [role=search]') ?? at
  const rings = [at, drawn, ...drawn.querySelectorAll('.el-input__wrapper, .el-cascader__tags')]
  const shown = rings.some((e) => outlined(e) || getComputedStyle(e).boxShadow.includes(blue) || getComputedStyle(e).borderTopColor === blue)
  const box = drawn.getBoundingClientRect()
  const [x, y] = [box.left + Math.min(box.width / 2, 40), box.top + Math.min(box.height / 2, 20)]
  const top = document.elementFromPoint(x, y)
  return {
    name: name.replace(/\s+/g, ' ').trim(),
    on: [at.tagName.toLowerCase(), at.getAttribute('role') ?? at.getAttribute('type') ?? ''].filter(Boolean).join(' '),
    field: at.closest('[data-field]')?.getAttribute('data-field') ?? '',
    expanded: at.getAttribute('aria-expanded'),
    described: (at.getAttribute('aria-describedby') ?? '').split(/\s+/).map((id) => document.getElementById(id)?.textContent?.trim() ?? '').join(' ').trim(),
    invalid: at.getAttribute('aria-invalid') === 'true',
    value: at.value ?? '',
    shown,
    inView: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
    covered: top !== null && !drawn.contains(top) && !top.contains(drawn) ? (top.className || top.tagName) + '' : '',
  }
}

const matches = (name, wanted) => (wanted.test ? wanted.test(name) : name.replace(/^\*\s*/, '') === wanted)

export class Keyboard {
  constructor(person) {
    this.person = person
    this.page = person.page
    // While somebody listens the browser hands choosers over; to begin with the key press would be too late.
    this.page.on('filechooser', () => {})
  }

  /** Where the focus is. */
  async here() {
    return this.page.evaluate(describe)
  }

  async press(...keys) {
    for (const key of keys) await this.page.keyboard.press(key)
  }

  /** One step with Tab, judged. */
  async step(key = 'Tab') {
    await this.page.keyboard.press(key)
    let at = await this.here()
    if (at.on === 'body') return at // around the end of the page
    // Borders change colour and pages scroll within moments.
    for (let n = 0; n < 20 && !(at.shown && at.inView && at.covered === ''); n++) {
      await this.page.waitForTimeout(25)
      at = await this.here()
    }
    const where = `${at.on} “${at.name}” ${at.field}`
    assert.ok(at.inView, `the focus is out of sight: ${where}`)
    assert.equal(at.covered, '', `the focus is covered: ${where}`)
    assert.ok(at.shown, `the focus cannot be seen: ${where}`)
    return at
  }

  /** Goes on with Tab (or back with Shift+Tab) to what is called so. */
  async to(wanted, { back = false, most = 90 } = {}) {
    let at = await this.here()
    if (matches(at.name, wanted)) return at
    const passed = []
    for (let n = 0; n < most; n++) {
      at = await this.step(back ? 'Shift+Tab' : 'Tab')
      if (matches(at.name, wanted)) return at
      passed.push(`${at.on} ${at.name.slice(0, 20)}`)
    }
    throw new Error(`the keyboard does not come to “${wanted}”, but to: ${passed.join(' | ')}`)
  }

  /** Waits until the focus is on what is called so. */
  async on(wanted) {
    await this.#until(async () => matches((await this.here()).name, wanted), `the focus does not come to “${wanted}”`)
    return this.here()
  }

  /** Types into the field of this label. */
  async fill(label, text) {
    await this.to(label)
    await this.press('Control+a')
    await this.page.keyboard.type(text)
  }

  /** Opens the list of this label and chooses by the arrow keys. */
  async choose(label, ...options) {
    await this.to(label)
    await this.press('Enter')
    await this.#until(async () => (await this.here()).expanded === 'true', `the list of ${label} does not open`)
    for (const option of options) {
      const active = () => this.page.evaluate(() =>
        document.getElementById(document.activeElement.getAttribute('aria-activedescendant') ?? '')?.textContent.trim() ?? '')
      const passed = []
      for (let n = 0; (await active()) !== option; n++) {
        if (n > 80) throw new Error(`the arrows do not come to “${option}” of ${label}, but to: ${passed.join(' | ')}`)
        passed.push(await active())
        await this.press('ArrowDown')
      }
      await this.press('Enter')
    }
    if (options.length > 1 || (await this.here()).expanded === 'true') await this.press('Escape')
    await this.#until(async () => (await this.here()).expanded === 'false', `the list of ${label} does not close`)
    assert.ok(matches((await this.here()).name, label), `the focus is lost after a choice in ${label}`)
  }

  /** Goes down a tree with the arrow keys. */
  async descend(label, ...levels) {
    await this.to(label)
    await this.press('ArrowDown')
    for (const [depth, level] of levels.entries()) {
      const at = async () => (await this.here()).name
      await this.#until(async () => (await at()) !== '' && !matches(await at(), label), `the tree of ${label} does not open`)
      const passed = []
      for (let n = 0; (await at()) !== level; n++) {
        if (n > 80) throw new Error(`the arrows do not come to “${level}” of ${label}, but to: ${passed.join(' | ')}`)
        passed.push(await at())
        await this.press('ArrowDown')
      }
      if (depth < levels.length - 1) {
        await this.press('Enter')
        await this.press('ArrowRight')
        await this.#until(async () => (await at()) !== level, `“${level}” of ${label} does not open`)
      } else await this.press('Enter')
    }
    await this.#until(async () => matches((await this.here()).name, label), `the focus is lost after a choice in ${label}`)
  }

  /** Types part of a name into a tree and takes the first that is found. */
  async find(label, text, found) {
    await this.to(label)
    await this.page.keyboard.type(text)
    const entry = this.page.locator('.el-cascader__suggestion-item').filter({ visible: true, hasText: found })
    await entry.first().waitFor()
    await this.press('ArrowDown')
    for (let n = 0; !(await this.here()).name.includes(found); n++) {
      if (n > 40) throw new Error(`the arrows do not come to “${found}” of ${label}`)
      await this.press('ArrowDown')
    }
    await this.press('Enter')
    await this.#until(async () => matches((await this.here()).name, label), `the focus is lost after a choice in ${label}`)
  }

  /** Opens the chooser of files with a key and gives it files. */
  async upload(button, files) {
    await this.to(button)
    const [chooser] = await Promise.all([this.page.waitForEvent('filechooser'), this.press('Enter')])
    const [answer] = await Promise.all([
      this.page.waitForResponse((r) => r.request().method() === 'POST' && /\/files\b/.test(r.url())),
      chooser.setFiles(files),
    ])
    assert.equal(answer.status(), 201)
  }

  async #until(holds, otherwise) {
    for (let n = 0; n < 100; n++) {
      if (await holds()) return
      await this.page.waitForTimeout(30)
    }
    throw new Error(`${otherwise}: ${JSON.stringify(await this.here())}`)
  }
}
