// What a person can do on a page, said with the words on the page: fill the
// field called 企业名称, click 下一步, see 注册申请成功. Works on Element Plus and
// on plain HTML. Everything waits until it is possible, or fails with the words.
const wait = 10_000

const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

/** A label may carry a star, a colon or a unit's blank around its words. */
const labelled = (label) => new RegExp(`^\\s*\\*?\\s*${escaped(label)}\\s*\\*?\\s*(（必填）)?[:：]?\\s*$`)
const exactly = (text) => (text instanceof RegExp ? text : new RegExp(`^\\s*${escaped(text)}\\s*$`))

export class Screen {
  /** page: of Playwright. part: the locator that words are looked up in; the whole page when left out. */
  constructor(page, part) {
    this.page = page
    this.part = part
  }

  // ---- looking ----

  /** Waits until the text (or pattern) can be seen. */
  async sees(...texts) {
    for (const text of texts) {
      const found = this.#scope().getByText(text).filter({ visible: true }).first()
      await found.waitFor({ timeout: wait }).catch(() => {
        throw new Error(`"${text}" is not on ${this.page.url()}`)
      })
    }
  }

  /** Waits until the text cannot be seen (any more). */
  async seesNot(...texts) {
    for (const text of texts) {
      const deadline = Date.now() + wait
      while (await this.#scope().getByText(text).filter({ visible: true }).count()) {
        if (Date.now() > deadline) throw new Error(`"${text}" is still on ${this.page.url()}`)
        await this.page.waitForTimeout(50)
      }
    }
  }

