import { useQueryClient } from '@tanstack/vue-query'
import { computed } from 'vue'
import { useRouter } from 'vue-router'
import { api, must } from '@/api/client'
import { confirmAction, told } from '@/shared/confirm'
import { useAction } from '@/shared/useAction'
import { drop } from './keptDraft'

export interface Saved {
  id: string
  version: number
}

/**
 * 提交申请: what is wrong is told first; only a form that may be handed in asks
 * whether it should be. `saved` gives the draft as it is saved, or nothing when
 * it could not be.
 */
export function useSubmission(saved: () => Promise<Saved | undefined>) {
  const client = useQueryClient()
  const router = useRouter()
  const path = (s: Saved) => ({
    params: { path: { id: s.id } },
    body: { version: s.version },
  })
  const check = useAction(async () => {
    handing.refused.value = undefined
    const s = await saved()
    if (s) must(await api.POST('/my/offerings/{id}/check', path(s)))
    return s
  })
  const handing = useAction(async (s: Saved) => {
    must(await api.POST('/my/offerings/{id}/submission', path(s)))
    drop(s.id)
    await client.invalidateQueries({ queryKey: ['my-offerings'] })
    await client.invalidateQueries({ queryKey: ['review-cases'] })
    return true
  })

  /** True when it was handed in; the page leaves then. */
  async function submit(): Promise<boolean> {
    const s = await check.act()
    if (!s) return false
    if (!(await confirmAction('提交后将进入审核，审核期间不能修改。确定要提交申请吗？')))
      return false
    return (await handing.act(s)) === true
  }
  async function leave() {
    told('提交成功，等待审核')
    await router.push({ path: '/workbench/offerings', query: { status: 'in_review' } })
  }
  return {
    submit,
    leave,
    check: check.act,
    busy: computed(() => check.busy.value || handing.busy.value),
    refused: computed(() => check.refused.value ?? handing.refused.value),
  }
}
