import type { RouteRecordRaw } from 'vue-router'

export default [
  {
    path: '/solutions',
    component: () => import('./CatalogPage.vue'),
    meta: { title: '解决方案与产品' },
  },
  {
    path: '/solutions/:id(\\d+)',
    component: () => import('./ProductPage.vue'),
    meta: { title: '商品详情' },
  },
  {
    path: '/providers/:id(\\d+)',
    component: () => import('./ProviderPage.vue'),
    meta: { title: '服务商' },
  },
] satisfies RouteRecordRaw[]
