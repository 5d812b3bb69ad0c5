import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import { nextTick, ref } from 'vue'
import type { Problem } from '@/api/client'
import SummaryErrors from './SummaryErrors.vue'
import { useFieldErrors } from './fieldErrors'

const problem: Problem = {
  status: 422,
  code: 'invalid_input',
  detail: '有些内容需要修改，请按提示更正后再提交。',
  errors: [
    { pointer: '/username', code: 'account.username_taken', detail: '该用户名已被使用。' },
    { pointer: '/plans/0/price', code: 'field.required', detail: '此项必填。' },
  ],
}

describe('field errors', () => {
  it('stand at their fields, all at once', () => {
    const refused = ref<Problem | undefined>(problem)
    const { at, list, general } = useFieldErrors(refused)
    expect(at('/username')).toBe('该用户名已被使用。')
    expect(at('/plans/0/price')).toBe('此项必填。')
    expect(at('/phone')).toBe('')
    expect(list.value).toHaveLength(2)
    expect(general.value).toBe('')
    refused.value = { status: 409, code: 'invalid_state', detail: '当前状态不能进行此操作。' }
    expect(at('/username')).toBe('')
    expect(general.value).toBe('当前状态不能进行此操作。')
  })

  it('lead to the field from the summary', async () => {
    document.body.innerHTML = '<div data-field="/plans/0/price"><input id="price"></div>'
    const summary = mount(SummaryErrors, {
      props: { errors: [] as NonNullable<Problem['errors']> },
      attachTo: document.body,
    })
    await summary.setProps({ errors: problem.errors! })
    await nextTick()
    expect(document.activeElement).toBe(summary.find('[role=alert]').element)
    await summary.findAll('a')[1]!.trigger('click')
    await nextTick()
    expect(document.activeElement?.id).toBe('price')
    summary.unmount()
  })
})
