package httpapi

import (
	"bytes"
	"context"
	"mime"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
	"smedx/internal/kit/page"
	"smedx/internal/settlement"
)

// PayoutBatchView is what is paid to one provider together.
type PayoutBatchView struct {
	ID           id.ID            `json:"id"`
	ProviderID   id.ID            `json:"providerId"`
	ProviderName string           `json:"providerName"`
	Status       settlement.State `json:"status" enum:"batched,pending_approval,approved,sent,done,void"`
	Lines        int64            `json:"lines"`
	VoucherFen   money.Fen        `json:"voucherFen"`
	CashFen      money.Fen        `json:"cashFen"`
	OffsetFen    money.Fen        `json:"offsetFen"`
	PayFen       money.Fen        `json:"payFen"`
	PaidFen      money.Fen        `json:"paidFen" doc:"What the bank has paid so far"`
	FailedLines  int64            `json:"failedLines" doc:"What the bank could not pay"`
	CreatedName  string           `json:"createdName"`
	CreatedAt    clock.Instant    `json:"createdAt"`
	SubmittedAt  clock.Instant    `json:"submittedAt"`
	FirstName    string           `json:"firstName,omitempty" doc:"Who approved first, where two must"`
	FirstAt      clock.Instant    `json:"firstAt"`
	FirstReason  string           `json:"firstReason,omitempty"`
	OwnFirst     bool             `json:"ownFirst" doc:"The caller approved first: another person approves next"`
	DecidedName  string           `json:"decidedName,omitempty"`
	DecidedAt    clock.Instant    `json:"decidedAt"`
	Reason       string           `json:"reason,omitempty"`
	FileHash     string           `json:"fileHash,omitempty" doc:"SHA-256 of the bank file"`
	Exports      int64            `json:"exports" doc:"How often the bank file was taken"`
	SentName     string           `json:"sentName,omitempty"`
	SentAt       clock.Instant    `json:"sentAt"`
	ClosedAt     clock.Instant    `json:"closedAt"`
	Second       bool             `json:"second" doc:"The caller did not create it"`
	Version      int64            `json:"version"`
}

// PayoutBatchDetail is a batch with its lines and the account they are paid to.
type PayoutBatchDetail struct {
	PayoutBatchView
	Account       PayoutAccountView `json:"account"`
	Items         []PayoutPartView  `json:"items"`
	NeedsTwo      bool              `json:"needsTwo" doc:"Its sum takes the approval of two persons"`
	CodeToApprove bool              `json:"codeToApprove" doc:"The caller's approval takes a code of the second factor"`
}

func (a *API) batchViews(ctx context.Context, rows []settlement.Batch) ([]PayoutBatchView, error) {
	var ids, batches []id.ID
	for _, b := range rows {
		ids, batches = append(ids, b.ProviderOrg), append(batches, b.ID)
	}
	answers, err := a.Settlements.AnswersOf(ctx, batches...)
	if err != nil {
		return nil, err
	}
	names, err := a.Orgs.Names(ctx, a.DB, ids...)
	out := make([]PayoutBatchView, 0, len(rows))
	for _, b := range rows {
		out = append(out, PayoutBatchView{
			ID: b.ID, ProviderID: b.ProviderOrg, ProviderName: names[b.ProviderOrg], Status: b.Status, Lines: b.Lines, VoucherFen: b.VoucherFen, CashFen: b.CashFen, OffsetFen: b.OffsetFen, PayFen: b.Pay(), PaidFen: answers[b.ID].PaidFen, FailedLines: answers[b.ID].FailedLines,
			CreatedName: b.CreatedName, CreatedAt: b.CreatedAt, SubmittedAt: b.SubmittedAt,
			FirstName: b.FirstName, FirstAt: b.FirstAt, FirstReason: b.FirstReason, OwnFirst: b.FirstBy == caller(ctx).UserID, DecidedName: b.DecidedName, DecidedAt: b.DecidedAt, Reason: b.Reason, FileHash: b.FileHash, Exports: b.Exports,
			SentName: b.SentName, SentAt: b.SentAt, ClosedAt: b.ClosedAt, Second: b.CreatedBy != caller(ctx).UserID, Version: b.Version,
		})
	}
	return out, err
}

