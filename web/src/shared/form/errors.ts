import { computed, inject, provide, ref, watch, type InjectionKey, type Ref } from 'vue'
import { texts } from './check'
import type { FieldError } from './definition'

const codeOf = (detail: string) =>
  detail === texts['form.uscc_check'] ? 'form.uscc_check' : 'form.typed'

interface FormErrors {
  errorAt: (pointer: string) => string
  /** Notes what a field says of its own answer; unreadable: the answer was not taken. */
  setProblem: (pointer: string, text: string, unreadable?: boolean) => void
}

const key: InjectionKey<FormErrors> = Symbol('form errors')

/** The errors around a field; outside a form there are none. */
export const useFormErrors = (): FormErrors =>
  inject(key, { errorAt: () => '', setProblem: () => undefined })

/**
 * Keeps two kinds of errors together: what the server refused, until the field
 * is changed, and what the field itself cannot read.
 */
export function provideFormErrors(
  refused: Ref<readonly FieldError[]>,
  /** Problems that the applicant has been heard about. */
  waived: (pointer: string, code: string) => boolean = () => false,
) {
  const own = ref(new Map<string, { detail: string; unreadable: boolean }>())
  const last = ref<{ pointer: string; detail: string }>()
  const changed = ref(new Set<string>())
  watch(refused, () => (changed.value = new Set()))

  const open = computed(() => refused.value.filter((e) => !changed.value.has(e.pointer)))
  const all = computed<FieldError[]>(() => [
    ...[...own.value].map(([pointer, p]) => ({
      pointer,
      code: codeOf(p.detail),
      detail: p.detail,
    })),
    ...open.value.filter((e) => !own.value.has(e.pointer)),
  ])
  const byPointer = computed(() => new Map(all.value.map((e) => [e.pointer, e.detail])))

  provide(key, {
    errorAt: (pointer) => byPointer.value.get(pointer) ?? '',
    setProblem: (pointer, text, unreadable = false) => {
      if (text && !waived(pointer, codeOf(text))) {
        own.value.set(pointer, { detail: text, unreadable })
        last.value = { pointer, detail: text }
      } else {
        own.value.delete(pointer)
        if (last.value?.pointer === pointer) last.value = undefined
      }
    },
  })

  return {
    all,
    /** What a field has said last, until it is settled: the focus has left the field by then. */
    last,
    unreadable: computed(() => [...own.value.values()].some((p) => p.unreadable)),
    /** An answer was changed: what was said of it, and of what lies below it, is settled. */
    settle: (pointer: string) => {
      const under = (p: string) => p === pointer || p.startsWith(pointer + '/')
      for (const e of refused.value) if (under(e.pointer)) changed.value.add(e.pointer)
    },
    /** A field was taken away with its problem. */
    forget: (pointer: string) => {
      for (const p of [...own.value.keys()])
        if (p === pointer || p.startsWith(pointer + '/')) own.value.delete(p)
      if (last.value && !own.value.has(last.value.pointer)) last.value = undefined
    },
  }
}
