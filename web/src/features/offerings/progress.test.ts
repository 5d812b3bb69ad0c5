import { expect, test } from 'vitest'
import { caseProgress, progressOf, whole } from './progress'
import type { Content } from './useDraft'
import type { PublishForm } from './usePublishTypes'

const empty: Content = {
  name: '',
  product: '',
  section: 'solution',
  tags: [],
  coverFile: '0',
  categories: [],
  industries: [],
  priceLow: '',
  priceHigh: '',
  deliveryCycle: '',
  deliveryEffort: '',
  cases: [0, 1, 2].map(() => ({ customer: '', document: '0', story: '', image: '0' })),
  contact: { name: '', byPhone: false, byMail: false, phone: '', mail: '' },
  page: {
    banner: { title: '', intro: '', image: '0' },
    modules: [],
    highlights: [],
    description: '',
    media: [],
    casesTitle: '用户案例',
    support: { hours: '', content: '', hotline: '', mail: '' },
  },
  plans: [],
}
const form = (min: number): PublishForm => ({
  kind: 'solution',
  label: '',
  about: '',
  section: 'solution',
  empty,
  plans: 20,
  basics: [
    { at: '/name', label: '方案名称', type: 'text', required: true },
    { at: '/product', label: '相关产品名称', type: 'text' },
    { at: '/section', label: '目录', type: 'code', required: true },
    { at: '/tags', label: '标签', type: 'codes', required: true },
    { at: '/coverFile', label: '展示图', type: 'file', required: true },
  ],
  cases: {
    min,
    note: '',
    fields: [
      { at: '/customer', label: '客户名称', type: 'text', required: true },
      { at: '/salesFen', label: '方案销售额度（万元）', type: 'wan', required: true },
      { at: '/story', label: '案例内容', type: 'long', required: true, page: true },
    ],
  },
  contact: [
    { at: '/contact/name', label: '姓名', type: 'text', required: true },
    {
      at: '/contact/phone',
      label: '手机',
      type: 'phone',
      required: true,
      when: '/contact/byPhone',
    },
    { at: '/contact/mail', label: '邮箱', type: 'mail', required: true, when: '/contact/byMail' },
  ],
  page: [{ at: '/page/description', label: '商品说明', type: 'rich', required: true }],
})
const clone = (change: (c: Content) => void) => {
  const c = structuredClone(empty)
  change(c)
  return c
}

test('an empty form counts what is required, and what is given', () => {
  expect(progressOf(empty, form(3))).toEqual({
    basics: { filled: 1, of: 4 }, // 目录 stands there from the beginning
    cases: { filled: 0, of: 6 },
    contact: { filled: 0, of: 2 }, // neither 手机 nor 邮箱 is asked before it is ticked
    page: { filled: 0, of: 4 },
    plans: { filled: 0, of: 1 },
  })
  expect(progressOf(empty, form(1)).cases.of, 'one case is enough').toBe(2)
})

test('blanks, empty markup and the id of no file are not filled in', () => {
  const c = clone((x) => {
    x.name = '  '
    x.page.description = '<p>&nbsp;</p>'
    x.tags = ['']
  })
  expect(progressOf(c, form(3)).basics.filled).toBe(1)
  expect(progressOf(c, form(3)).page.filled).toBe(0)
})

test('a ticked way to reach somebody is asked for; nothing sold is an answer too', () => {
  const c = clone((x) => {
    x.contact.byPhone = true
    x.cases[0]!.customer = '客户'
    x.cases[0]!.salesFen = 0
  })
  expect(progressOf(c, form(3)).contact).toEqual({ filled: 1, of: 3 })
  expect(whole(caseProgress(c, form(3), 0, false))).toBe(true)
  expect(whole(caseProgress(c, form(3), 0, true))).toBe(false)
  expect(whole(caseProgress(c, form(3), 1, false))).toBe(false)
})
