/** What kinds of companies are called. */
export const kindWords = { enterprise: '企业用户', provider: '服务商' } as const
