/** The classes of solutions on the home page: code of the catalogue's filter, name, drawing. */
export const scenarios = [
  { code: 'product_design', name: '产品设计', path: 'M4 20 14 4l10 16zM14 4v16M9 12h10' },
  {
    code: 'production_control',
    name: '生产管控',
    path: 'M4 22V12l7 4v-4l7 4V6h6v16zM8 19h3M15 19h3',
  },
  {
    code: 'planning',
    name: '计划排程',
    path: 'M5 6h18v17H5zM5 11h18M10 3v5M18 3v5M9 15h6M12 19h8',
  },
  {
    code: 'quality',
    name: '质量管理',
    path: 'M14 3 23 7v7c0 5-4 8-9 11-5-3-9-6-9-11V7zM10 14l3 3 6-6',
  },
  {
    code: 'equipment',
    name: '设备管理',
    path: 'M14 9a5 5 0 1 0 0 10 5 5 0 0 0 0-10ZM14 3v4M14 21v4M3 14h4M21 14h4M6 6l3 3M19 19l3 3M22 6l-3 3M9 19l-3 3',
  },
  {
    code: 'warehouse_logistics',
    name: '仓储物流',
    path: 'M3 10 14 4l11 6v14H3zM8 24v-9h12v9M8 19h12',
  },
  {
    code: 'procurement',
    name: '采购管理',
    path: 'M4 5h4l3 13h11l3-9H9M12 22a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3ZM21 22a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3Z',
  },
  {
    code: 'marketing',
    name: '营销管理',
    path: 'M4 23h21M7 19v-5M13 19V9M19 19v-8M6 9l7-5 5 4 6-5',
  },
  {
    code: 'finance',
    name: '财务管理',
    path: 'M14 3a11 11 0 1 0 0 22 11 11 0 0 0 0-22ZM9 9l5 6 5-6M14 15v6M9.5 15h9M9.5 18h9',
  },
  { code: 'safety', name: '安全生产', path: 'M4 20a10 10 0 0 1 20 0zM2 20h24v4H2zM11 11V7h6v4' },
  { code: 'energy', name: '能耗管理', path: 'M16 3 6 16h7l-2 9 11-14h-7z' },
  {
    code: 'security',
    name: '网络与数据安全',
    path: 'M7 13h14v11H7zM10 13V9a4 4 0 0 1 8 0v4M14 17v3',
  },
] as const
