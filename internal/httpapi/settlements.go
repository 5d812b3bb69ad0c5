package httpapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
	"smedx/internal/kit/page"
	"smedx/internal/kit/sheet"
	"smedx/internal/org"
	"smedx/internal/settlement"
)

// PayoutAccountView is a version of a provider's bank account, masked.
type PayoutAccountView struct {
	Version   int64         `json:"version" doc:"0: there is none"`
	Holder    string        `json:"holder" doc:"The company, as verified"`
	Bank      string        `json:"bank"`
	BankCode  string        `json:"bankCode"`
	Number    string        `json:"number" doc:"Masked"`
	ChangedBy string        `json:"changedBy"`
	ChangedAt clock.Instant `json:"changedAt"`
}

// PayoutLineView is an accepted order on its way to the provider.
type PayoutLineView struct {
	ID           id.ID            `json:"id" doc:"Of the order"`
	Title        string           `json:"title"`
	BuyerName    string           `json:"buyerName"`
	ProviderID   id.ID            `json:"providerId"`
	ProviderName string           `json:"providerName"`
	VoucherFen   money.Fen        `json:"voucherFen"`
	CashFen      money.Fen        `json:"cashFen"`
	AcceptedAt   clock.Instant    `json:"acceptedAt"`
	Days         int64            `json:"days" doc:"From the acceptance until it was paid, or until now"`
	ReadyFrom    clock.Instant    `json:"readyFrom" doc:"From when it may be batched"`
	Status       settlement.State `json:"status" enum:"accrued,on_hold,batched,pending_approval,approved,sent,paid,failed,clawback_due,clawed_back,written_off"`
	BatchID      id.ID            `json:"batchId,omitzero"`
	Reason       string           `json:"reason,omitempty" doc:"Why it is on hold, or why the last payment failed"`
	HeldName     string           `json:"heldName,omitempty"`
	InvoiceNo    string           `json:"invoiceNo"`
	InvoiceFile  *FileView        `json:"invoiceFile,omitempty"`
	PaidAt       clock.Instant    `json:"paidAt"`
	OwedFen      money.Fen        `json:"owedFen" doc:"To be given back"`
	ToSetOffFen  money.Fen        `json:"toSetOffFen,omitzero" doc:"In lists: what the provider's next batch takes off its voucher money, at the most"`
	Stopped      bool             `json:"stopped" doc:"The provider's verification is not in force: it is paid when that is restored"`
	MayUnhold    bool             `json:"mayUnhold" doc:"The caller is not who put it on hold"`
}

// PayoutLinesView is a page of lines with the sums of everything it is about.
type PayoutLinesView struct {
	page.Of[PayoutLineView]
	Totals settlement.Totals `json:"totals"`
}

// PayoutPartView is a line in a batch.
type PayoutPartView struct {
	BatchID    id.ID                 `json:"batchId"`
	OrderID    id.ID                 `json:"orderId"`
	Title      string                `json:"title,omitempty"`
	BuyerName  string                `json:"buyerName,omitempty"`
	InvoiceNo  string                `json:"invoiceNo,omitempty"`
	VoucherFen money.Fen             `json:"voucherFen"`
	CashFen    money.Fen             `json:"cashFen"`
	OffsetFen  money.Fen             `json:"offsetFen" doc:"Set off against what must be given back"`
	PayFen     money.Fen             `json:"payFen" doc:"Through the bank"`
	Status     settlement.PartStatus `json:"status" enum:"live,paid,failed,freed"`
	Reference  string                `json:"reference,omitempty"`
	PaidOn     string                `json:"paidOn,omitempty"`
	Proof      *FileView             `json:"proof,omitempty"`
	Reason     string                `json:"reason,omitempty"`
	ByName     string                `json:"byName,omitempty"`
	At         clock.Instant         `json:"at"`
}

// PayoutLineDetail is a line with everything that happened to it.
type PayoutLineDetail struct {
	PayoutLineView
	Batches     []PayoutPartView `json:"batches"`
	Clawbacks   []ClawbackView   `json:"clawbacks"`
	ClawableFen money.Fen        `json:"clawableFen" doc:"How much may still be asked back"`
}

