import { useQueryClient } from '@tanstack/vue-query'
import { api, must } from '@/api/client'
import { useAction } from '@/shared/useAction'

/**
 * Claims or applies. Both are repeated safely: a lost answer, a reload and a
 * second click give the voucher that the company has already.
 */
export function useClaim() {
  const client = useQueryClient()
  const changed = () => {
    void client.invalidateQueries({ queryKey: ['campaign'] })
    void client.invalidateQueries({ queryKey: ['vouchers'] })
  }
  const claim = useAction(async (id: string, n: number) => {
    try {
      return must(
        await api.POST('/campaign-vouchers/{id}/claims', {
          params: { path: { id }, query: { n } },
        }),
      )
    } finally {
      changed()
    }
  })
  const solve = useAction(async (id: string, answer: { captchaId?: string; captcha?: string }) => {
    must(await api.POST('/campaigns/{id}/challenge', { params: { path: { id } }, body: answer }))
    await client.invalidateQueries({ queryKey: ['campaign'] })
    return true
  })
  const apply = useAction(async (id: string, statement: string) => {
    try {
      return must(
        await api.POST('/campaign-vouchers/{id}/applications', {
          params: { path: { id } },
          body: { statement },
        }),
      )
    } finally {
      changed()
    }
  })
  const withdraw = useAction(async (id: string) => {
    try {
      must(await api.POST('/voucher-applications/{id}/withdrawal', { params: { path: { id } } }))
      return true
    } finally {
      changed()
    }
  })
  return { claim, apply, withdraw, solve }
}
