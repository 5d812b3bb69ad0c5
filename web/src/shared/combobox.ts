import type { Directive } from 'vue'

/**
 * v-combobox on a cascader: says what its input is. The library marks the input
 * as expanded or not without giving it a role for which that means something.
 * v-combobox.named around one also names its inputs after the label of their form
 * item, where the library leaves them without a name.
 */
export const vCombobox: Directive<HTMLElement, void, 'named'> = {
  mounted(el, { modifiers }) {
    const inputs = [...el.querySelectorAll('input')]
    for (const input of modifiers.named ? inputs : inputs.slice(0, 1)) {
      input.setAttribute('role', 'combobox')
      input.setAttribute('aria-expanded', 'false')
      const label = el.closest('.el-form-item')?.querySelector('.el-form-item__label')
      if (modifiers.named && label) input.setAttribute('aria-label', label.textContent.trim())
    }
  },
}