func (a *API) settlementRoutes() {
	route(a, op{"readPayoutAccount", http.MethodGet, "/my-payout-account", "settlement", "The own company's bank account and its former versions"}, a.readPayoutAccount)
	route(a, op{"changePayoutAccount", http.MethodPut, "/my-payout-account", "settlement", "Change the bank account that the own company is paid to"}, a.changePayoutAccount)
	route(a, op{"listMyPayouts", http.MethodGet, "/my-payouts", "settlement", "The own company's settlement, line by line"}, a.listMyPayouts)
	route(a, op{"exportMyPayouts", http.MethodGet, "/my-payouts.xlsx", "settlement", "The own company's settlement as an Excel file"}, a.exportMyPayouts)
	route(a, op{"readMyPayout", http.MethodGet, "/my-payouts/{id}", "settlement", "One line of the own company's settlement"}, a.readMyPayout)
	route(a, op{"saveInvoice", http.MethodPut, "/my-payouts/{id}/invoice", "settlement", "Write down the invoice of a line"}, a.saveInvoice)

	route(a, op{"countPayoutTasks", http.MethodGet, "/payout-tasks", "settlement", "What waits for a person"}, a.countPayoutTasks)
	route(a, op{"listPayoutLines", http.MethodGet, "/payout-lines", "settlement", "Settled orders of all providers"}, a.listPayoutLines)
	route(a, op{"exportPayoutLines", http.MethodGet, "/payout-lines.xlsx", "settlement", "Settled orders as an Excel file"}, a.exportPayoutLines)
	route(a, op{"readPayoutLine", http.MethodGet, "/payout-lines/{id}", "settlement", "One settled order with its batches and claw-backs"}, a.readPayoutLine)
	route(a, op{"holdPayoutLine", http.MethodPost, "/payout-lines/{id}/hold", "settlement", "Keep a line from being paid"}, a.holdPayoutLine)
	route(a, op{"unholdPayoutLine", http.MethodPost, "/payout-lines/{id}/unhold", "settlement", "Let a line go on that another person put on hold"}, a.unholdPayoutLine)
	route(a, op{"createPayoutBatches", http.MethodPost, "/payout-batches", "settlement", "Make a batch for each provider of the chosen lines"}, a.createPayoutBatches, created)
	route(a, op{"listPayoutBatches", http.MethodGet, "/payout-batches", "settlement", "Batches, newest first"}, a.listPayoutBatches)
	route(a, op{"readPayoutBatch", http.MethodGet, "/payout-batches/{id}", "settlement", "One batch with its lines"}, a.readPayoutBatch)
	route(a, op{"submitPayoutBatch", http.MethodPost, "/payout-batches/{id}/submission", "settlement", "Hand a batch to those who release money"}, a.submitPayoutBatch)
	route(a, op{"discardPayoutBatch", http.MethodDelete, "/payout-batches/{id}", "settlement", "Take a batch apart that was not submitted"}, a.discardPayoutBatch)
	route(a, op{"decidePayoutBatch", http.MethodPost, "/payout-batches/{id}/decision", "settlement", "Approve or reject another person's batch"}, a.decidePayoutBatch)
	route(a, op{"sendPayoutBatch", http.MethodPost, "/payout-batches/{id}/sending", "settlement", "Make the bank file, once"}, a.sendPayoutBatch)
	route(a, op{"downloadBankSheet", http.MethodGet, "/payout-batches/{id}/bank-file.xlsx", "settlement", "The bank file as an Excel file, with its numbers as texts; each time is written down"}, a.downloadBankSheet)
	route(a, op{"downloadBankFile", http.MethodGet, "/payout-batches/{id}/bank-file.csv", "settlement", "The bank file; each time is written down"}, a.downloadBankFile)
	route(a, op{"recordPayout", http.MethodPost, "/payout-batches/{id}/results", "settlement", "Write down what the bank did with lines"}, a.recordPayout)

	route(a, op{"listClawbacks", http.MethodGet, "/clawbacks", "settlement", "Claw-backs, newest first"}, a.listClawbacks)
	route(a, op{"proposeClawback", http.MethodPost, "/payout-lines/{id}/clawbacks", "settlement", "Ask for voucher money back that was paid out"}, a.proposeClawback)
	route(a, op{"decideClawback", http.MethodPost, "/clawbacks/{id}/decision", "settlement", "Decide on another person's claw-back"}, a.decideClawback)
	route(a, op{"recordRepayment", http.MethodPost, "/clawbacks/{id}/repayments", "settlement", "Write down what the provider paid back"}, a.recordRepayment)
	route(a, op{"proposeWriteOff", http.MethodPost, "/clawbacks/{id}/write-off", "settlement", "Ask to write the rest off"}, a.proposeWriteOff)
	route(a, op{"decideWriteOff", http.MethodPost, "/clawbacks/{id}/write-off-decision", "settlement", "Decide on a write-off that another person asked for"}, a.decideWriteOff)
}

