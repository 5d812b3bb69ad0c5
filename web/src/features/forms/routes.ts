import type { RouteRecordRaw } from 'vue-router'

const editor = { shell: 'workbench', roles: ['operator'], permission: 'form.edit' } as const

export default [
  {
    path: '/workbench/forms',
    component: () => import('./FormVersions.vue'),
    meta: { title: '表单管理', ...editor, roles: [...editor.roles] },
  },
  {
    path: '/workbench/forms/:kind(enterprise|provider)/draft',
    component: () => import('./FormEditor.vue'),
    meta: { title: '修改表单', ...editor, roles: [...editor.roles] },
  },
  {
    path: '/workbench/forms/:kind(enterprise|provider)/:number(\\d+)',
    component: () => import('./FormVersion.vue'),
    meta: { title: '表单版本', ...editor, roles: [...editor.roles] },
  },
] satisfies RouteRecordRaw[]
