import type { RouteRecordRaw } from 'vue-router'

const mine = {
  shell: 'workbench' as const,
  roles: ['provider' as const],
  permission: 'offering.manage',
}

export default [
  {
    path: '/workbench/offerings/new',
    component: () => import('./NewOffering.vue'),
    meta: { title: '商品上架', ...mine },
  },
  {
    path: '/workbench/offerings/new/:kind', // becomes the address of the draft with its first save
    component: () => import('./OfferingEditor.vue'),
    meta: { title: '商品上架', ...mine },
  },
  {
    path: '/workbench/offerings',
    component: () => import('./MyOfferings.vue'),
    meta: { title: '我的商品', ...mine },
  },
  {
    path: '/workbench/offerings/:id(\\d+)/edit',
    component: () => import('./OfferingEditor.vue'),
    meta: { title: '编辑商品', ...mine },
  },
  {
    path: '/workbench/offerings/:id(\\d+)/preview',
    component: () => import('./PreviewPage.vue'),
    meta: { title: '发布预览', roles: ['provider'], permission: 'offering.manage' },
  },
  {
    path: '/workbench/catalog',
    component: () => import('./CatalogOversight.vue'),
    meta: {
      title: '商品监管',
      shell: 'workbench',
      roles: ['operator'],
      permission: 'listing.review',
    },
  },
] satisfies RouteRecordRaw[]
