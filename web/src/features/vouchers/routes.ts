import type { RouteRecordRaw } from 'vue-router'

const routes: RouteRecordRaw[] = [
  {
    path: '/campaigns',
    component: () => import('./CampaignList.vue'),
    meta: {
      title: '服务券活动',
      description: '正在进行和即将开始的创新服务券活动：面值、剩余数量、开始时间与领取条件。',
    },
  },
  {
    path: '/campaigns/:id(\\d+)',
    component: () => import('./CampaignPage.vue'),
    meta: { title: '服务券活动详情' },
  },
  {
    path: '/workbench/campaigns',
    component: () => import('./WorkbenchCampaigns.vue'),
    meta: {
      title: '服务券活动',
      shell: 'workbench',
      roles: ['enterprise', 'operator', 'department'],
    },
  },
  {
    path: '/workbench/campaigns/new',
    component: () => import('./CampaignEditor.vue'),
    meta: {
      title: '新建活动',
      shell: 'workbench',
      roles: ['operator'],
      permission: 'voucher.configure',
    },
  },
  {
    path: '/workbench/campaigns/:id(\\d+)/edit',
    component: () => import('./CampaignEditor.vue'),
    meta: {
      title: '编辑活动',
      shell: 'workbench',
      roles: ['operator'],
      permission: 'voucher.configure',
    },
  },
  {
    path: '/workbench/campaigns/:id(\\d+)',
    component: () => import('./WorkbenchCampaign.vue'),
    meta: {
      title: '服务券活动详情',
      shell: 'workbench',
      roles: ['enterprise', 'operator', 'department'],
    },
  },
  {
    path: '/workbench/vouchers',
    component: () => import('./WorkbenchVouchers.vue'),
    meta: { title: '服务券查询', shell: 'workbench', roles: ['enterprise', 'provider'] },
  },
  {
    path: '/workbench/vouchers/:id(\\d+)',
    component: () => import('./VoucherPage.vue'),
    meta: {
      title: '服务券详情',
      shell: 'workbench',
      roles: ['enterprise'],
      permission: 'voucher.use',
    },
  },
  {
    path: '/workbench/managed-vouchers',
    component: () => import('./ManagedVouchers.vue'),
    meta: {
      title: '服务券监管',
      shell: 'workbench',
      roles: ['operator', 'department'],
      permission: 'risk.handle',
    },
  },
  {
    path: '/workbench/managed-vouchers/:id(\\d+)',
    component: () => import('./ManagedVoucher.vue'),
    meta: {
      title: '服务券详情',
      shell: 'workbench',
      roles: ['operator', 'department'],
      permission: 'risk.handle',
    },
  },
  {
    path: '/workbench/voucher-types',
    component: () => import('./VoucherTypes.vue'),
    meta: {
      title: '券种管理',
      shell: 'workbench',
      roles: ['operator'],
      permission: 'voucher.configure',
    },
  },
  {
    path: '/workbench/voucher-types/new',
    component: () => import('./VoucherTypeEditor.vue'),
    meta: {
      title: '新建券种',
      shell: 'workbench',
      roles: ['operator'],
      permission: 'voucher.configure',
    },
  },
  {
    path: '/workbench/voucher-types/:id(\\d+)',
    component: () => import('./VoucherTypeEditor.vue'),
    meta: {
      title: '编辑券种',
      shell: 'workbench',
      roles: ['operator'],
      permission: 'voucher.configure',
    },
  },
]
export default routes
