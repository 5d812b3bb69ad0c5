import { readonly, ref } from 'vue'
import { refusalOf, type Problem } from '@/api/client'

/**
 * One user action that talks to the server: never runs twice at a time, keeps
 * the refusal for the page to show, lets real faults rise to the app.
 * `act` gives undefined when it was refused or is running already.
 */
export function useAction<A extends unknown[], T>(run: (...args: A) => Promise<T>) {
  const busy = ref(false)
  const refused = ref<Problem>()

  async function act(...args: A): Promise<T | undefined> {
    if (busy.value) return undefined
    busy.value = true
    refused.value = undefined
    try {
      return await run(...args)
    } catch (e) {
      const problem = refusalOf(e)
      if (!problem) throw e
      refused.value = problem
      return undefined
    } finally {
      busy.value = false
    }
  }

  return { act, busy: readonly(busy), refused }
}
