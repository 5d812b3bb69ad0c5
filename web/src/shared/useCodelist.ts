import { useQuery } from '@tanstack/vue-query'
import { computed, toValue, type MaybeRefOrGetter } from 'vue'

export type CodeItem = {
  value: string
  label: string
  children?: CodeItem[]
}

async function load(name: string): Promise<CodeItem[]> {
  const r = await fetch(`/api/v1/codelists/${encodeURIComponent(name)}`)
  if (!r.ok) throw new Error(`code list ${name}: ${r.status}`)
  const body = (await r.json()) as { items: CodeItem[] }
  return body.items
}

/** A code list by name, fetched once for the whole visit. */
export function useCodelist(name: MaybeRefOrGetter<string>) {
  const { data, isPending } = useQuery({
    queryKey: ['codelist', computed(() => toValue(name))],
    queryFn: () => load(toValue(name)),
    staleTime: Infinity,
    gcTime: Infinity,
    enabled: () => toValue(name) !== '',
  })
  const items = computed(() => data.value ?? [])
  const labels = computed(() => {
    const m = new Map<string, string>()
    const walk = (list: CodeItem[]) => {
      for (const i of list) {
        m.set(i.value, i.label)
        if (i.children) walk(i.children)
      }
    }
    walk(items.value)
    return m
  })
  /** The label of a code; the code itself while the list loads. */
  const label = (code: string) => labels.value.get(code) ?? code
  return { items, label, loading: isPending }
}
