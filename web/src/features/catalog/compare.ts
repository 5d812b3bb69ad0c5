import { useLocalStorage } from '@vueuse/core'
import { computed } from 'vue'
import { warned } from '@/shared/confirm'

/** What is put side by side; only what the tray shows is kept, on this computer. */
export interface Compared {
  id: string
  name: string
  coverUrl: string
}

export const most = 4
const list = useLocalStorage<Compared[]>('compare', [])

/** The address of the comparison: it can be sent to somebody else. */
export const compareLink = (ids: readonly string[]) => ({
  path: '/solutions/compare',
  query: { ids: ids.join(',') },
})

/** Reads the ids of a comparison from its address; what is malformed or too much falls away. */
export const idsIn = (query: unknown): string[] =>
  typeof query === 'string'
    ? [...new Set(query.split(',').filter((id) => /^\d{1,19}$/.test(id)))].slice(0, most)
    : []

export function useCompare() {
  const has = (id: string) => list.value.some((c) => c.id === id)
  function drop(id: string) {
    list.value = list.value.filter((c) => c.id !== id)
  }
  function toggle(c: Compared) {
    if (has(c.id)) drop(c.id)
    else if (list.value.length >= most) warned(`最多对比 ${most} 个商品，请先移除一个。`)
    else list.value = [...list.value, { id: c.id, name: c.name, coverUrl: c.coverUrl }]
  }
  /** For a box that was clicked: it shows what has become of it, also when a fifth was refused. */
  function tick(e: Event, c: Compared) {
    toggle(c)
    ;(e.target as HTMLInputElement).checked = has(c.id)
  }
  return { list: computed(() => list.value), has, drop, tick, clear: () => (list.value = []) }
}
