import { keepPreviousData, useQuery } from '@tanstack/vue-query'
import { computed, type Ref } from 'vue'
import { useRoute, useRouter, type LocationQuery } from 'vue-router'
import { refusalOf } from '@/api/client'

export interface ListPage<T> {
  items: T[]
  total: number
}

/** What a table shows and asks of a list. */
export interface TableList<T> {
  rows: Readonly<Ref<readonly T[]>>
  total: Readonly<Ref<number>>
  page: Readonly<Ref<number>>
  size: Readonly<Ref<number>>
  loading: Readonly<Ref<boolean>>
  problem: Readonly<Ref<string>>
  setPage: (page: number) => void
  setSize: (size: number) => void
  reload: () => unknown
}

type Filters = Record<string, string>

/** Filters that differ from their default go into the address, and come back from it. */
export function readFilters<F extends Filters>(defaults: F, query: LocationQuery): F {
  const out = { ...defaults }
  for (const name of Object.keys(defaults) as (keyof F & string)[]) {
    const v = query[name]
    if (typeof v === 'string') out[name] = v as F[typeof name]
  }
  return out
}

export function writeFilters<F extends Filters>(defaults: F, filters: F): Record<string, string> {
  return Object.fromEntries(
    Object.entries(filters).filter(([k, v]) => v !== defaults[k] && v !== ''),
  )
}

/**
 * A list whose filters, page and size live in the address bar, so that Back,
 * reload and a sent link show the same rows.
 */
export function useList<T, F extends Filters>(
  name: string,
  defaults: F,
  load: (q: F & { page: number; size: number }) => Promise<ListPage<T>>,
) {
  const route = useRoute()
  const router = useRouter()
  const filters = computed(() => readFilters(defaults, route.query))
  const page = computed(() => Math.max(1, Number(route.query.page) || 1))
  const size = computed(() =>
    [10, 20, 50, 100].includes(Number(route.query.size)) ? Number(route.query.size) : 20,
  )

  function go(next: { filters?: Partial<F>; page?: number; size?: number }) {
    const query = writeFilters(defaults, { ...filters.value, ...next.filters })
    const p = next.page ?? (next.filters || next.size ? 1 : page.value)
    const s = next.size ?? size.value
    if (p !== 1) query.page = String(p)
    if (s !== 20) query.size = String(s)
    void router.push({ path: route.path, query, hash: route.hash })
  }

  const { data, isFetching, isPending, error, refetch } = useQuery({
    queryKey: [name, filters, page, size],
    queryFn: () => load({ ...filters.value, page: page.value, size: size.value }),
    placeholderData: keepPreviousData,
  })

  return {
    rows: computed(() => data.value?.items ?? []),
    data,
    total: computed(() => data.value?.total ?? 0),
    filters,
    page,
    size,
    loading: computed(() => isPending.value || isFetching.value),
    first: isPending,
    problem: computed(() =>
      error.value ? (refusalOf(error.value)?.detail ?? '加载失败，请重试。') : '',
    ),
    setFilters: (f: Partial<F>) => go({ filters: f }),
    reset: () => go({ filters: { ...defaults } }),
    setPage: (p: number) => go({ page: p }),
    setSize: (s: number) => go({ size: s }),
    reload: () => refetch(),
  }
}
