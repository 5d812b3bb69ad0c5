package books

import (
	"context"

	"github.com/uptrace/bun"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
	"smedx/internal/ledger"
)

// LifeLine is one entry of the journal that a voucher's money was in.
type LifeLine struct {
	EntryID   id.ID         `json:"id"`
	At        clock.Instant `json:"at"`
	Kind      ledger.Kind   `json:"kind"`
	Word      string        `json:"word"`
	From      string        `json:"from" doc:"Where the money was, in words"`
	To        string        `json:"to"`
	AmountFen money.Fen     `json:"amountFen" doc:"Of this voucher, where several vouchers share an entry"`
	OrderID   id.ID         `json:"orderId,omitzero"`
	Seal      int64         `json:"seal,omitempty" doc:"Number of the seal that the entry lies under; absent while it is not sealed yet"`
	SealHash  string        `json:"sealHash,omitempty"`
}

// Life is a voucher from its grant to its end, by the journal.
type Life struct {
	Issued
	Parts    Parts      `json:"parts" doc:"Where its money is, by the journal"`
	OK       bool       `json:"ok" doc:"The parts sum to the face value and agree with the voucher"`
	Lines    []LifeLine `json:"lines" doc:"Oldest first"`
	Problems []Problem  `json:"problems"`
}

// LifeOf reads the life of a voucher.
func LifeOf(ctx context.Context, r db.Reader, voucherID id.ID) (Life, error) {
	v, err := oneVoucher(ctx, r, voucherID)
	if err != nil {
		return Life{}, err
	}
	out := Life{Issued: v, Lines: []LifeLine{}, Problems: []Problem{}}
	rows, err := lifeRows(ctx, r, voucherID)
	if err != nil {
		return out, err
	}
	entries := []id.ID{}
	for _, e := range rows {
		l := LifeLine{EntryID: e.ID, At: e.At, Kind: e.Kind, Word: KindWord(e.Kind), OrderID: e.order, AmountFen: e.amount, From: PartWord(e.from), To: PartWord(e.to)}
		out.move(e.from, -e.amount)
		out.move(e.to, e.amount)
		out.Lines = append(out.Lines, l)
		entries = append(entries, e.ID)
	}
	seals, err := ledger.SealsOf(ctx, r, entries...)
	for i, l := range out.Lines {
		if s, sealed := seals[l.EntryID]; sealed {
			out.Lines[i].Seal, out.Lines[i].SealHash = s.Seq, s.Hash
		}
	}
	out.judge()
	return out, err
}

func (l *Life) move(a ledger.Account, amount money.Fen) {
	part, _ := partOf(a)
	if at := l.Parts.at(part); at != nil && part != partBudget {
		*at += amount
	}
}

func (l *Life) judge() {
	differ := func(what string, journal, says money.Fen) {
		if journal != says {
			l.Problems = append(l.Problems, Problem{"服务券 " + l.ID.String(), what + "：流水账为 " + journal.String() + " 元，券面登记为 " + says.String() + " 元"})
		}
	}
	differ("各部分合计与面值", l.Parts.Sum(), l.FaceFen)
	differ("券上可用", l.Parts.Available, l.AvailableFen)
	differ("订单占用", l.Parts.Held, l.HeldFen)
	differ("已用于支付", l.Parts.Redeemed(), l.RedeemedFen)
	differ("已退回", l.Parts.Returned, l.ReturnedFen)
	l.OK = len(l.Problems) == 0
}

// lifeRow is an entry with the one move of it that is this voucher's.
type lifeRow struct {
	ID       id.ID
	At       clock.Instant
	Kind     ledger.Kind
	order    id.ID
	from, to ledger.Account
	amount   money.Fen
}

func lifeRows(ctx context.Context, r db.Reader, voucherID id.ID) ([]lifeRow, error) {
	var holds []struct {
		ID, OrderID id.ID
		Net         money.Fen
		Status      string
	}
	err := r.Raw(`SELECT id, order_id, amount_fen - restored_fen AS net, status FROM voucher_holds WHERE voucher_id = ?`, voucherID).Scan(ctx, &holds)
	if err != nil {
		return nil, err
	}
	orderOf, netOf := map[id.ID]id.ID{}, map[id.ID]money.Fen{}
	holdIDs, orderIDs := []id.ID{0}, []id.ID{0}
	for _, h := range holds {
		orderOf[h.ID] = h.OrderID
		holdIDs = append(holdIDs, h.ID)
		if h.Status == "redeemed" && h.Net > 0 {
			netOf[h.OrderID] = h.Net
			orderIDs = append(orderIDs, h.OrderID)
		}
	}
	var moves []struct{ ID, HoldID id.ID } // of claw-backs
	if err := r.Raw(`SELECT id, hold_id FROM clawback_moves WHERE hold_id IN (?)`, bun.List(holdIDs)).Scan(ctx, &moves); err != nil {
		return nil, err
	}
	moveIDs := []id.ID{0}
	for _, m := range moves {
		moveIDs = append(moveIDs, m.ID)
		orderOf[m.ID] = orderOf[m.HoldID]
	}
	var rows []struct {
		ID         id.ID
		At         clock.Instant
		Kind       ledger.Kind
		SourceKind string
		SourceID   id.ID
		Account    ledger.Account
		AmountFen  money.Fen
		Total      money.Fen // what all vouchers paid of the order
	}
	err = r.Raw(`
		SELECT j.id, j.at, j.kind, j.source_kind, j.source_id, p.account, p.amount_fen,
			(SELECT CAST(COALESCE(SUM(o.amount_fen - o.restored_fen), 0) AS BIGINT) FROM voucher_holds o WHERE j.source_kind = 'order' AND o.order_id = j.source_id AND o.status = 'redeemed') AS total
		FROM journal j JOIN postings p ON p.entry_id = j.id
		WHERE j.ledger = 'V' AND ((j.source_kind = 'voucher' AND j.source_id = ? AND j.kind IN (?))
		   OR (j.source_kind = 'hold' AND j.source_id IN (?) AND j.kind IN (?)) OR (j.source_kind = 'order' AND j.source_id IN (?) AND j.kind IN (?))
		   OR (j.source_kind = 'clawback' AND j.source_id IN (?) AND j.kind = ?))
		ORDER BY j.id, p.line`,
		voucherID, bun.List([]ledger.Kind{ledger.Grant, ledger.Expire, ledger.Revoke}),
		bun.List(holdIDs), bun.List([]ledger.Kind{ledger.Hold, ledger.Release, ledger.Redeem, ledger.Restore}),
		bun.List(orderIDs), bun.List([]ledger.Kind{ledger.SettleV, ledger.PayoutV}), bun.List(moveIDs), ledger.Clawback).Scan(ctx, &rows)
	if err != nil {
		return nil, err
	}
	var out []lifeRow
	for _, row := range rows {
		if n := len(out); n == 0 || out[n-1].ID != row.ID || row.AmountFen < 0 && out[n-1].to != "" {
			out = append(out, lifeRow{ID: row.ID, At: row.At, Kind: row.Kind})
		}
		e := &out[len(out)-1]
		switch row.SourceKind {
		case "hold", "clawback":
			e.order = orderOf[row.SourceID]
		case "order":
			e.order = row.SourceID
		}
		if row.AmountFen < 0 {
			e.from = row.Account
			continue
		}
		e.to, e.amount = row.Account, row.AmountFen
		if row.SourceKind == "order" && row.Total > 0 {
			e.amount = row.AmountFen.Share(int64(netOf[row.SourceID]), int64(row.Total))
		}
	}
	return out, nil
}
