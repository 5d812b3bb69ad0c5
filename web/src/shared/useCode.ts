import { computed, onScopeDispose, ref } from 'vue'
import { api, must } from '@/api/client'
import { useAction } from './useAction'
import { useCaptcha } from './useCaptcha'

export type Purpose = 'login' | 'reset' | 'register' | 'acceptance'

/** Sends one-time codes, and counts down until the next may be asked for. */
export function useCode(purpose: Purpose) {
  const captcha = useCaptcha('code-captcha')
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
    const answer = captcha.answer.value
    const r = must(
      purpose === 'acceptance' // to the own phone, which the server knows
        ? await api.POST('/acceptance-codes', { body: answer })
        : await api.POST('/codes', { body: { phone, purpose, ...answer } }),
    )
    sent.value = true
    count(r.waitSeconds)
  })

  async function send(phone: string) {
    await act(phone)
    await captcha.after(refused.value)
  }

  return {
    send,
    captcha,
    sending: busy,
    refused,
    sent,
    waiting: computed(() => left.value > 0),
    words: computed(() => (left.value > 0 ? `${left.value} 秒后重新获取` : '获取验证码')),
  }
}
