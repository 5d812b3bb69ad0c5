import type { RouteRecordRaw } from 'vue-router'

export default [
  {
    path: '/notices',
    component: () => import('./NoticeList.vue'),
    meta: { title: '通知' },
  },
  {
    path: '/notices/:id',
    component: () => import('./NoticePage.vue'),
    meta: { title: '通知详情' },
  },
  {
    path: '/workbench/notices',
    component: () => import('./NoticeAdmin.vue'),
    meta: {
      title: '通知公告',
      shell: 'workbench',
      roles: ['operator'],
      permission: 'content.edit',
    },
  },
  {
    path: '/workbench/notices/new',
    component: () => import('./NoticeEditor.vue'),
    meta: {
      title: '新建通知',
      shell: 'workbench',
      roles: ['operator'],
      permission: 'content.edit',
    },
  },
  {
    path: '/workbench/notices/:id',
    component: () => import('./NoticeEditor.vue'),
    meta: {
      title: '编辑通知',
      shell: 'workbench',
      roles: ['operator'],
      permission: 'content.edit',
    },
  },
] satisfies RouteRecordRaw[]