  /** The visible text, blanks folded. */
  async text() {
    return (await this.#scope().innerText()).replace(/\s+/g, ' ').trim()
  }

  /** The part of the page called by this heading or accessible name: a section, a region, a group. */
  section(name) {
    const scope = this.#scope()
    const named = scope.locator('section, [role=region], [role=group], fieldset, .el-card, .el-collapse-item')
    const labelledSo = scope.locator(`section[aria-label="${name}"], [role=region][aria-label="${name}"], [role=group][aria-label="${name}"]`)
    return new Screen(this.page, named.filter({ has: this.page.getByText(exactly(name)) }).or(labelledSo).filter({ visible: true }).last())
  }

  /** The open dialog with this title. */
  dialog(title) {
    const dialogs = this.page.locator('[role=dialog]').filter({ visible: true })
    return new Screen(this.page, dialogs.filter({ hasText: title }).last())
  }

  /** The row of a table, or its card on a narrow screen, that holds all these texts. */
  row(...texts) {
    let rows = this.#scope().locator('tbody tr, [role=row], [role=listitem], li, article').filter({ visible: true })
    for (const text of texts) rows = rows.filter({ hasText: text })
    return new Screen(this.page, rows.first())
  }

  /** How many rows of tables (or cards) hold these texts. */
  async rows(...texts) {
    let rows = this.#scope().locator('tbody tr, article').filter({ visible: true })
    for (const text of texts) rows = rows.filter({ hasText: text })
    return rows.count()
  }

  // ---- doing ----

  /** Clicks what is called so: a button, a link, a tab, a menu entry, or the words themselves. */
  async click(name) {
    await (await this.#clickable(name)).click({ timeout: wait })
  }

  /** Clicks twice as fast as a hand does, and answers how many times the page asked the server at the address. */
  async clickTwice(name, address) {
    let asked = 0
    const count = (request) => {
      if (request.method() === 'POST' && address.test(request.url())) asked++
    }
    this.page.on('request', count)
    const answered = this.page.waitForResponse((r) => r.request().method() === 'POST' && address.test(r.url()), { timeout: wait })
    await (await this.#clickable(name)).dblclick({ timeout: wait })
    await answered
    return () => {
      this.page.off('request', count)
      return asked
    }
  }

  /** Rests the pointer on something. */
  async hover(name) {
    await (await this.#clickable(name)).hover({ timeout: wait })
  }

  /** Whether something of this name can be clicked now (there and not disabled). */
  async offers(name) {
    for (const role of ['button', 'link', 'menuitem', 'tab']) {
      const found = this.#scope().getByRole(role, { name: exactly(name) }).filter({ visible: true })
      if (await found.count()) return found.first().isEnabled()
    }
    return false
  }

  /** Writes into the field of this label. Several fields: fill({ 用户名: 'a', 手机号: 'b' }). */
  async fill(label, value) {
    if (typeof label === 'object') {
      for (const [name, text] of Object.entries(label)) await this.fill(name, text)
      return
    }
    const input = await this.#input(label)
    await input.fill(String(value), { timeout: wait })
  }

  /** What stands in the field of this label. */
  async value(label) {
    return (await this.#input(label)).inputValue()
  }

  /** Ticks (or, with false, unticks) the box or radio button of this label. */
  async tick(label, on = true) {
    const scope = this.#scope()
    const box = ['checkbox', 'radio', 'switch'].map((role) => scope.getByRole(role, { name: label })).reduce((a, b) => a.or(b)).first()
    await box.waitFor({ state: 'attached', timeout: wait })
    if ((await box.isChecked()) === on) return
    // Element Plus hides the real input and draws its own, which is what a hand would hit.
    const drawn = box.locator('xpath=ancestor::*[self::label or contains(concat(" ", @class, " "), " el-switch ")][1]')
    await ((await drawn.count()) ? drawn : box).click({ timeout: wait, position: { x: 8, y: 8 } })
    if ((await box.isChecked()) !== on) throw new Error(`"${label}" could not be ${on ? 'ticked' : 'unticked'}`)
  }

  /**
   * Chooses in the field of this label: a radio button, boxes, a drop-down list
   * (several options where the list takes several) or a cascader (one name a level).
   */
  async choose(label, ...options) {
    const { item, kind } = await this.#choice(label)
    switch (kind) {
      case 'native':
        await item.locator('select').first().selectOption(options.map((option) => ({ label: option })))
        return
      case 'cascader':
        return this.#chooseInCascader(item, options)
      case 'select':
        return this.#chooseInSelect(item, options)
      default: {
        const part = new Screen(this.page, item)
        for (const option of options) await part.tick(exactly(option))
      }
    }
  }

  /** Enters a date (2026-11-24), or two for a range, into the date field of this label. */
  async pick(label, ...dates) {
    const item = await this.#item(label)
    const inputs = item.locator('input').filter({ visible: true })
    for (const [i, date] of dates.entries()) {
      await inputs.nth(i).fill(date, { timeout: wait })
    }
    await inputs.nth(dates.length - 1).press('Enter')
    await this.page.locator('.el-picker-panel').filter({ visible: true }).waitFor({ state: 'detached', timeout: 1000 }).catch(() => {})
  }

  /** Gives a file to the upload field of this label: a path, or { name, mimeType, buffer }. Waits until it is sent. */
  async upload(label, file) {
    const item = await this.#item(label)
    const [answer] = await Promise.all([
      this.page.waitForResponse((r) => r.request().method() === 'POST' && /\/files\b|\/uploads?\b/.test(r.url()), { timeout: wait }),
      item.locator('input[type=file]').first().setInputFiles(file),
    ])
    return answer.status()
  }

  // ---- finding ----

  #scope() {
    return this.part ?? this.page.locator('body')
  }

  /** The element that can be clicked under this name; what lies on top comes first. */
  async #clickable(name) {
    const pattern = exactly(name)
    const tops = this.part ? [this.part] : [
      this.page.locator('[role=dialog]').filter({ visible: true }).last(),
      this.page.locator('.el-popper').filter({ visible: true }).last(),
      this.page.locator('body'),
    ]
    const roles = ['button', 'link', 'menuitem', 'tab', 'option']
    const kinds = tops.flatMap((top) => roles.map((role) => ({ top, kind: top.getByRole(role, { name: pattern }) })))
      .concat(tops.map((top) => ({ top, kind: top.getByText(pattern) })))
    return this.#firstOf(kinds, `nothing called "${name}" can be clicked`)
  }

  async #input(label) {
    const scope = this.#scope()
    const editable = 'input:not([type=radio]):not([type=checkbox]):not([type=file]), textarea, [contenteditable=true]'
    return this.#firstOf([
      scope.getByLabel(labelled(label)).and(scope.locator(editable)),
      this.#items(label).last().locator(editable),
      scope.getByPlaceholder(labelled(label)),
    ].map((kind) => ({ kind })), `there is no field "${label}"`)
  }

