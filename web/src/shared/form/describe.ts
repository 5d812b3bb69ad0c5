import type { Directive } from 'vue'

export interface Description {
  required?: boolean
  invalid: boolean
  /** Ids of the texts that belong to the field. */
  by?: string
}

const write = (el: HTMLElement, { required, invalid, by }: Description) => {
  // Of a tree with several choices, people type into the input among the chosen ones;
  // an upload is reached by its button, the input itself is out of sight.
  const inputs =
    el.querySelector('.el-cascader__search-input') ??
    el.querySelector('input:not([type=file]), textarea')
  const controls = inputs ? [inputs] : el.querySelectorAll('input[type=file], [data-opens-chooser]')
  for (const control of controls) {
    const set = (name: string, value: string | undefined) =>
      value ? control.setAttribute(name, value) : control.removeAttribute(name)
    set('aria-describedby', by)
    if (control instanceof HTMLButtonElement) continue
    set('aria-required', required ? 'true' : undefined)
    set('aria-invalid', invalid ? 'true' : undefined)
  }
}

/**
 * v-describe on what holds the control of a field: says of the control, whatever
 * widget it is, whether it must be filled, is wrong, and which texts are about it.
 */
export const vDescribe: Directive<HTMLElement, Description> = {
  mounted: (el, { value }) => write(el, value),
  updated: (el, { value }) => write(el, value),
}
