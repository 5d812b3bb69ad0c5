import type { Schemas } from '@/api/client'

export type Facet = Schemas['FacetView']['facet']

/** The filters in the order of the page. */
export const facetTitles: Record<Facet, string> = {
  category: '方案分类',
  industry: '适用行业',
  tag: '标签',
  price: '价格',
  way: '购买方式',
  region: '地区',
  kind: '发布类型',
}
export const facetOrder = Object.keys(facetTitles) as Facet[]

export const defaults = {
  q: '',
  tag: '',
  category: '',
  industry: '',
  region: '',
  price: '',
  way: '',
  kind: '',
  fits: '',
  sort: 'best',
}
export type CatalogFilters = typeof defaults

type Sort = 'best' | 'newest' | 'sales' | 'score' | 'price_asc' | 'price_desc'
export const sorts: { value: Sort; label: string }[] = [
  { value: 'best', label: '综合' },
  { value: 'sales', label: '销量' },
  { value: 'score', label: '评分' },
  { value: 'newest', label: '最新' },
  { value: 'price_asc', label: '价格从低到高' },
  { value: 'price_desc', label: '价格从高到低' },
]

/** What the API is asked: without what is empty, so that one question has one address. */
export function question(f: CatalogFilters & { page: number; size: number }) {
  const asked = Object.entries(f).filter(([name, v]) => name !== 'fits' && v !== '')
  return Object.fromEntries(asked) as { q?: string; sort?: Sort; page?: number; size?: number }
}
