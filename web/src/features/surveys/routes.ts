import type { RouteRecordRaw } from 'vue-router'

const editor = { shell: 'workbench', roles: ['operator'], permission: 'survey.manage' } as const

export default [
  {
    path: '/s/:token',
    component: () => import('./SurveyPage.vue'),
    meta: { title: '需求调研' },
  },
  {
    path: '/workbench/surveys',
    component: () => import('./SurveyAdmin.vue'),
    meta: { title: '需求调研', ...editor, roles: [...editor.roles] },
  },
  {
    path: '/workbench/surveys/new',
    component: () => import('./SurveyBuilder.vue'),
    meta: { title: '新建调研', ...editor, roles: [...editor.roles] },
  },
  {
    path: '/workbench/surveys/:id',
    component: () => import('./SurveyBuilder.vue'),
    meta: { title: '编辑调研', ...editor, roles: [...editor.roles] },
  },
  {
    path: '/workbench/surveys/:id/results',
    component: () => import('./SurveyResults.vue'),
    meta: { title: '调研结果', ...editor, roles: [...editor.roles] },
  },
] satisfies RouteRecordRaw[]
