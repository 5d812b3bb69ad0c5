import { computed, nextTick, ref } from 'vue'
import { api, must, type Problem, type Schemas } from '@/api/client'
import { useAction } from './useAction'

/** Whether a refusal is about the captcha and nothing else. */
export const aboutCaptcha = (p: Problem | undefined) =>
  p?.code === 'account.captcha_required' || !!p?.errors?.some((e) => e.pointer === '/captcha')

/**
 * A challenge that a page shows only when the server asks for one. Each serves
 * once, so whatever is refused brings a new one.
 */
export function useCaptcha(inputId: string) {
  const challenge = ref<Schemas['CaptchaView']>()
  const kind = ref<'picture' | 'question'>('picture')
  const text = ref('')
  const error = ref('')

  const { act: load, busy } = useAction(async (wanted?: 'picture' | 'question') => {
    if (wanted) kind.value = wanted
    challenge.value = must(await api.POST('/captchas', { body: { kind: kind.value } }))
    text.value = ''
    await nextTick()
    document.getElementById(inputId)?.focus()
  })

  /** Another challenge, because the person wants one. */
  function renew(wanted?: 'picture' | 'question') {
    error.value = ''
    return load(wanted)
  }

  /** Looks at the outcome of a request: undefined when it went through. */
  async function after(problem: Problem | undefined) {
    error.value = ''
    if (!problem) challenge.value = undefined
    else if (aboutCaptcha(problem) || challenge.value) {
      error.value = aboutCaptcha(problem) ? (problem.errors?.[0]?.detail ?? problem.detail) : ''
      await load()
    }
  }

  return {
    inputId,
    challenge,
    text,
    error,
    renew,
    busy,
    after,
    /** What goes with the request. */
    answer: computed(() =>
      challenge.value ? { captchaId: challenge.value.id, captcha: text.value.trim() } : {},
    ),
  }
}

export type Captcha = ReturnType<typeof useCaptcha>
