import { nextTick } from 'vue'

/** Brings the form item marked data-field="POINTER" into view and focuses it. */
export function jumpTo(pointer: string): void {
  void nextTick(() => {
    const item = document.querySelector<HTMLElement>(`[data-field="${CSS.escape(pointer)}"]`)
    item?.scrollIntoView({ block: 'center' })
    item?.querySelector<HTMLElement>('input, textarea, button, [tabindex]')?.focus()
  })
}
