import type { RouteRecordRaw } from 'vue-router'

export default [
  {
    path: '/solutions',
    component: () => import('./CatalogPage.vue'),
    meta: {
      title: '解决方案与产品',
      description: '面向中小企业的数字化解决方案与产品，可使用服务券购买。',
    },
  },
  {
    path: '/solutions/compare',
    component: () => import('./ComparePage.vue'),
    meta: { title: '商品对比' },
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
