import { useDebounceFn, useEventListener } from '@vueuse/core'
import { onScopeDispose, ref, shallowRef } from 'vue'
import { api, must, refusalOf, type Problem } from '@/api/client'
import { serverNow } from '../serverClock'
import type { Correction, FormDefinition, Values } from './definition'
import { keepLocal, recallLocal, wipeLocal } from './localDraft'
import { merged, uploadKeys, withoutUploads } from './logic'

/**
 * The company form with its draft: kept in this browser at every change (without
 * uploads) and on the server shortly after. The newer of both is restored.
 */
export function useCompanyDraft(userId: string, kind: 'enterprise' | 'provider') {
  const definition = shallowRef<FormDefinition>()
  const values = shallowRef<Values>({})
  const savedAt = ref<string | number>()
  const state = ref<'saved' | 'saving' | 'offline' | 'stale'>('saved')
  const names = ref<Record<string, string>>({})
  const restored = ref(false)
  /** How the form has changed since these answers were begun. */
  const changes = ref<string[]>([])
  /** It changed while this page was open. */
  const renewed = ref(false)
  const correction = shallowRef<Correction>()
  /** Keys that another window answered otherwise, with its answers. */
  const disputed = shallowRef<{ keys: string[]; theirs: Values }>()
  const merges = ref(0)
  let version = 0
  let base: Values = {} // what the server had when this page last agreed with it
  let dirty = false
  let kept = true // this browser holds what the server does not have yet
  let running: Promise<void> | undefined

  async function load(): Promise<void> {
    const [form, draft] = await Promise.all([
      api.GET('/forms/{kind}', { params: { path: { kind } } }).then(must),
      api.GET('/org/draft').then(must),
    ])
    definition.value = form as FormDefinition
    version = draft.version
    changes.value = draft.changes ?? []
    names.value = Object.fromEntries(draft.files.map((f) => [f.id, f.name]))
    savedAt.value = draft.savedAt || undefined
    values.value = draft.values
    correction.value = draft.correction
    base = draft.values
    const local = recallLocal(userId)
    if (!local || local.at <= Date.parse(draft.savedAt || '1970-01-01')) return
    const uploads = Object.fromEntries(
      uploadKeys(definition.value).flatMap((k) =>
        draft.values[k] === undefined ? [] : [[k, draft.values[k]]],
      ),
    )
    const kept = draft.correction // of a returned form, what stays comes from the server
      ? Object.fromEntries(
          Object.entries(draft.values).filter(([k]) => !draft.correction!.open.includes(k)),
        )
      : {}
    values.value = { ...local.values, ...uploads, ...kept }
    savedAt.value = local.at
    restored.value = true
    dirty = true
    void save()
  }

  async function push(): Promise<void> {
    dirty = false
    state.value = 'saving'
    try {
      const r = must(await api.PUT('/org/draft', { body: { values: values.value, version } }))
      version = r.version
      base = r.values
      savedAt.value = r.savedAt
      state.value = 'saved'
      await follow(r)
    } catch (e) {
      const problem = refusalOf(e)
      if (!problem) throw e
      dirty = true
      if (problem.status === 412) await compare()
      else state.value = 'offline'
    }
  }

  /** A new version of the form came into force while this page was open. */
  async function follow(r: { form: string; changes?: string[] }): Promise<void> {
    if (r.form === definition.value?.version) return
    const form = must(await api.GET('/forms/{kind}', { params: { path: { kind } } }))
    definition.value = form as FormDefinition
    changes.value = r.changes ?? []
    renewed.value = true
  }

  /** Another window saved meanwhile: puts both together, and asks where both answered. */
  async function compare(): Promise<void> {
    try {
      const draft = must(await api.GET('/org/draft'))
      const both = merged(base, values.value, draft.values)
      version = draft.version
      base = draft.values
      names.value = {
        ...names.value,
        ...Object.fromEntries(draft.files.map((f) => [f.id, f.name])),
      }
      values.value = both.values
      merges.value++
      if (both.keys.length) {
        disputed.value = { keys: both.keys, theirs: draft.values }
        state.value = 'stale'
      } else {
        state.value = 'saved'
        void soon()
      }
    } catch (e) {
      if (!refusalOf(e)) throw e
      state.value = 'offline'
    }
  }

  /** Settles what both windows answered: with this page's answers, or the other's. */
  async function settle(mine: boolean): Promise<void> {
    const d = disputed.value
    if (!d) return
    const next = { ...values.value }
    if (!mine)
      for (const key of d.keys) {
        if (d.theirs[key] === undefined) delete next[key]
        else next[key] = d.theirs[key]
      }
    values.value = next
    disputed.value = undefined
    state.value = 'saved'
    dirty = true
    await save()
  }

  /** Sends what is not yet saved, one request at a time. */
  async function save(): Promise<void> {
    await running
    if (!dirty || state.value === 'stale') return
    running = push().finally(() => (running = undefined))
    await running
  }
  const soon = useDebounceFn(() => void save(), 1500)

  function keep() {
    if (!definition.value || !dirty) return
    const at = serverNow()
    kept = keepLocal(userId, { at, values: withoutUploads(definition.value, values.value) })
  }
  const keepSoon = useDebounceFn(keep, 300)

  function change(next: Values) {
    const uploads = definition.value ? uploadKeys(definition.value) : []
    const urgent = uploads.some((k) => next[k] !== values.value[k])
    values.value = next
    dirty = true
    kept = false
    void keepSoon()
    if (urgent)
      void save() // uploads are not kept in this browser
    else void soon()
  }

  useEventListener(window, 'pagehide', keep)
  useEventListener(window, 'beforeunload', (e) => {
    keep()
    if (dirty && !kept) e.preventDefault() // only what would be lost asks
  })
  useEventListener(window, 'online', () => void save())
  onScopeDispose(() => {
    keep()
    void save()
  })

  /** Hands the form in. The draft of this browser goes when it was taken. */
  async function submit(): Promise<Problem | undefined> {
    await running
    try {
      const form = definition.value?.version
      must(await api.POST('/org/submissions', { body: { values: values.value, version, form } }))
    } catch (e) {
      const problem = refusalOf(e)
      if (!problem) throw e
      if (problem.code === 'form.replaced') {
        dirty = true
        await save() // tells which form is in force, and what changed
        return {
          ...problem,
          detail: '表单刚刚更新了版本，本页已换成新表单，请按页首的说明核对后再提交。',
        }
      }
      if (problem.status !== 412) return problem
      dirty = true
      await compare()
      return {
        ...problem,
        detail: '另一个窗口刚保存过这份表单，内容已合并，请核对后再提交。',
      }
    }
    dirty = false
    wipeLocal(userId)
    return undefined
  }

  return {
    definition,
    values,
    names,
    savedAt,
    state,
    restored,
    changes,
    renewed,
    correction,
    load,
    change,
    save,
    submit,
    disputed,
    merges,
    settle,
  }
}
