import type { RouteRecordRaw } from 'vue-router'

export default [
  {
    path: '/cart',
    component: () => import('./CartPage.vue'),
    meta: { title: '购物车', roles: ['enterprise'], permission: 'order.buy' },
  },
] satisfies RouteRecordRaw[]
