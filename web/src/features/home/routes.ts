import type { RouteRecordRaw } from 'vue-router'

export default [
  {
    path: '/',
    component: () => import('./HomePage.vue'),
    meta: {
      title: '中小企业数字化转型公共服务平台',
      description:
        '中小企业在这里查找、选购数字化转型解决方案，申领并使用服务券；服务商在这里上架方案、交付服务。',
    },
  },
  {
    path: '/help',
    component: () => import('./HelpPage.vue'),
    meta: { title: '帮助', description: '企业用户和服务商的使用流程、常见问题。' },
  },
] satisfies RouteRecordRaw[]