  #items(label) {
    return this.#scope().locator('.el-form-item, [data-field], fieldset, [role=group], [role=radiogroup]').filter({
      has: this.page.locator('.el-form-item__label, legend, label').filter({ hasText: labelled(label) }),
    })
  }

  /** The form item of a label: the label and what belongs to it. */
  async #item(label) {
    const scope = this.#scope()
    const control = scope.getByLabel(labelled(label)).first()
    return this.#firstOf([
      this.#items(label).last(),
      control.locator('xpath=ancestor-or-self::*[contains(concat(" ", @class, " "), " el-select ") or contains(concat(" ", @class, " "), " el-cascader ") or contains(concat(" ", @class, " "), " el-date-editor ")][1]'),
      scope.getByLabel(labelled(label)).locator('xpath=..'),
    ].map((kind) => ({ kind })), `there is no field "${label}"`)
  }

  async #choice(label) {
    const item = await this.#item(label)
    const has = async (css) => (await item.locator(css).count()) > 0 || item.evaluate((e, css) => e.matches(css), css)
    if (await has('select')) return { item, kind: 'native' }
    if (await has('.el-cascader')) return { item, kind: 'cascader' }
    if (await has('.el-select')) return { item, kind: 'select' }
    return { item, kind: 'boxes' }
  }

  async #chooseInSelect(item, options) {
    const list = this.page.locator('.el-select-dropdown').filter({ visible: true })
    const select = item.locator('.el-select__wrapper').first()
    await select.click({ timeout: wait })
    for (const option of options) {
      const entry = list.locator('.el-select-dropdown__item').filter({ hasText: exactly(option) }).first()
      const typing = select.locator('input:not([readonly])')
      const offered = () => entry.waitFor({ timeout: 1500 }).then(() => true, () => false)
      let shown = await offered()
      // A draft that gets its address just now is drawn anew, and closes what was open.
      if (!shown && !(await list.count())) {
        await select.click({ timeout: wait })
        shown = await offered()
      }
      // A long list is cut to what is typed; a short one shows everything.
      if (!shown && (await typing.count())) await typing.first().fill(option)
      await entry.click({ timeout: wait }).catch(() => {
        throw new Error(`the list does not offer "${option}"`)
      })
    }
    if (await list.count()) await this.page.keyboard.press('Escape')
    await list.first().waitFor({ state: 'hidden', timeout: wait })
  }

  async #chooseInCascader(item, levels) {
    const inside = item.locator('.el-cascader')
    await ((await inside.count()) ? inside.first() : item).click({ timeout: wait })
    const panel = this.page.locator('.el-cascader-panel').filter({ visible: true }).last()
    for (const [depth, name] of levels.entries()) {
      const node = panel.locator('.el-cascader-menu').nth(depth).locator('.el-cascader-node').filter({ hasText: exactly(name) })
      // Where several levels or several values can be chosen, the last one is chosen by its box.
      await node.first().waitFor({ timeout: wait }).catch(() => {})
      const box = node.first().locator('.el-checkbox, .el-radio')
      const target = depth === levels.length - 1 && (await box.count()) ? box : node
      await target.first().click({ timeout: wait }).catch(() => {
        throw new Error(`the list does not offer "${name}"`)
      })
    }
    if (await panel.count()) await this.page.keyboard.press('Escape')
    await panel.waitFor({ state: 'hidden', timeout: wait })
  }

  /**
   * The first kind of element, in this order, that can be seen; waits until
   * there is one. What lies in a top that is not there now is not asked about.
   */
  async #firstOf(kinds, otherwise) {
    const deadline = Date.now() + wait
    for (;;) {
      const there = new Map()
      for (const { top, kind } of kinds) {
        if (top && !there.has(top)) there.set(top, (await top.count()) > 0)
        if (top && !there.get(top)) continue
        const seen = kind.filter({ visible: true })
        if (await seen.count()) return seen.first()
      }
      if (Date.now() > deadline) throw new Error(`${otherwise} on ${this.page.url()}`)
      await this.page.waitForTimeout(50)
    }
  }
}
