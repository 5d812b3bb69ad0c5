// Package books reads the journal in the words of the scheme: where every fen of
// a budget is, statements of accounts, the life of one voucher and all papers of
// it. It posts nothing and holds no rule; what it keeps (fund_months) is derived
// from the journal and may be made again at any time.
package books

import (
	"smedx/internal/codelist"
	"smedx/internal/voucher"
	"strings"

	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
	"smedx/internal/ledger"
)

// Parts is where money is. All parts together are what was put in.
type Parts struct {
	Unissued  money.Fen `json:"unissuedFen" doc:"未发放: with the campaign, not issued yet"`
	Available money.Fen `json:"availableFen" doc:"券上可用: on companies' vouchers"`
	Held      money.Fen `json:"heldFen" doc:"订单占用: held by orders that are not paid yet"`
	Escrow    money.Fen `json:"escrowFen" doc:"待验收: paid with an order that is not accepted yet"`
	Payable   money.Fen `json:"payableFen" doc:"待兑付: owed to providers"`
	Paid      money.Fen `json:"paidFen" doc:"已兑付: paid out to providers"`
	Returned  money.Fen `json:"returnedFen" doc:"已退回: back from vouchers and campaigns"`
	Clawback  money.Fen `json:"clawbackFen" doc:"待追回: providers must give it back"`
}

// Sum is all of it.
func (p Parts) Sum() money.Fen {
	return p.Unissued + p.Available + p.Held + p.Redeemed() + p.Returned
}

// Redeemed is what paid orders.
func (p Parts) Redeemed() money.Fen { return p.Escrow + p.Payable + p.Paid + p.Clawback }

func (p *Parts) add(q Parts) {
	p.Unissued += q.Unissued
	p.Available += q.Available
	p.Held += q.Held
	p.Escrow += q.Escrow
	p.Payable += q.Payable
	p.Paid += q.Paid
	p.Returned += q.Returned
	p.Clawback += q.Clawback
}

// The kinds of accounts of voucher money, as their names begin.
const (
	partTreasury  = "treasury"
	partBudget    = "budget"
	partAvailable = "voucher_available"
	partHeld      = "voucher_held"
	partEscrow    = "escrow_v"
	partPayable   = "subsidy_payable"
	partPaid      = "subsidy_paid"
	partReturned  = "returned"
	partClawback  = "clawback_receivable"
)

// at is the part that an account's kind is counted in; nil for the treasury.
func (p *Parts) at(part string) *money.Fen {
	switch part {
	case partBudget:
		return &p.Unissued
	case partAvailable:
		return &p.Available
	case partHeld:
		return &p.Held
	case partEscrow:
		return &p.Escrow
	case partPayable:
		return &p.Payable
	case partPaid:
		return &p.Paid
	case partReturned:
		return &p.Returned
	case partClawback:
		return &p.Clawback
	}
	return nil
}

// partOf splits an account's name into its kind and whose it is.
func partOf(a ledger.Account) (part string, of id.ID) {
	part, whose, _ := strings.Cut(string(a), ":")
	of, err := id.Parse(whose)
	if err != nil {
		of = 0
	}
	return part, of
}

var partWords = map[string]string{
	partTreasury: "财政预算", partBudget: "活动未发放", partAvailable: "券上可用", partHeld: "订单占用", partEscrow: "已支付待验收",
	partPayable: "待兑付", partPaid: "已兑付", partReturned: "已退回", partClawback: "待追回",
}

// PartWord is what an account is called on pages and in files.
func PartWord(a ledger.Account) string {
	part, _ := partOf(a)
	return partWords[part]
}

var kindWords = map[ledger.Kind]string{
	ledger.Fund: "活动注资", ledger.Unfund: "撤回注资", ledger.Grant: "发放服务券", ledger.Hold: "下单占用", ledger.Release: "取消订单释放",
	ledger.Redeem: "支付抵扣", ledger.SettleV: "验收结算", ledger.PayoutV: "兑付服务商", ledger.Restore: "退款退回", ledger.Clawback: "追回",
	ledger.Expire: "到期收回", ledger.Revoke: "作废收回", ledger.CloseBudget: "活动结余收回",
}

// KindWord is what an entry is called.
func KindWord(k ledger.Kind) string {
	if w, ok := kindWords[k]; ok {
		return w
	}
	return string(k)
}

// Words of the dossier that the trail has none for.
var (
	modeWords   = map[voucher.Mode]string{voucher.Rush: "抢券", voucher.ByRequest: "申请"}
	ruleWords   = map[voucher.RuleCode]string{voucher.RuleVerified: "企业已认证", voucher.RuleSize: "企业规模", voucher.RuleRegion: "所在地区", voucher.RuleIndustry: "所属行业"}
	ruleLists   = map[voucher.RuleCode]string{voucher.RuleSize: "enterprise_scale", voucher.RuleRegion: "region", voucher.RuleIndustry: codelist.Industry}
	unitWords   = map[string]string{"year": " 年", "month": " 个月", "unit": " 个"}
	answerWords = map[string]string{"": "待验收", "accepted": "验收通过", "rejected": "要求整改"}
	refundWords = map[string]string{"approved": "待退款", "submitted": "退款中", "unknown": "结果确认中", "done": "已退款", "failed": "退款失败"}
)

// yuan writes an amount for people.
func yuan(f money.Fen) string { return "¥" + f.Grouped() }
