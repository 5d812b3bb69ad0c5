import { useDebounceFn, useEventListener } from '@vueuse/core'
import { computed, onScopeDispose, reactive, ref, watch, type InjectionKey } from 'vue'
import { api, must, refusalOf, type Problem, type Schemas } from '@/api/client'
import type { UploadedFile } from '@/shared/upload'
import { drop, keep, recall } from './keptDraft'

export type Content = Schemas['CatalogContent']
export type CaseStudy = Schemas['CatalogCaseStudy']
export type Plan = Schemas['CatalogPlan']
export type Draft = Schemas['OfferingDraft']

/** How the typed content stands to the saved one. */
export type SaveState = 'saved' | 'typing' | 'saving' | 'waiting' | 'refused' | 'conflict'

/** The files that a content names, for the fields that show them. */
export const filesKey: InjectionKey<Map<string, UploadedFile>> = Symbol('files')

/** A failure that may be over in a while: no connection, overload, a session that ended. */
const passing = (p: Problem) => p.status === 0 || p.status >= 500 || [401, 429].includes(p.status)

/** What a draft begins from: one that is there, or a type to publish under. */
export type Start = { id: string } | { kind: string; blank: () => Promise<Draft | undefined> }

/**
 * The working copy of an offering: what is typed is saved after a short pause,
 * one save at a time, each naming the version of the last. What cannot be saved
 * is kept in this browser and tried again. A new offering is begun on the server
 * with its first save, not before; `begun` is told its id then.
 */
export function useDraft(start: Start, begun: (id: string) => void = () => {}) {
  const draft = ref<Draft>()
  const content = ref<Content>()
  const files = reactive(new Map<string, UploadedFile>())
  const description = ref('')
  const problem = ref('')
  const savedAt = ref<string>()
  const refused = ref<Problem>()
  const state = ref<SaveState>('saved')
  const restored = ref(false)
  let id = 'id' in start ? start.id : ''
  const path = () => ({ params: { path: { id } } })
  /** What cannot be saved is kept under this name. */
  const place = () => ('id' in start || id ? id : `new:${start.kind}`)
  let version = 0
  let saved = ''
  let running: Promise<boolean> | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let failures = 0

  function take(d: Draft) {
    draft.value = d
    for (const f of d.files) files.set(f.id, f)
    version = d.version
    savedAt.value = d.savedAt
    description.value = d.content.page.description
    saved = JSON.stringify(d.content)
    refused.value = undefined
    state.value = 'saved'
    const kept = d.offering.actions.includes('save') ? recall(place(), version) : undefined
    restored.value = !!kept && JSON.stringify(kept) !== saved
    content.value = restored.value ? kept : d.content
  }
  async function load() {
    problem.value = ''
    try {
      if (!('id' in start) && !id) {
        const d = await start.blank()
        if (d) take(d)
        else problem.value = '没有这种发布类型，请返回重新选择。'
        return
      }
      const d = must(await api.GET('/my/offerings/{id}', path()))
      take(
        d.offering.actions.includes('revise') && !d.offering.actions.includes('save')
          ? must(await api.POST('/my/offerings/{id}/revision', path()))
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
    state.value = 'saving'
    clearTimeout(timer)
    try {
      if (!id && !('id' in start)) {
        const d = must(await api.POST('/my/offerings', { body: { kind: start.kind } }))
        drop(place())
        id = d.offering.id
        version = d.version
        draft.value = d
        begun(id)
      }
      const r = must(
        await api.PUT('/my/offerings/{id}/draft', {
          ...path(),
          body: { version, content: JSON.parse(body) as Content },
        }),
      )
      version = r.version
      savedAt.value = r.savedAt
      description.value = r.description
      refused.value = undefined
      failures = 0
      // New plans have their ids now; they are part of what is saved.
      const sent = JSON.parse(body) as Content
      r.plans.forEach((planId, i) => {
        if (sent.plans[i]) sent.plans[i].id = planId
        if (content.value?.plans[i]) content.value.plans[i].id = planId
      })
      saved = JSON.stringify(sent)
      drop(place())
      state.value = dirty() ? 'typing' : 'saved'
      return true
    } catch (e) {
      const p = refusalOf(e)
      if (!p) throw e
      if (p.code !== 'version_conflict')
        keep(place(), { version, content: JSON.parse(body) as Content })
      if (passing(p)) {
        state.value = 'waiting'
        timer = setTimeout(() => void save(), Math.min(2000 * 2 ** failures++, 60_000))
      } else {
        refused.value = p
        state.value = p.code === 'version_conflict' ? 'conflict' : 'refused'
      }
      return false
    }
  }
  /** Saves now; a save that runs already is waited for first. A new one is begun also when it is empty, if asked to. */
  async function save(begin = false): Promise<boolean> {
    if (running) await running
    if (!editable.value || (!dirty() && (id || !begin))) return true
    running = put()
    try {
      return await running
    } finally {
      running = undefined
    }
  }
  const later = useDebounceFn(() => {
    if (state.value !== 'conflict' && state.value !== 'waiting') void save()
  }, 1200)
  watch(
    content,
    () => {
      if (!dirty()) return
      if (state.value === 'saved' || state.value === 'refused') state.value = 'typing'
      if (state.value === 'waiting') keep(place(), { version, content: content.value! })
      void later()
    },
    { deep: true },
  )
  useEventListener(window, 'online', () => {
    if (state.value === 'waiting') void save()
  })
  useEventListener(window, 'beforeunload', (e) => {
    if (dirty()) e.preventDefault()
  })
  onScopeDispose(() => {
    clearTimeout(timer)
    if (state.value !== 'conflict') void save()
  })

  /** After a conflict: what the other window saved, without what was typed here. */
  async function useTheirs() {
    drop(place())
    await load()
  }
  /** After a conflict: what was typed here, over what the other window saved. */
  async function useMine() {
    try {
      const d = must(await api.GET('/my/offerings/{id}', path()))
      version = d.version
      await put()
    } catch (e) {
      const p = refusalOf(e)
      if (!p) throw e
      refused.value = p
    }
  }

  /** The draft as it is saved; undefined when it could not be. */
  const whole = async () => ((await save(true)) ? { id, version } : undefined)

  return {
    draft,
    content,
    files,
    description,
    problem,
    savedAt,
    state,
    refused,
    restored,
    editable,
    load,
    save,
    useTheirs,
    useMine,
    whole,
  }
}
