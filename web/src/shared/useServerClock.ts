import { useIntervalFn } from '@vueuse/core'
import { readonly, ref } from 'vue'
import { serverNow } from './serverClock'

/** The server's time in milliseconds, told anew every `every` milliseconds while the component lives. */
export function useServerClock(every = 1000) {
  const now = ref(serverNow())
  useIntervalFn(() => (now.value = serverNow()), every)
  return readonly(now)
}
