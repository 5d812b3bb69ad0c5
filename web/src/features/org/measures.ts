import type { Schemas } from '@/api/client'
import { statusWords } from '@/shared/status'

/** What the operator may do about a verification that was given. */
export type Measure = 'suspend' | 'restore' | 'revoke'

export const measureWords: Record<Measure, { title: string; effect: string; done: string }> = {
  suspend: {
    title: '暂停认证',
    effect:
      '暂停期间，该企业不能购买、领取服务券、上架商品和管理用户；正在审核的资料变更申请随之终止。可以恢复。',
    done: '已暂停认证',
  },
  restore: {
    title: '恢复认证',
    effect: '恢复后，该企业可以重新办理业务。',
    done: '已恢复认证',
  },
  revoke: {
    title: '取消认证',
    effect:
      '取消后不能恢复，该企业也不能重新提交认证；正在审核的资料变更申请随之终止，统一社会信用代码可由新的注册使用。',
    done: '已取消认证',
  },
}

/** The measures that a state is open to, the gentlest first. */
export function measuresFor(state: keyof typeof statusWords.verification): Measure[] {
  if (state === 'verified' || state === 'change_pending') return ['suspend', 'revoke']
  return state === 'suspended' ? ['restore', 'revoke'] : []
}

/** What a measure that was taken is called; the end of a verification too. */
export const takenWord = (verb: Schemas['OrgMeasureView']['verb']) =>
  verb === 'expire' ? '认证过期' : measureWords[verb].title
