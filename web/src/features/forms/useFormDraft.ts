import { computed, ref, shallowRef } from 'vue'
import { api, must } from '@/api/client'
import { useAction } from '@/shared/useAction'
import { tidySections, type Kind, type Section, type View } from './editing'

/** The next version of a form: what is being edited, and what the server last said of it. */
export function useFormDraft(kind: Kind) {
  const params = { path: { kind } }
  const view = shallowRef<View>()
  const sections = ref<Section[]>([])
  const kept = ref('')
  const text = () => JSON.stringify(tidySections(sections.value))
  const dirty = computed(() => kept.value !== '' && kept.value !== text())
  const known = computed(() => new Set(view.value?.known ?? []))

  function take(v: View) {
    view.value = v
    sections.value = JSON.parse(JSON.stringify(v.sections)) as Section[]
    kept.value = text()
  }
  const opening = useAction(async () => {
    take(must(await api.POST('/editor/forms/{kind}/draft', { params })))
    return true
  })
  const saving = useAction(async () => {
    const body = { edits: view.value!.edits, sections: tidySections(sections.value) }
    take(must(await api.PUT('/editor/forms/{kind}/draft', { params, body })))
    return true
  })
  const publishing = useAction(async (note: string) => {
    const body = { edits: view.value!.edits, note }
    must(await api.POST('/editor/forms/{kind}/draft/publish', { params, body }))
    kept.value = ''
    return true
  })
  const discarding = useAction(async () => {
    const body = { edits: view.value!.edits }
    await api.POST('/editor/forms/{kind}/draft/discard', { params, body }).then(must)
    kept.value = ''
    return true
  })
  /** Saves when there is something to save; true when the server has what the page shows. */
  const saved = async () => !dirty.value || (await saving.act()) === true

  return { view, sections, dirty, known, opening, saving, publishing, discarding, saved }
}