// PayoutAccountDetail is the account in force and those before it.
type PayoutAccountDetail struct {
	PayoutAccountView
	Former []PayoutAccountView `json:"former"`
}

func (a *API) payoutAccount(v settlement.Account) (PayoutAccountView, error) {
	shown, err := a.Settlements.Shown(v)
	return PayoutAccountView{v.Version, v.Holder, v.Bank, v.BankCode, shown, v.CreatedName, v.CreatedAt}, err
}

func (a *API) readPayoutAccount(ctx context.Context, _ *struct{}) (*body[PayoutAccountDetail], error) {
	out := PayoutAccountDetail{Former: []PayoutAccountView{}}
	list, err := a.Settlements.Accounts(ctx, caller(ctx).OrgID)
	if err != nil {
		return nil, err
	}
	for i, v := range list {
		view, err := a.payoutAccount(v)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			out.PayoutAccountView = view
		} else {
			out.Former = append(out.Former, view)
		}
	}
	if len(list) == 0 {
		names, err := a.Orgs.Names(ctx, a.DB, caller(ctx).OrgID)
		if err != nil {
			return nil, err
		}
		out.Holder = names[caller(ctx).OrgID]
	}
	return reply(out, nil)
}

func (a *API) changePayoutAccount(ctx context.Context, in *struct {
	Body struct {
		Bank     string `json:"bank"`
		BankCode string `json:"bankCode,omitempty"`
		Number   string `json:"number" maxLength:"60"`
		Version  int64  `json:"version" doc:"Of the account that the page showed"`
	}
}) (*body[PayoutAccountView], error) {
	made, err := a.Settlements.ChangeAccount(ctx, caller(ctx), in.Body.Version, settlement.AccountDraft{Bank: in.Body.Bank, BankCode: in.Body.BankCode, Number: in.Body.Number})
	if err != nil {
		return nil, err
	}
	return reply(a.payoutAccount(made))
}

// PayoutQuery narrows lists of lines.
type PayoutQuery struct {
	Status settlement.State `query:"status" enum:",accrued,on_hold,batched,pending_approval,approved,sent,paid,failed,clawback_due,clawed_back,written_off"`
	From   string           `query:"from" maxLength:"10" doc:"Accepted on this day or later: 2026-11-01"`
	To     string           `query:"to" maxLength:"10" doc:"Accepted on this day or earlier"`
}

func (q PayoutQuery) filter() settlement.Filter {
	f := settlement.Filter{From: clock.Day(q.From), To: clock.DayEnd(q.To)}
	if q.Status != "" {
		f.States = []settlement.State{q.Status}
	}
	return f
}

// ManagedPayoutQuery narrows them for the staff.
type ManagedPayoutQuery struct {
	PayoutQuery

	Words      string   `query:"words" maxLength:"100" doc:"Part of the provider's or the order's name"`
	ProviderID id.Param `query:"providerId"`
	Ready      bool     `query:"ready" doc:"Only what may be batched now"`
}

func (q ManagedPayoutQuery) filter() settlement.Filter {
	f := q.PayoutQuery.filter()
	f.Words, f.ProviderOrg, f.Ready = q.Words, q.ProviderID.ID, q.Ready
	return f
}

func (a *API) payoutLine(ctx context.Context, l settlement.Item, files map[id.ID]FileView) PayoutLineView {
	who, until := caller(ctx), clock.At(a.DB.Now())
	if l.PaidAt != 0 {
		until = l.PaidAt
	}
	v := PayoutLineView{
		ID: l.OrderID, Title: l.Title, BuyerName: l.BuyerName, ProviderID: l.ProviderOrg, ProviderName: l.ProviderName, VoucherFen: l.VoucherFen, CashFen: l.CashFen,
		AcceptedAt: l.AcceptedAt, Days: int64(until-l.AcceptedAt) / (24 * 3_600_000), ReadyFrom: l.ReadyFrom, Status: l.Status, BatchID: l.BatchID, Reason: l.Reason, HeldName: l.HeldName,
		InvoiceNo: l.InvoiceNo, PaidAt: l.PaidAt, OwedFen: l.OwedFen, MayUnhold: l.Status == settlement.OnHold && l.HeldBy != who.UserID,
	}
	if f, ok := files[l.InvoiceFile]; ok {
		v.InvoiceFile = &f
	}
	if who.OrgID != 0 {
		v.HeldName = "" // a provider learns why, not by whom
	}
	return v
}

