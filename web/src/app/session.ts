import { useQuery, useQueryClient } from '@tanstack/vue-query'
import { computed } from 'vue'
import { api, must, type Schemas } from '@/api/client'
import { queryClient } from './query'
import { syncClock } from '@/shared/serverClock'

export type Me = Schemas['Me']

async function load(): Promise<Me> {
  const me = must(await api.GET('/me'))
  syncClock(me.serverTime)
  return me
}

const question = { queryKey: ['me'], queryFn: load, staleTime: 60_000 }

/** Who is signed in, for the router's guard and everything outside components. */
export const currentSession = () => queryClient.ensureQueryData(question)

/** Asks again who is signed in: after sign-in, sign-out and changes of one's company. */
export async function refreshSession(): Promise<Me> {
  return queryClient.fetchQuery({ ...question, staleTime: 0 })
}

/** Forgets everything that was fetched for the user before, and asks anew. */
export async function sessionChanged(): Promise<Me> {
  queryClient.removeQueries({
    predicate: (q) => q.queryKey[0] !== 'codelist' && q.queryKey[0] !== 'me',
  })
  return refreshSession()
}

/** Signs out: on the server, in memory, and the drafts on this computer. */
export async function signOut(): Promise<void> {
  const large = localStorage.getItem('large-type') // how one reads is nothing personal
  await api.DELETE('/session')
  for (const key of Object.keys(localStorage))
    if (key.startsWith('draft:')) localStorage.removeItem(key)
  sessionStorage.clear()
  if (large) localStorage.setItem('large-type', large)
  await sessionChanged()
}

export function useSession() {
  const { data, isPending } = useQuery({ ...question, refetchOnWindowFocus: true })
  const client = useQueryClient()
  return {
    me: data,
    loading: isPending,
    signedIn: computed(() => data.value?.signedIn ?? false),
    role: computed(() => data.value?.role),
    org: computed(() => data.value?.org),
    verified: computed(() =>
      ['verified', 'change_pending'].includes(data.value?.org?.verification ?? ''),
    ),
    has: (permission: string) =>
      (data.value?.permissions as string[] | undefined)?.includes(permission) ?? false,
    refresh: () => client.invalidateQueries({ queryKey: ['me'] }),
  }
}
