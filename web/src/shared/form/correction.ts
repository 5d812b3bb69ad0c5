import { computed, type Ref } from 'vue'
import { useCodelist } from '../useCodelist'
import type { Correction, FormDefinition, Values } from './definition'
import { atRoot, labelOf } from './logic'

export type Remark = Correction['remarks'][number]

/** The field at the top of the form that a pointer belongs to. */
export const keyOf = (pointer: string): string =>
  atRoot([{ pointer, code: '', detail: '' }])[0]!.pointer.split('/')[1] ?? ''

/** Remarks as people read them, by field key. */
export function useRemarkTexts(remarks: Ref<readonly Remark[]>) {
  const { label } = useCodelist('field_remark')
  return computed(
    () =>
      new Map(
        remarks.value.map((r) => [
          keyOf(r.field),
          [r.reason ? label(r.reason) : '', r.comment ?? ''].filter(Boolean).join('：'),
        ]),
      ),
  )
}

/** The marked fields with their words, and whether they were changed meanwhile. */
export function marksOf(
  definition: FormDefinition,
  marked: readonly string[],
  texts: ReadonlyMap<string, string>,
  before: Values,
  now: Values,
) {
  return [...new Set(marked.map(keyOf))].map((key) => ({
    pointer: '/' + key,
    label: labelOf(definition, '/' + key) || key,
    text: texts.get(key) ?? '',
    done: JSON.stringify(before[key]) !== JSON.stringify(now[key]),
  }))
}
