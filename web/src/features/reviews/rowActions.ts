import type { Schemas } from '@/api/client'
import { statusWord } from '@/shared/status'

type Row = Pick<Schemas['ReviewCase'], 'status' | 'mine'>

/** Why an application cannot be taken back now; '' when it can. */
export function whyNotWithdraw(row: Row): string {
  if (row.status !== 'pending')
    return `申请${statusWord('case', row.status).label}，不能再撤销，只有待审批的申请可以撤销。`
  return row.mine ? '' : '只有申请人本人可以撤销申请。'
}

/** Why an application cannot be edited again; '' when it can. */
export function whyNotEdit(row: Row): string {
  if (row.status === 'pending') return '申请正在审批，请先撤销再编辑。'
  if (row.status === 'approved') return '申请已经审批通过，无需重新编辑。'
  return row.mine ? '' : '由申请人本人重新编辑。'
}
