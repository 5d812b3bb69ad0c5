import { computed, type Ref } from 'vue'
import type { Problem } from '@/api/client'

/** The errors of a refused form: `at('/username')` for a form item, `list` for the summary. */
export function useFieldErrors(refused: Ref<Problem | undefined>) {
  const list = computed(() => refused.value?.errors ?? [])
  const byPointer = computed(() => new Map(list.value.map((e) => [e.pointer, e.detail])))
  /** The text for one field, or '' as Element Plus wants it. */
  const at = (pointer: string): string => byPointer.value.get(pointer) ?? ''
  /** What the server said of the whole, when it named no field. */
  const general = computed(() => (list.value.length ? '' : (refused.value?.detail ?? '')))
  return { at, list, general }
}
