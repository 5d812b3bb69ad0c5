import type { RouteRecordRaw } from 'vue-router'

const kept = {
  shell: 'workbench' as const,
  roles: ['operator' as const],
  permission: 'verification.review',
}

export default [
  {
    path: '/workbench/org',
    component: () => import('./OrgPage.vue'),
    meta: {
      title: '我的企业',
      shell: 'workbench',
      roles: ['enterprise', 'provider'],
      permission: 'org.manage',
    },
  },
  {
    path: '/workbench/orgs',
    component: () => import('./ManagedOrgs.vue'),
    meta: { title: '企业管理', ...kept },
  },
  {
    path: '/workbench/orgs/:id(\\d+)',
    component: () => import('./ManagedOrg.vue'),
    meta: { title: '企业档案', ...kept },
  },
  {
    path: '/workbench/orgs/:id(\\d+)/versions/:version(\\d+)',
    component: () => import('./ManagedVersion.vue'),
    meta: { title: '提交的企业信息', ...kept },
  },
] satisfies RouteRecordRaw[]
