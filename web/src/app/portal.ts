/** The portal's top bar, in the order people know. An entry shows once its page exists. */
export const portalLinks = [
  { to: '/', label: '首页' },
  { to: '/solutions', label: '解决方案与产品' },
  { to: '/campaigns', label: '服务券活动' },
  { to: '/notices', label: '通知' },
  { to: '/help', label: '帮助' },
] as const
