import { useQueryClient } from '@tanstack/vue-query'
import { api, must, type Schemas } from '@/api/client'
import { useAction } from '@/shared/useAction'
import { useList } from '@/shared/useList'

export type RatingRow = Schemas['RatingRow']

export const useRatings = () =>
  useList<RatingRow, Record<string, never>>('ratings', {}, async ({ page, size }) =>
    must(await api.GET('/ratings', { params: { query: { page, size } } })),
  )

export function useRate() {
  const client = useQueryClient()
  return useAction(async (lineId: string, score: number, comment: string) => {
    must(
      await api.POST('/order-lines/{id}/rating', {
        params: { path: { id: lineId } },
        body: { score, comment },
      }),
    )
    await client.invalidateQueries({ queryKey: ['ratings'] })
    return true
  })
}

export function useReply() {
  const client = useQueryClient()
  return useAction(async (ratingId: string, reply: string) => {
    must(
      await api.POST('/ratings/{id}/reply', {
        params: { path: { id: ratingId } },
        body: { reply },
      }),
    )
    await client.invalidateQueries({ queryKey: ['ratings'] })
    return true
  })
}