// stopped answers which of some companies are not verified now.
func (a *API) stopped(ctx context.Context, ids ...id.ID) (map[id.ID]bool, error) {
	briefs, err := a.Orgs.Briefs(ctx, a.DB, ids...)
	out := make(map[id.ID]bool, len(briefs))
	for i, b := range briefs {
		out[i] = !org.Verification(b.Verification).InForce()
	}
	return out, err
}

func (a *API) payoutFiles(ctx context.Context, ids ...id.ID) (map[id.ID]FileView, error) {
	found, err := a.Files.Describe(ctx, ids...)
	out := map[id.ID]FileView{}
	for i, f := range found {
		out[i] = fileView(f)
	}
	return out, err
}

func (a *API) payoutLines(ctx context.Context, f settlement.Filter, q page.Query) (*body[PayoutLinesView], error) {
	rows, total, err := a.Settlements.List(ctx, f, q)
	if err != nil {
		return nil, err
	}
	totals, err := a.Settlements.TotalsOf(ctx, f)
	if err != nil {
		return nil, err
	}
	var ids, providers []id.ID
	for _, l := range rows {
		ids, providers = append(ids, l.InvoiceFile), append(providers, l.ProviderOrg)
	}
	files, err := a.payoutFiles(ctx, ids...)
	if err != nil {
		return nil, err
	}
	toSetOff, err := a.Settlements.ToSetOff(ctx, providers...)
	if err != nil {
		return nil, err
	}
	stopped, err := a.stopped(ctx, providers...)
	view := func(l settlement.Item) PayoutLineView {
		v := a.payoutLine(ctx, l, files)
		v.Stopped, v.ToSetOffFen = stopped[l.ProviderOrg], toSetOff[l.ProviderOrg]
		return v
	}
	return reply(PayoutLinesView{page.Map(rows, total, view), totals}, err)
}

func own(ctx context.Context, q PayoutQuery) settlement.Filter {
	f := q.filter()
	f.ProviderOrg = caller(ctx).OrgID
	return f
}

func (a *API) listMyPayouts(ctx context.Context, in *struct {
	page.Query
	PayoutQuery
}) (*body[PayoutLinesView], error) {
	return a.payoutLines(ctx, own(ctx, in.PayoutQuery), in.Query)
}

func (a *API) listPayoutLines(ctx context.Context, in *struct {
	page.Query
	ManagedPayoutQuery
}) (*body[PayoutLinesView], error) {
	return a.payoutLines(ctx, in.filter(), in.Query)
}

var payoutWords = map[settlement.State]string{
	settlement.Accrued: "待结算", settlement.OnHold: "暂缓", settlement.Batched: "已组批", settlement.PendingApproval: "待复核", settlement.Approved: "已复核", settlement.Sent: "付款中",
	settlement.Paid: "已兑付", settlement.Failed: "付款失败", settlement.ClawbackDue: "待追回", settlement.ClawedBack: "已追回", settlement.WrittenOff: "已核销",
}

func (a *API) payoutSheet(ctx context.Context, title string, f settlement.Filter) (*huma.StreamResponse, error) {
	rows, _, err := a.Settlements.List(ctx, f, page.Query{})
	if err != nil {
		return nil, err
	}
	return a.sheet(ctx, title, "settlement.export", []string{
		"订单编号", "订单", "服务商", "企业", "服务券（元）", "现金（元）", "合计（元）", "验收时间", "天数", "状态", "批次", "发票号码", "兑付时间", "待追回（元）", "说明",
	}, func(out *sheet.Writer) error {
		for _, l := range rows {
			v := a.payoutLine(ctx, l, nil)
			batch := ""
			if v.BatchID != 0 {
				batch = v.BatchID.String()
			}
			err := out.Row(v.ID.String(), v.Title, v.ProviderName, v.BuyerName, inYuan(v.VoucherFen), inYuan(v.CashFen), inYuan(v.VoucherFen+v.CashFen), v.AcceptedAt.Local(), v.Days,
				payoutWords[v.Status], batch, v.InvoiceNo, v.PaidAt.Local(), inYuan(v.OwedFen), v.Reason)
			if err != nil {
				return err
			}
		}
		return nil
	})
}

