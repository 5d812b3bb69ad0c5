import type { Directive } from 'vue'

const watchers = new WeakMap<HTMLElement, MutationObserver>()

/**
 * v-combobox="name" on the element around a cascader says what its inputs are;
 * v-combobox.named takes the name from the label of the form item. The library
 * marks an input as expanded or not without giving it a role for which that means
 * something, and hands it no name; so both are said whenever it has drawn. (On the
 * cascader itself a directive would do nothing: what it draws has no element of
 * its own around it.)
 */
export const vCombobox: Directive<HTMLElement, string | undefined, 'named'> = {
  mounted(el, { value, modifiers }) {
    const label = el.closest('.el-form-item')?.querySelector('.el-form-item__label')
    const name = value ?? (modifiers.named ? label?.textContent.trim() : undefined)
    const say = () => {
      for (const input of el.querySelectorAll('input')) {
        const said = (attribute: string, text: string) =>
          input.getAttribute(attribute) === text || input.setAttribute(attribute, text)
        if (name) said('aria-label', name)
        if (name || input.hasAttribute('aria-expanded')) said('role', 'combobox')
        if (name && !input.hasAttribute('aria-expanded')) said('aria-expanded', 'false')
      }
    }
    say()
    const watcher = new MutationObserver(say)
    watcher.observe(el, {
      subtree: true,
      childList: true,
      attributeFilter: ['role', 'aria-label', 'aria-expanded'],
    })
    watchers.set(el, watcher)
  },
  beforeUnmount(el) {
    watchers.get(el)?.disconnect()
  },
}