func (a *API) createPayoutBatches(ctx context.Context, in *struct {
	Body struct {
		OrderIDs []id.ID `json:"orderIds" minItems:"1" maxItems:"500"`
	}
}) (*body[[]PayoutBatchView], error) {
	made, err := a.Settlements.CreateBatches(ctx, caller(ctx), in.Body.OrderIDs)
	if err != nil {
		return nil, err
	}
	return reply(a.batchViews(ctx, made))
}

func (a *API) listPayoutBatches(ctx context.Context, in *struct {
	page.Query
	Status     settlement.State `query:"status" enum:",batched,pending_approval,approved,sent,done,void"`
	ProviderID id.Param         `query:"providerId"`
}) (*body[page.Of[PayoutBatchView]], error) {
	rows, total, err := a.Settlements.Batches(ctx, in.Status, in.ProviderID.ID, in.Query)
	if err != nil {
		return nil, err
	}
	views, err := a.batchViews(ctx, rows)
	return reply(page.Of[PayoutBatchView]{Items: views, Total: total}, err)
}

func (a *API) batchDetail(ctx context.Context, batchID id.ID, before error) (*body[PayoutBatchDetail], error) {
	if before != nil {
		return nil, before
	}
	b, rows, err := a.Settlements.Batch(ctx, batchID)
	if err != nil {
		return nil, err
	}
	views, err := a.batchViews(ctx, []settlement.Batch{b})
	if err != nil {
		return nil, err
	}
	out := PayoutBatchDetail{PayoutBatchView: views[0], Items: []PayoutPartView{}}
	to, err := a.Settlements.AccountAt(ctx, b.ProviderOrg, b.AccountVersion)
	if err != nil {
		return nil, err
	}
	if out.Account, err = a.payoutAccount(to); err != nil {
		return nil, err
	}
	if b.Status == settlement.Batched || b.Status == settlement.PendingApproval {
		if out.NeedsTwo, err = a.Settlements.NeedsTwo(ctx, a.DB, b); err != nil {
			return nil, err
		}
		if out.CodeToApprove, err = a.Accounts.CodeAtRelease(ctx, caller(ctx)); err != nil {
			return nil, err
		}
	}
	var ids []id.ID
	for _, p := range rows {
		ids = append(ids, p.ProofFile)
	}
	files, err := a.payoutFiles(ctx, ids...)
	for _, p := range rows {
		v := partView(p.Part, files)
		v.Title, v.BuyerName, v.InvoiceNo, v.VoucherFen, v.CashFen = p.Title, p.BuyerName, p.InvoiceNo, p.VoucherFen, p.CashFen
		out.Items = append(out.Items, v)
	}
	return reply(out, err)
}

func (a *API) readPayoutBatch(ctx context.Context, in *OneID) (*body[PayoutBatchDetail], error) {
	return a.batchDetail(ctx, in.ID.ID, nil)
}

// OneVersion is a path with one id, and the version that the page showed.
type OneVersion struct {
	OneID
	Body struct {
		Version int64 `json:"version"`
	}
}

func (a *API) submitPayoutBatch(ctx context.Context, in *OneVersion) (*body[PayoutBatchDetail], error) {
	return a.batchDetail(ctx, in.ID.ID, a.Settlements.SubmitBatch(ctx, caller(ctx), in.ID.ID, in.Body.Version))
}

func (a *API) discardPayoutBatch(ctx context.Context, in *struct {
	OneID
	Version int64 `query:"version"`
}) (*body[PayoutBatchDetail], error) {
	return a.batchDetail(ctx, in.ID.ID, a.Settlements.DiscardBatch(ctx, caller(ctx), in.ID.ID, in.Version))
}

