import { useQuery } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'
import { api, must, type Schemas } from '@/api/client'

export type PublishForm = Schemas['CatalogForm']
export type FormField = Schemas['CatalogField']

/** What each publishing type (发布类型) asks: the forms are the server's data. */
export function usePublishTypes() {
  const { data, error, refetch } = useQuery({
    queryKey: ['publish-types'],
    queryFn: async () => must(await api.GET('/publish-types')).items,
    staleTime: Infinity,
  })
  const types = computed(() => data.value ?? [])
  return { types, error, refetch }
}

/** The form of one type, while it loads undefined. */
export function usePublishForm(kind: MaybeRefOrGetter<string | undefined>) {
  const { types, error, refetch } = usePublishTypes()
  const form = computed(() => types.value.find((t) => t.kind === toValue(kind)))
  return { form, error, refetch }
}
