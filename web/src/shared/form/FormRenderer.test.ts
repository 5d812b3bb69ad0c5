import { VueQueryPlugin } from '@tanstack/vue-query'
import { enableAutoUnmount, mount } from '@vue/test-utils'
import { nextTick } from 'vue'
import { afterEach, expect, it } from 'vitest'
import type { FieldError, FormDefinition, Values } from './definition'
import FormRenderer from './FormRenderer.vue'

const def: FormDefinition = {
  version: '1',
  kind: 'enterprise',
  year: 2026,
  sections: [
    {
      key: 'background',
      label: '企业背景',
      count: 3,
      fields: [
        { key: 'company_name', label: '企业名称', type: 'text', required: true },
        { key: 'capital', label: '注册资本', type: 'money', unit: '万元', decimals: 2 },
        {
          key: 'products',
          label: '核心产品名称',
          type: 'text',
          required: true,
          repeat: { min: 1, max: 2, label: '核心产品名称{n}' },
        },
      ],
    },
    {
      key: 'people',
      label: '人员',
      count: 1,
      fields: [{ key: 'employees', label: '人员总数', type: 'integer', required: true }],
    },
  ],
}

enableAutoUnmount(afterEach)

async function form(values: Values = {}) {
  const w = mount(FormRenderer, {
    attachTo: document.body,
    global: { plugins: [VueQueryPlugin] },
    props: {
      definition: def,
      errors: [] as FieldError[],
      modelValue: values,
      'onUpdate:modelValue': (v: Values) => w.setProps({ modelValue: v }),
    },
  })
  await nextTick() // inputs take their id when mounted
  const field = (label: string) => {
    const l = w.findAll('label').find((x) => x.text() === label)
    return w.find<HTMLInputElement>(`[id="${l?.attributes('for')}"]`)
  }
  return { w, field, values: () => w.props('modelValue') as Values }
}

it('ties labels to inputs and counts what is filled', async () => {
  const { w, field, values } = await form()
  expect(w.text()).toContain('企业背景 (3)')
  await field('企业名称').setValue('厦门')
  expect(values()).toEqual({ company_name: '厦门' })
  expect(w.text()).toContain('必填 1/2 · 已填 1/3')
})

it('sends money in fen and keeps what cannot be read out', async () => {
  const { w, field, values } = await form()
  const input = field('注册资本')
  await input.setValue('12.5')
  expect(values().capital).toBe(12_500_000)
  await input.setValue('十二')
  await input.trigger('blur')
  expect(values()).not.toHaveProperty('capital')
  expect(w.text()).toContain('请输入数字。')
  expect(w.vm.unreadable).toBe(true)
})

it('repeats fields up to their limit', async () => {
  const { w, field, values } = await form()
  await field('核心产品名称1').setValue('水泵')
  await w.find('[aria-label="增加核心产品名称"]').trigger('click')
  await field('核心产品名称2').setValue('阀门')
  expect(values().products).toEqual(['水泵', '阀门'])
  expect(w.find('[aria-label="增加核心产品名称"]').exists()).toBe(false)
  await w.find('[aria-label="移除第 1 项"]').trigger('click')
  expect(values().products).toEqual(['阀门'])
})

it('shows refusals at their field, sums them up, and settles them by a change', async () => {
  const { w, field } = await form({ company_name: '厦' })
  expect(w.find('[data-field="/employees"]').exists()).toBe(false)
  await w.setProps({
    errors: [
      { pointer: '/values/company_name', code: 'field.too_short', detail: '至少 2 个字' },
      { pointer: '/values/employees', code: 'field.required', detail: '此项必填' },
    ],
  })
  await nextTick()
  expect(w.text()).toContain('有 2 处需要修改')
  expect(w.find('#f-company_name-error').text()).toBe('至少 2 个字')
  await w.findAll('.summary a')[1]!.trigger('click')
  await nextTick()
  expect(w.find('[data-field="/employees"]').exists()).toBe(true)
  await field('企业名称').setValue('厦门')
  expect(w.text()).toContain('有 1 处需要修改')
  expect(w.find('#f-company_name-error').exists()).toBe(false)
})
