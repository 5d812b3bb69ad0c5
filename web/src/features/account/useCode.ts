import { computed, onScopeDispose, ref } from 'vue'
import { api, must } from '@/api/client'
import { useAction } from '@/shared/useAction'

/** Sends one-time codes, and counts down until the next may be asked for. */
export function useCode(purpose: 'login' | 'reset') {
  const left = ref(0)
  const sent = ref(false)
  let timer: ReturnType<typeof setInterval> | undefined

  function count(seconds: number) {
    left.value = seconds
    clearInterval(timer)
    timer = setInterval(() => {
      if (--left.value <= 0) clearInterval(timer)
    }, 1000)
  }
  onScopeDispose(() => clearInterval(timer))

  const { act, busy, refused } = useAction(async (phone: string) => {
    const r = must(await api.POST('/codes', { body: { phone, purpose } }))
    sent.value = true
    count(r.waitSeconds)
  })

  return {
    send: act,
    sending: busy,
    refused,
    sent,
    waiting: computed(() => left.value > 0),
    words: computed(() => (left.value > 0 ? `${left.value} 秒后重新获取` : '获取验证码')),
  }
}
