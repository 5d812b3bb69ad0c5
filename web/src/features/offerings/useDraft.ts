import { useQueryClient } from '@tanstack/vue-query'
import { useDebounceFn, useEventListener } from '@vueuse/core'
import { computed, onScopeDispose, reactive, ref, watch, type InjectionKey } from 'vue'
import { api, must, refusalOf, type Problem, type Schemas } from '@/api/client'
import { useAction } from '@/shared/useAction'
import type { UploadedFile } from '@/shared/upload'

export type Content = Schemas['CatalogContent']
export type CaseStudy = Schemas['CatalogCaseStudy']
export type Plan = Schemas['CatalogPlan']
export type Draft = Schemas['OfferingDraft']

/** The files that a content names, for the fields that show them. */
export const filesKey: InjectionKey<Map<string, UploadedFile>> = Symbol('files')

/**
 * The working copy of an offering: what is typed is saved after a short pause,
 * one save at a time, each naming the version of the last.
 */
export function useDraft(id: string) {
  const client = useQueryClient()
  const draft = ref<Draft>()
  const content = ref<Content>()
  const files = reactive(new Map<string, UploadedFile>())
  const problem = ref('')
  const savedAt = ref<string>()
  const saving = ref(false)
  const refused = ref<Problem>()
  const path = { params: { path: { id } } }
  let version = 0
  let saved = ''
  let running: Promise<boolean> | undefined

  function take(d: Draft) {
    draft.value = d
    content.value = d.content
    for (const f of d.files) files.set(f.id, f)
    version = d.version
    savedAt.value = d.savedAt
    saved = JSON.stringify(d.content)
    refused.value = undefined
  }
  async function load() {
    problem.value = ''
    try {
      const d = must(await api.GET('/my/offerings/{id}', path))
      take(
        d.offering.actions.includes('revise') && !d.offering.actions.includes('save')
          ? must(await api.POST('/my/offerings/{id}/revision', path))
          : d,
      )
    } catch (e) {
      problem.value = refusalOf(e)?.detail ?? '加载失败，请重试。'
    }
  }
  const editable = computed(() => draft.value?.offering.actions.includes('save') ?? false)
  const dirty = () => !!content.value && JSON.stringify(content.value) !== saved

  async function put(): Promise<boolean> {
    const body = JSON.stringify(content.value)
    saving.value = true
    try {
      const r = must(
        await api.PUT('/my/offerings/{id}/draft', {
          ...path,
          body: { version, content: JSON.parse(body) as Content },
        }),
      )
      version = r.version
      savedAt.value = r.savedAt
      refused.value = undefined
      // New plans have their ids now; they are part of what is saved.
      const sent = JSON.parse(body) as Content
      r.plans.forEach((planId, i) => {
        if (sent.plans[i]) sent.plans[i].id = planId
        if (content.value?.plans[i]) content.value.plans[i].id = planId
      })
      saved = JSON.stringify(sent)
      return true
    } catch (e) {
      refused.value = refusalOf(e)
      if (!refused.value) throw e
      return false
    } finally {
      saving.value = false
    }
  }
  /** Saves now; a save that runs already is waited for first. */
  async function save(): Promise<boolean> {
    if (running) await running
    if (!dirty() || !editable.value) return true
    running = put()
    const ok = await running
    running = undefined
    return ok
  }
  const later = useDebounceFn(() => {
    if (refused.value?.code !== 'version_conflict') void save()
  }, 1500)
  watch(content, () => dirty() && void later(), { deep: true })
  useEventListener(window, 'beforeunload', (e) => {
    if (dirty()) e.preventDefault()
  })
  onScopeDispose(() => void save())

  const submission = useAction(async () => {
    if (!(await save())) return undefined
    const o = must(await api.POST('/my/offerings/{id}/submission', { ...path, body: { version } }))
    await client.invalidateQueries({ queryKey: ['my-offerings'] })
    await client.invalidateQueries({ queryKey: ['review-cases'] })
    return o
  })

  return {
    draft,
    content,
    files,
    problem,
    savedAt,
    saving,
    refused,
    editable,
    load,
    save,
    submission,
  }
}
