export type Tone = 'primary' | 'success' | 'warning' | 'danger' | 'info'

export interface StatusWord {
  label: string
  tone: Tone
}

const w = (label: string, tone: Tone): StatusWord => ({ label, tone })

/**
 * The words of every state, one table: kind → code → label and colour. A code
 * that the server may send and that is not here shows as 未知状态.
 */
export const statusWords = {
  verification: {
    draft: w('未提交', 'info'),
    pending: w('审核中', 'warning'),
    returned: w('退回补正', 'warning'),
    rejected: w('未通过', 'danger'),
    withdrawn: w('已撤销', 'info'),
    verified: w('已认证', 'success'),
    change_pending: w('变更审核中', 'warning'),
    suspended: w('已暂停', 'danger'),
    revoked: w('已取消', 'danger'),
    expired: w('已过期', 'info'),
  },
  account: {
    active: w('正常', 'success'),
    disabled: w('已停用', 'info'),
  },
  case: {
    pending: w('待审批', 'warning'),
    approved: w('审批通过', 'success'),
    returned: w('退回补正', 'warning'),
    rejected: w('已驳回', 'danger'),
    withdrawn: w('已撤销', 'info'),
  },
  stage: {
    operator: w('运营人员初审', 'warning'),
    experts: w('专家评审', 'warning'),
    department: w('工信厅终审', 'warning'),
  },
  caseKind: {
    enterprise_verification: w('企业认证', 'primary'),
    provider_verification: w('服务商认证', 'primary'),
    listing: w('商品发布', 'primary'),
    campaign: w('服务券活动', 'primary'),
  },
  offering: {
    draft: w('草稿', 'info'),
    in_review: w('待审核', 'warning'),
    rejected: w('已驳回', 'danger'),
    withdrawn: w('已撤销', 'info'),
    listed: w('已上架', 'success'),
    delisted: w('已下架', 'info'),
  },
  expert: {
    nominated: w('待入库', 'warning'),
    admitted: w('已入库', 'success'),
    declined: w('未通过', 'danger'),
    suspended: w('已停用', 'info'),
  },
  order: {
    placed: w('待支付', 'warning'),
    paid: w('待交付', 'primary'),
    in_delivery: w('交付中', 'primary'),
    delivered: w('待验收', 'warning'),
    completed: w('已完成', 'success'),
    canceled: w('已取消', 'danger'),
    refunding: w('退款中', 'warning'),
    refunded: w('已退款', 'info'),
    disputed: w('争议中', 'danger'),
  },
  payment: {
    created: w('待支付', 'warning'),
    pending: w('支付中', 'warning'),
    unknown: w('结果确认中', 'warning'),
    succeeded: w('已支付', 'success'),
    failed: w('支付失败', 'danger'),
    closed: w('已关闭', 'info'),
    suspense: w('异常待处理', 'danger'),
    late: w('逾期到账', 'danger'),
  },
  refund: {
    requested: w('待审核', 'warning'),
    approved: w('待退款', 'warning'),
    rejected: w('已驳回', 'danger'),
    submitted: w('退款中', 'warning'),
    done: w('已退款', 'success'),
    failed: w('退款失败', 'danger'),
    unknown: w('结果确认中', 'warning'),
  },
  voucher: {
    active: w('可使用', 'success'),
    exhausted: w('已用完', 'info'),
    frozen: w('已冻结', 'danger'),
    expired: w('已过期', 'info'),
    revoked: w('已作废', 'danger'),
  },
  risk: {
    new: w('待核实', 'warning'),
    dismissed: w('已排除', 'info'),
    confirmed: w('已确认', 'danger'),
  },
  revocation: {
    proposed: w('待复核作废', 'warning'),
    confirmed: w('已作废', 'danger'),
    declined: w('未作废', 'info'),
  },
  hold: {
    open: w('已占用', 'warning'),
    redeemed: w('已抵扣', 'success'),
    released: w('已释放', 'info'),
  },
  campaign: {
    draft: w('草稿', 'info'),
    pending: w('待审批', 'warning'),
    scheduled: w('未开始', 'primary'),
    open: w('进行中', 'success'),
    sold_out: w('已领完', 'info'),
    paused: w('已暂停', 'warning'),
    ended: w('已结束', 'info'),
    closed: w('已关闭', 'info'),
    canceled: w('已取消', 'danger'),
  },
  change: {
    pending: w('待审批', 'warning'),
    applied: w('已生效', 'success'),
    rejected: w('已驳回', 'danger'),
    withdrawn: w('已撤销', 'info'),
    void: w('已失效', 'info'),
  },
  application: {
    applied: w('待审批', 'warning'),
    granted: w('已发放', 'success'),
    rejected: w('已驳回', 'danger'),
    withdrawn: w('已撤销', 'info'),
    lapsed: w('已失效', 'info'),
  },
  /** An application that is decided by lot. */
  registration: {
    applied: w('待抽签', 'warning'),
    granted: w('中签', 'success'),
    rejected: w('未中签', 'info'),
    withdrawn: w('已取消报名', 'info'),
    lapsed: w('已失效', 'info'),
  },
  delivery: {
    not_started: w('未开始', 'info'),
    in_progress: w('交付中', 'primary'),
    submitted: w('待验收', 'warning'),
    accepted: w('已验收', 'success'),
    rejected: w('需整改', 'danger'),
    escalated: w('平台介入', 'danger'),
    canceled: w('已取消', 'info'),
  },
  payout: {
    accrued: w('待结算', 'warning'),
    on_hold: w('暂缓', 'danger'),
    batched: w('已组批', 'info'),
    pending_approval: w('待复核', 'warning'),
    approved: w('已复核', 'primary'),
    sent: w('付款中', 'primary'),
    paid: w('已兑付', 'success'),
    failed: w('付款失败', 'danger'),
    clawback_due: w('待追回', 'danger'),
    clawed_back: w('已追回', 'info'),
    written_off: w('已核销', 'info'),
  },
  payoutBatch: {
    batched: w('待提交', 'info'),
    pending_approval: w('待复核', 'warning'),
    approved: w('已复核', 'primary'),
    sent: w('付款中', 'primary'),
    done: w('已办结', 'success'),
    void: w('已失效', 'info'),
  },
  payoutEnd: {
    failed: w('付款失败', 'danger'),
    partly: w('部分付款失败', 'warning'),
  },
  payoutPart: {
    live: w('办理中', 'primary'),
    paid: w('已付款', 'success'),
    failed: w('付款失败', 'danger'),
    freed: w('已退出', 'info'),
  },
  clawback: {
    proposed: w('待复核', 'warning'),
    rejected: w('未通过', 'info'),
    due: w('待追回', 'danger'),
    clawed_back: w('已追回', 'success'),
    written_off: w('已核销', 'info'),
  },
  budget: {
    pending: w('待审批', 'warning'),
    approved: w('审批通过', 'success'),
    rejected: w('已驳回', 'danger'),
  },
  notice: {
    draft: w('草稿', 'info'),
    published: w('已发布', 'success'),
    withdrawn: w('已撤回', 'info'),
  },
  survey: {
    draft: w('草稿', 'info'),
    open: w('收集中', 'success'),
    closed: w('已结束', 'info'),
  },
  form: {
    draft: w('未发布', 'warning'),
    in_force: w('使用中', 'success'),
    former: w('历史版本', 'info'),
  },
} as const satisfies Record<string, Record<string, StatusWord>>

export type StatusKind = keyof typeof statusWords

export function statusWord(kind: StatusKind, code: string): StatusWord {
  return (statusWords[kind] as Record<string, StatusWord>)[code] ?? w('未知状态', 'info')
}
