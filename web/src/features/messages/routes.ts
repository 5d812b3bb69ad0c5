import type { RouteRecordRaw } from 'vue-router'

export default [
  {
    path: '/workbench/messages',
    component: () => import('./MessagesPage.vue'),
    meta: { title: '消息中心', shell: 'workbench', signedIn: true },
  },
  {
    path: '/workbench/messages/settings',
    component: () => import('./SettingsPage.vue'),
    meta: { title: '消息设置', shell: 'workbench', signedIn: true },
  },
  {
    path: '/workbench/dead-letters',
    component: () => import('./DeadLetters.vue'),
    meta: {
      title: '发送失败',
      shell: 'workbench',
      roles: ['admin'],
      permission: 'message.resend',
    },
  },
] satisfies RouteRecordRaw[]
