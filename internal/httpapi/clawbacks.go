package httpapi

import (
	"context"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
	"smedx/internal/kit/page"
	"smedx/internal/settlement"
)

// ClawbackView is voucher money that must come back.
type ClawbackView struct {
	ID             id.ID                 `json:"id"`
	OrderID        id.ID                 `json:"orderId"`
	ProviderName   string                `json:"providerName"`
	AmountFen      money.Fen             `json:"amountFen"`
	RecoveredFen   money.Fen             `json:"recoveredFen"`
	WrittenFen     money.Fen             `json:"writtenFen"`
	ReservedFen    money.Fen             `json:"reservedFen" doc:"In batches that are not paid yet"`
	OwedFen        money.Fen             `json:"owedFen"`
	OpenFen        money.Fen             `json:"openFen" doc:"What may be repaid"`
	Status         settlement.ClawStatus `json:"status" enum:"proposed,rejected,due,clawed_back,written_off"`
	Reason         string                `json:"reason"`
	ProposedName   string                `json:"proposedName"`
	ProposedAt     clock.Instant         `json:"proposedAt"`
	DecidedName    string                `json:"decidedName,omitempty"`
	DecidedAt      clock.Instant         `json:"decidedAt"`
	Comment        string                `json:"comment,omitempty"`
	WaiverName     string                `json:"waiverName,omitempty" doc:"Who asked to write the rest off"`
	WaiverReason   string                `json:"waiverReason,omitempty"`
	WaivedName     string                `json:"waivedName,omitempty"`
	MayDecide      bool                  `json:"mayDecide" doc:"The caller is not who proposed it"`
	MayDecideWaive bool                  `json:"mayDecideWaiver" doc:"The caller is not who asked for the write-off"`
	Version        int64                 `json:"version"`
	Moves          []ClawbackMoveView    `json:"moves"`
}

// ClawbackMoveView is what came back, or was written off.
type ClawbackMoveView struct {
	Kind      string        `json:"kind" enum:"owed,recovered,written_off"`
	AmountFen money.Fen     `json:"amountFen"`
	At        clock.Instant `json:"at"`
	Reference string        `json:"reference,omitempty"`
}

func (a *API) clawbackView(ctx context.Context, c settlement.Clawback, name string, moves []settlement.Move) ClawbackView {
	who := caller(ctx)
	v := ClawbackView{
		ID: c.ID, OrderID: c.OrderID, ProviderName: name, AmountFen: c.AmountFen, RecoveredFen: c.RecoveredFen, WrittenFen: c.WrittenFen, ReservedFen: c.ReservedFen,
		OwedFen: c.Owed(), OpenFen: c.Open(), Status: c.Status, Reason: c.Reason, ProposedName: c.ProposedName, ProposedAt: c.ProposedAt, DecidedName: c.DecidedName, DecidedAt: c.DecidedAt,
		Comment: c.Comment, WaiverName: c.WaiverName, WaiverReason: c.WaiverReason, WaivedName: c.WaivedName, MayDecide: c.Status == settlement.ClawProposed && c.ProposedBy != who.UserID,
		MayDecideWaive: c.Status == settlement.ClawDue && c.WaiverBy != 0 && c.WaiverBy != who.UserID, Version: c.Version, Moves: []ClawbackMoveView{},
	}
	for _, m := range moves {
		if m.ClawbackID == c.ID {
			v.Moves = append(v.Moves, ClawbackMoveView{m.Kind, m.AmountFen, m.At, m.Reference})
		}
	}
	if who.OrgID != 0 {
		v.ProposedName, v.DecidedName, v.Comment, v.WaiverName, v.WaivedName = "", "", "", "", ""
	}
	return v
}

func (a *API) listClawbacks(ctx context.Context, in *struct {
	page.Query
	Status settlement.ClawStatus `query:"status" enum:",proposed,rejected,due,clawed_back,written_off"`
}) (*body[page.Of[ClawbackView]], error) {
	rows, total, err := a.Settlements.Clawbacks(ctx, in.Status, 0, in.Query)
	if err != nil {
		return nil, err
	}
	var ids []id.ID
	for _, c := range rows {
		ids = append(ids, c.ProviderOrg)
	}
	names, err := a.Orgs.Names(ctx, a.DB, ids...)
	return reply(page.Map(rows, total, func(c settlement.Clawback) ClawbackView { return a.clawbackView(ctx, c, names[c.ProviderOrg], nil) }), err)
}

func (a *API) proposeClawback(ctx context.Context, in *struct {
	OneID
	Body struct {
		AmountFen money.Fen `json:"amountFen"`
		Reason    string    `json:"reason" maxLength:"500"`
	}
}) (*body[PayoutLineDetail], error) {
	if _, err := a.Settlements.ProposeClawback(ctx, caller(ctx), in.ID.ID, in.Body.AmountFen, in.Body.Reason); err != nil {
		return nil, err
	}
	return a.payoutDetail(ctx, 0, in.ID.ID)
}

// clawed answers the line of a claw-back after a change.
func (a *API) clawed(ctx context.Context, clawID id.ID, before error) (*body[PayoutLineDetail], error) {
	if before != nil {
		return nil, before
	}
	c, err := a.Settlements.Clawback(ctx, clawID)
	if err != nil {
		return nil, err
	}
	return a.payoutDetail(ctx, 0, c.OrderID)
}

func (a *API) decideClawback(ctx context.Context, in *struct {
	OneID
	Body struct {
		Event   settlement.ClawEvent `json:"event" enum:"approve,reject"`
		Comment string               `json:"comment,omitempty" maxLength:"500"`
		Version int64                `json:"version"`
	}
}) (*body[PayoutLineDetail], error) {
	return a.clawed(ctx, in.ID.ID, a.Settlements.DecideClawback(ctx, caller(ctx), in.ID.ID, in.Body.Version, in.Body.Event, in.Body.Comment))
}

func (a *API) recordRepayment(ctx context.Context, in *struct {
	OneID
	Body struct {
		AmountFen money.Fen `json:"amountFen"`
		Reference string    `json:"reference" maxLength:"100"`
		PaidOn    string    `json:"paidOn" format:"date"`
		Version   int64     `json:"version"`
	}
}) (*body[PayoutLineDetail], error) {
	err := a.Settlements.Repay(ctx, caller(ctx), in.ID.ID, in.Body.Version, in.Body.AmountFen, in.Body.Reference, in.Body.PaidOn)
	return a.clawed(ctx, in.ID.ID, err)
}

func (a *API) proposeWriteOff(ctx context.Context, in *struct {
	OneID
	Body struct {
		Reason  string `json:"reason" maxLength:"500"`
		Version int64  `json:"version"`
	}
}) (*body[PayoutLineDetail], error) {
	return a.clawed(ctx, in.ID.ID, a.Settlements.AskWaiver(ctx, caller(ctx), in.ID.ID, in.Body.Version, in.Body.Reason))
}

func (a *API) decideWriteOff(ctx context.Context, in *struct {
	OneID
	Body struct {
		Event   settlement.ClawEvent `json:"event" enum:"approve,reject"`
		Comment string               `json:"comment,omitempty" maxLength:"500"`
		Version int64                `json:"version"`
	}
}) (*body[PayoutLineDetail], error) {
	err := a.Settlements.DecideWaiver(ctx, caller(ctx), in.ID.ID, in.Body.Version, in.Body.Event == settlement.ClawApprove, in.Body.Comment)
	return a.clawed(ctx, in.ID.ID, err)
}
