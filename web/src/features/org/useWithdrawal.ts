import { useQueryClient } from '@tanstack/vue-query'
import { api, must } from '@/api/client'
import { refreshSession } from '@/app/session'
import { confirmAction, told, warned } from '@/shared/confirm'
import { useAction } from '@/shared/useAction'

/** Takes the submission of the own company back, or drops a change that waits for nobody. */
export function useWithdrawal() {
  const client = useQueryClient()
  const withdrawal = useAction(async (id: string) =>
    must(await api.POST('/review-cases/{id}/withdrawal', { params: { path: { id } } })),
  )
  const dropping = useAction(async () => must(await api.DELETE('/org/draft')))
  async function done(words: string, ok: unknown, refused?: string) {
    if (ok) told(words)
    else if (refused) warned(refused)
    await refreshSession()
    await client.invalidateQueries({ queryKey: ['org'] })
  }
  async function withdraw(caseId: string, question: string) {
    if (!(await confirmAction(question))) return
    await done('已撤销', await withdrawal.act(caseId), withdrawal.refused.value?.detail)
  }
  async function drop() {
    if (!(await confirmAction('将放弃未提交的变更内容，恢复为已认证的资料。确定要放弃吗？'))) return
    await done('已放弃变更', await dropping.act(), dropping.refused.value?.detail)
  }
  return { withdraw, drop, busy: withdrawal.busy, dropping: dropping.busy }
}
