import { useQuery } from '@tanstack/vue-query'
import { computed, nextTick, toValue, type MaybeRefOrGetter } from 'vue'
import { api, must, type Schemas } from '@/api/client'

export type PublishForm = Schemas['CatalogForm']
export type FormField = Schemas['CatalogField']

/** What each publishing type (发布类型) asks: the forms are the server's data. */
export function usePublishTypes() {
  const { data, error, refetch, suspense } = useQuery({
    queryKey: ['publish-types'],
    queryFn: async () => must(await api.GET('/publish-types')).items,
    staleTime: Infinity,
  })
  const types = computed(() => data.value ?? [])
  /** When the answer is there, or it is sure that there is none. */
  const ready = () => suspense().then(() => nextTick())
  return { types, error, refetch, ready }
}

/** The form of one type, while it loads undefined. */
export function usePublishForm(kind: MaybeRefOrGetter<string | undefined>) {
  const { types, error, refetch, ready } = usePublishTypes()
  const form = computed(() => types.value.find((t) => t.kind === toValue(kind)))
  return { form, error, refetch, ready }
}
