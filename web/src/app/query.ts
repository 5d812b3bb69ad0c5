import { QueryClient } from '@tanstack/vue-query'
import { refusalOf } from '@/api/client'

/** A refusal stays a refusal; only a broken connection is worth another try. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      refetchOnWindowFocus: false,
      retry: (count, e) => count < 2 && refusalOf(e)?.code === 'offline',
    },
  },
})
