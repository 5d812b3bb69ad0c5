import type { Directive } from 'vue'

/**
 * v-combobox on a cascader: says what its inputs are. The library marks them as
 * expanded or not without giving them a role for which that means something, and
 * leaves the one that searches without a name.
 */
export const vCombobox: Directive<HTMLElement> = { mounted: say, updated: say }

function say(el: HTMLElement) {
  for (const input of el.querySelectorAll('input')) {
    if (input.type === 'checkbox') continue
    input.setAttribute('role', 'combobox')
    if (!input.hasAttribute('aria-expanded')) input.setAttribute('aria-expanded', 'false')
    if (!input.labels?.length && !input.placeholder) input.setAttribute('aria-label', '搜索选项')
  }
}
