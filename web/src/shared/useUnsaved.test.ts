import { mount } from '@vue/test-utils'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { defineComponent, h, reactive } from 'vue'
import { createMemoryHistory, createRouter, RouterView } from 'vue-router'
import { confirmAction } from './confirm'
import { becomes, useUnsaved } from './useUnsaved'

vi.mock('./confirm', () => ({ confirmAction: vi.fn() }))
const asked = vi.mocked(confirmAction)
afterEach(() => asked.mockReset())

/** A page with one field, and what the guard gives it. */
async function page() {
  const form = reactive({ reason: '' })
  let guard!: ReturnType<typeof useUnsaved>
  const Form = defineComponent(() => {
    guard = useUnsaved(() => form)
    return () => h('p')
  })
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: '/form', component: Form },
      { path: '/form/7', component: Form },
      { path: '/other', component: { render: () => h('p') } },
      { path: '/login', component: { render: () => h('p') } },
    ],
  })
  await router.push('/form')
  const app = mount(RouterView, { global: { plugins: [router] } })
  const closes = async () => {
    const done = vi.fn()
    await guard.beforeClose(done)
    return done.mock.calls.length === 1
  }
  /** Whether the browser would ask before the window is closed. */
  const holds = () => {
    const e = new Event('beforeunload', { cancelable: true })
    window.dispatchEvent(e)
    return e.defaultPrevented
  }
  return { form, guard, router, closes, holds, app }
}

describe('useUnsaved', () => {
  it('asks nothing while nothing has been typed, and after it has been kept', async () => {
    const { form, guard, router, closes, holds, app } = await page()
    expect([await closes(), holds()]).toEqual([true, false])
    form.reason = '核查'
    guard.keep()
    expect([await closes(), holds()]).toEqual([true, false])
    await router.push('/other')
    expect(router.currentRoute.value.path).toBe('/other')
    expect(asked).not.toHaveBeenCalled()
    app.unmount()
  })

  it('asks before a dialog closes, the page is left and the window is closed', async () => {
    const { form, router, closes, holds, app } = await page()
    form.reason = '核查'
    asked.mockResolvedValue(false)
    expect([await closes(), holds()]).toEqual([false, true])
    await router.push('/other')
    expect(router.currentRoute.value.path).toBe('/form')
    asked.mockResolvedValue(true)
    expect(await closes()).toBe(true)
    await router.push('/other')
    expect(router.currentRoute.value.path).toBe('/other')
    expect(holds()).toBe(false)
    expect(asked.mock.calls[0]?.[1]).toBe('放弃已填写的内容？')
    app.unmount()
  })

  it('asks nothing when the page gets its own address, and keeps what is open', async () => {
    const { form, router, holds, app } = await page()
    form.reason = '核查'
    await becomes(router, '/form/7')
    expect(router.currentRoute.value.path).toBe('/form/7')
    expect(asked).not.toHaveBeenCalled()
    expect(holds()).toBe(true)
    asked.mockResolvedValue(false)
    await router.push('/form')
    expect(router.currentRoute.value.path).toBe('/form/7')
    app.unmount()
  })

  it('asks once at a time and never bars the way to the sign-in page', async () => {
    const { form, router, closes, app } = await page()
    form.reason = '核查'
    let answer: (yes: boolean) => void = () => {}
    asked.mockReturnValue(new Promise((done) => (answer = done)))
    const first = closes()
    expect(await closes()).toBe(false)
    expect(asked).toHaveBeenCalledTimes(1)
    answer(false)
    expect(await first).toBe(false)
    await router.push('/login')
    expect(router.currentRoute.value.path).toBe('/login')
    app.unmount()
  })
})
