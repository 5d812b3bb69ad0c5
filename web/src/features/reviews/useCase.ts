import { useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { api, must, refusalOf, type Schemas } from '@/api/client'
import { useAction } from '@/shared/useAction'

export type ReviewFile = Schemas['ReviewFile']
export type Decision = Pick<
  Schemas['DecideCaseRequest'],
  'action' | 'reason' | 'comment' | 'fields' | 'remarks' | 'checks'
> & {
  experts?: string[]
}
export type Ballot = Omit<Schemas['CastBallotRequest'], 'contentHash'>

/** One case: reading it, and every act on it. An act answers with the case as it is then. */
export function useCase(id: Ref<string>) {
  const client = useQueryClient()
  const key = computed(() => ['review-case', id.value])
  const { data, isPending, error, refetch } = useQuery({
    queryKey: key,
    queryFn: async () =>
      must(await api.GET('/review-cases/{id}', { params: { path: { id: id.value } } })),
  })
  const path = () => ({ params: { path: { id: id.value } } })
  const keep = async (file?: ReviewFile) => {
    if (file) client.setQueryData(key.value, file)
    else await client.invalidateQueries({ queryKey: key.value })
    await client.invalidateQueries({ queryKey: ['review-cases'] })
    return true
  }
  const read = () => ({
    version: data.value!.case.version,
    contentHash: data.value!.case.contentHash,
  })

  return {
    file: data,
    loading: isPending,
    problem: computed(() => (error.value ? (refusalOf(error.value)?.detail ?? '加载失败') : '')),
    reload: () => refetch(),
    decide: useAction(async (d: Decision) =>
      keep(
        must(
          await api.POST('/review-cases/{id}/decisions', { ...path(), body: { ...d, ...read() } }),
        ),
      ),
    ),
    withdraw: useAction(async () => {
      must(await api.POST('/review-cases/{id}/withdrawal', path()))
      return keep()
    }),
    hasten: useAction(async () =>
      keep(must(await api.POST('/review-cases/{id}/hastening', path()))),
    ),
    delegate: useAction(async (to: string, reason: string) =>
      keep(
        must(
          await api.POST('/review-cases/{id}/delegation', {
            ...path(),
            body: { to, reason, version: read().version },
          }),
        ),
      ),
    ),
    declare: useAction(async () =>
      keep(must(await api.POST('/review-cases/{id}/declaration', path()))),
    ),
    recuse: useAction(async (cause: string, reason: string) => {
      must(await api.POST('/review-cases/{id}/recusal', { ...path(), body: { cause, reason } }))
      return true
    }),
    vote: useAction(async (b: Ballot) =>
      keep(
        must(
          await api.POST('/review-cases/{id}/ballots', {
            ...path(),
            body: { ...b, contentHash: read().contentHash },
          }),
        ),
      ),
    ),
    reseat: useAction(async (change: { release: string[]; add: string[]; reason: string }) =>
      keep(must(await api.POST('/review-cases/{id}/panel', { ...path(), body: change }))),
    ),
  }
}
