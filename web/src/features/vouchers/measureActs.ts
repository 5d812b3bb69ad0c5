import type { Schemas } from '@/api/client'
import { revokedText } from './words'

export type MeasureAct = 'freeze' | 'unfreeze' | 'propose' | 'confirm' | 'decline'

type Sums = Pick<
  Schemas['ManagedVoucherDetail'],
  'availableFen' | 'heldFen' | 'redeemedFen' | 'returnedFen'
>
/** What a revocation would do to the money now, and where its orders are found. */
const revocation = (v: Sums) =>
  revokedText({ ...v, taken: v.availableFen, done: false }) +
  (v.heldFen ? '这些订单可在“订单管理”的“需人工处理”中查看。' : '')

/** What staff can do about a voucher, in words: what it does, what must be said. */
export const measureActs: Record<
  MeasureAct,
  {
    title: string
    button: string
    effect: string | ((v: Sums) => string)
    ok: string
    done: string
    label: string
    reason: boolean
    comment: boolean
    danger: boolean
  }
> = {
  freeze: {
    title: '冻结服务券',
    button: '冻结',
    effect:
      '冻结后不能用于新的订单；已占用的金额保留，已提交的订单可以继续支付。解冻须由另一位人员操作；企业认证恢复或线索排除不会解除人工冻结。',
    ok: '确定冻结',
    done: '已冻结',
    label: '说明（企业可见）',
    reason: true,
    comment: true,
    danger: true,
  },
  unfreeze: {
    title: '解冻服务券',
    button: '解冻',
    effect: '该项冻结解除；没有其他冻结时，企业可以继续使用该券。',
    ok: '确定解冻',
    done: '已解冻',
    label: '核实情况（企业可见）',
    reason: false,
    comment: true,
    danger: false,
  },
  propose: {
    title: '提议作废服务券',
    button: '提议作废',
    effect: (v) =>
      `提议后由另一位人员复核；复核前券的状态不变，需要立即停用请先冻结。复核同意后：${revocation(v)}`,
    ok: '提交提议',
    done: '已提议，等待另一位人员复核',
    label: '说明（企业可见）',
    reason: true,
    comment: true,
    danger: true,
  },
  confirm: {
    title: '复核作废服务券',
    button: '同意作废',
    effect: (v) => `同意后：${revocation(v)}`,
    ok: '确定作废',
    done: '已作废',
    label: '复核意见（选填）',
    reason: false,
    comment: false,
    danger: true,
  },
  decline: {
    title: '不同意作废',
    button: '不同意作废',
    effect: '该提议终止，券的状态不变。',
    ok: '终止提议',
    done: '提议已终止',
    label: '理由',
    reason: false,
    comment: true,
    danger: false,
  },
}

export const originWord = { staff: '人工冻结', standing: '企业认证', lead: '风险线索' } as const

export const measureWord = {
  freeze: '冻结',
  unfreeze: '解冻',
  revoke: '作废',
  decline: '不同意作废',
} as const
