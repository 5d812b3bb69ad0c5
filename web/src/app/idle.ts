import { ref } from 'vue'
import { api } from '@/api/client'

// The server ends a session that is not used. Every answer of it counts as use,
// in whichever tab, but for what pages ask by themselves; a use may be noted up
// to a minute late.
const noted = 60_000
const warnBefore = 120_000

/** When the server was last asked by this browser. */
export const lastUse = ref(Date.now())

const tabs = typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel('use')
tabs?.addEventListener('message', () => (lastUse.value = Date.now()))

let announced = 0
api.use({
  onResponse({ request, response }) {
    if (response.status === 401 || request.headers.has('X-Background')) return
    lastUse.value = Date.now()
    if (lastUse.value - announced < 5_000) return
    announced = lastUse.value
    tabs?.postMessage('used')
  },
})

export interface Ending {
  /** idle: using it helps; total: only signing in again does. */
  why: 'idle' | 'total'
  at: number
  warn: boolean
  over: boolean
}

/** When the session ends, and whether it is time to say so or too late. */
export function ending(
  s: { idleSeconds: number; endsAt: number },
  used: number,
  now: number,
): Ending {
  const idleAt = used + s.idleSeconds * 1000
  const idle = idleAt - noted < s.endsAt
  const at = idle ? idleAt - noted : s.endsAt
  return {
    why: idle ? 'idle' : 'total',
    at,
    warn: now >= at - warnBefore,
    over: now > (idle ? idleAt : s.endsAt),
  }
}