func (a *API) exportMyPayouts(ctx context.Context, in *PayoutQuery) (*huma.StreamResponse, error) {
	return a.payoutSheet(ctx, "结算明细", own(ctx, *in))
}

func (a *API) exportPayoutLines(ctx context.Context, in *ManagedPayoutQuery) (*huma.StreamResponse, error) {
	return a.payoutSheet(ctx, "结算兑付明细", in.filter())
}

func partView(p settlement.Part, files map[id.ID]FileView) PayoutPartView {
	v := PayoutPartView{
		BatchID: p.BatchID, OrderID: p.OrderID, OffsetFen: p.OffsetFen, PayFen: p.PayFen, Status: p.Status, Reference: p.Reference, PaidOn: p.PaidOn, Reason: p.Reason, ByName: p.ByName, At: p.At,
	}
	if f, ok := files[p.ProofFile]; ok {
		v.Proof = &f
	}
	return v
}

func (a *API) payoutDetail(ctx context.Context, provider, orderID id.ID) (*body[PayoutLineDetail], error) {
	d, err := a.Settlements.Get(ctx, provider, orderID)
	if err != nil {
		return nil, err
	}
	ids := []id.ID{d.InvoiceFile}
	for _, p := range d.Parts {
		ids = append(ids, p.ProofFile)
	}
	files, err := a.payoutFiles(ctx, ids...)
	if err != nil {
		return nil, err
	}
	stopped, err := a.stopped(ctx, d.ProviderOrg)
	if err != nil {
		return nil, err
	}
	out := PayoutLineDetail{PayoutLineView: a.payoutLine(ctx, d.Item, files), Batches: []PayoutPartView{}, Clawbacks: []ClawbackView{}, ClawableFen: d.ClawableFen}
	out.Stopped = stopped[d.ProviderOrg]
	for _, p := range d.Parts {
		v := partView(p, files)
		v.VoucherFen, v.CashFen = d.VoucherFen, d.CashFen
		if provider != 0 {
			v.ByName = ""
		}
		out.Batches = append(out.Batches, v)
	}
	for _, c := range d.Clawbacks {
		if provider == 0 || c.Status != settlement.ClawProposed && c.Status != settlement.ClawRejected {
			out.Clawbacks = append(out.Clawbacks, a.clawbackView(ctx, c, d.ProviderName, d.Moves))
		}
	}
	return reply(out, err)
}

func (a *API) readMyPayout(ctx context.Context, in *OneID) (*body[PayoutLineDetail], error) {
	return a.payoutDetail(ctx, caller(ctx).OrgID, in.ID.ID)
}

func (a *API) readPayoutLine(ctx context.Context, in *OneID) (*body[PayoutLineDetail], error) {
	return a.payoutDetail(ctx, 0, in.ID.ID)
}

func (a *API) saveInvoice(ctx context.Context, in *struct {
	OneID
	Body struct {
		Number string `json:"number" maxLength:"100"`
		FileID id.ID  `json:"fileId,omitzero"`
	}
}) (*body[PayoutLineDetail], error) {
	if err := a.Settlements.Invoice(ctx, caller(ctx), in.ID.ID, in.Body.Number, in.Body.FileID); err != nil {
		return nil, err
	}
	return a.payoutDetail(ctx, caller(ctx).OrgID, in.ID.ID)
}

func (a *API) countPayoutTasks(ctx context.Context, _ *struct{}) (*body[settlement.Tasks], error) {
	return reply(a.Settlements.Waiting(ctx))
}

// OneReason is a path with one id, and why.
type OneReason struct {
	OneID
	Body struct {
		Reason string `json:"reason" maxLength:"500"`
	}
}

func (a *API) holdPayoutLine(ctx context.Context, in *OneReason) (*body[PayoutLineDetail], error) {
	if err := a.Settlements.PutOnHold(ctx, caller(ctx), in.ID.ID, in.Body.Reason); err != nil {
		return nil, err
	}
	return a.payoutDetail(ctx, 0, in.ID.ID)
}

func (a *API) unholdPayoutLine(ctx context.Context, in *OneReason) (*body[PayoutLineDetail], error) {
	if err := a.Settlements.Unhold(ctx, caller(ctx), in.ID.ID, in.Body.Reason); err != nil {
		return nil, err
	}
	return a.payoutDetail(ctx, 0, in.ID.ID)
}
