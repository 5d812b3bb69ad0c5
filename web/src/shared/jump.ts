import { nextTick } from 'vue'

// Around an input the library draws boxes that could take the focus and would do nothing with it.
const controls = ['input:not([type=file]), textarea, select', 'button, a[href]', '[tabindex]']

/** Focuses the control of a form item, or whatever else in it can be used. */
export function focusWithin(item: Element | null | undefined): void {
  for (const kind of controls) {
    const found = item?.querySelector<HTMLElement>(kind)
    if (found) return found.focus()
  }
}

/** Brings the form item marked data-field="POINTER" into view and focuses it. */
export function jumpTo(pointer: string): void {
  void nextTick(() => {
    const item = document.querySelector<HTMLElement>(`[data-field="${CSS.escape(pointer)}"]`)
    item?.scrollIntoView({ block: 'center' })
    focusWithin(item)
  })
}
