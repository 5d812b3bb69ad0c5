import type { Directive } from 'vue'

/**
 * v-combobox on a cascader: says what its input is. The library marks the input
 * as expanded or not without giving it a role for which that means something.
 */
export const vCombobox: Directive<HTMLElement> = {
  mounted(el) {
    const input = el.querySelector('input')
    input?.setAttribute('role', 'combobox')
    input?.setAttribute('aria-expanded', 'false')
  },
}