func (a *API) decidePayoutBatch(ctx context.Context, in *struct {
	OneID
	Body struct {
		Event   settlement.Event `json:"event" enum:"approve,reject"`
		Reason  string           `json:"reason,omitempty" maxLength:"500"`
		Code    string           `json:"code,omitempty" maxLength:"20" doc:"To approve, where the batch says codeToApprove"`
		Version int64            `json:"version"`
	}
}) (*body[PayoutBatchDetail], error) {
	var proven []db.Func
	if in.Body.Event == settlement.Approve {
		use, err := a.Accounts.ProveRelease(ctx, caller(ctx), in.Body.Code)
		if err != nil {
			return nil, err
		}
		proven = append(proven, use)
	}
	return a.batchDetail(ctx, in.ID.ID, a.Settlements.Decide(ctx, caller(ctx), in.ID.ID, in.Body.Version, in.Body.Event, in.Body.Reason, proven...))
}

func (a *API) sendPayoutBatch(ctx context.Context, in *OneVersion) (*body[PayoutBatchDetail], error) {
	return a.batchDetail(ctx, in.ID.ID, a.Settlements.Export(ctx, caller(ctx), in.ID.ID, in.Body.Version))
}

func (a *API) downloadBankFile(ctx context.Context, in *OneID) (*huma.StreamResponse, error) {
	content, name, err := a.bankFile(ctx, in.ID.ID)
	if err != nil {
		return nil, err
	}
	return attached("text/csv; charset=utf-8", name+".csv", content), nil
}

func (a *API) downloadBankSheet(ctx context.Context, in *OneID) (*huma.StreamResponse, error) {
	content, name, err := a.bankFile(ctx, in.ID.ID)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := settlement.BankSheet(content, &b); err != nil {
		return nil, err
	}
	return attached(excel, name+".xlsx", b.Bytes()), nil
}

// bankFile reads the bank file of a batch, and what it is called this time.
func (a *API) bankFile(ctx context.Context, batchID id.ID) (content []byte, name string, err error) {
	content, before, err := a.Settlements.BankFile(ctx, caller(ctx), batchID)
	if err != nil {
		return nil, "", err
	}
	name = "付款文件 " + batchID.String()
	if before > 0 {
		name += "（第" + strconv.FormatInt(before+1, 10) + "次下载，勿重复付款）"
	}
	return content, name, nil
}

// attached sends a file that is made already.
func attached(kind, name string, content []byte) *huma.StreamResponse {
	return &huma.StreamResponse{Body: func(c huma.Context) {
		c.SetHeader("Content-Type", kind)
		c.SetHeader("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
		_, _ = c.BodyWriter().Write(content) //nolint:errcheck // the client has gone
	}}
}

func (a *API) recordPayout(ctx context.Context, in *struct {
	OneID
	Body struct {
		OrderIDs  []id.ID `json:"orderIds" minItems:"1" maxItems:"500"`
		Outcome   string  `json:"outcome" enum:"paid,failed"`
		Reference string  `json:"reference,omitempty" maxLength:"100" doc:"Of the bank, when paid"`
		PaidOn    string  `json:"paidOn,omitempty" maxLength:"10" doc:"The date, when paid: 2026-11-01"`
		ProofID   id.ID   `json:"proofId,omitzero"`
		Reason    string  `json:"reason,omitempty" maxLength:"500" doc:"Why it failed"`
	}
}) (*body[PayoutBatchDetail], error) {
	o := settlement.Outcome{Paid: in.Body.Outcome == "paid", Reference: in.Body.Reference, PaidOn: in.Body.PaidOn, ProofID: in.Body.ProofID, Reason: in.Body.Reason}
	return a.batchDetail(ctx, in.ID.ID, a.Settlements.Record(ctx, caller(ctx), in.ID.ID, in.Body.OrderIDs, o))
}
