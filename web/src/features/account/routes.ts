import type { RouteRecordRaw } from 'vue-router'

export default [
  {
    path: '/register',
    component: () => import('./RegisterPage.vue'),
    meta: { title: '欢迎注册' },
  },
  { path: '/login', component: () => import('./LoginPage.vue'), meta: { title: '登录' } },
  {
    path: '/login/step',
    component: () => import('./SecondStepPage.vue'),
    meta: { title: '二次验证' },
  },
  {
    path: '/account/security',
    component: () => import('./SecurityPage.vue'),
    meta: { title: '帐号安全', signedIn: true, shell: 'workbench' },
  },
  {
    path: '/password/forgot',
    component: () => import('./ForgotPage.vue'),
    meta: { title: '忘记密码' },
  },
  {
    path: '/password',
    component: () => import('./PasswordPage.vue'),
    meta: { title: '修改密码', signedIn: true },
  },
  {
    path: '/agreements/:name(service|privacy)',
    component: () => import('./AgreementPage.vue'),
    meta: { title: '协议与声明' },
  },
  {
    path: '/demo/outbox',
    component: () => import('./OutboxPage.vue'),
    meta: { title: '演示短信与邮件' },
  },
] satisfies RouteRecordRaw[]
