// Package ledger keeps the double-entry books: V for voucher money, C for cash.
//
// Entries balance to zero, are append-only and happen once for each business
// event. The package knows no business module; they post through it and it
// answers balances, seals and checks.
package ledger

import (
	"context"
	"errors"
	"fmt"

	"github.com/uptrace/bun"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
)

// Book names a ledger.
type Book string

// The two books. Voucher money is public subsidy and never turns into cash for a buyer.
const (
	Vouchers Book = "V"
	Cash     Book = "C"
)

// Kind says which business event an entry records.
type Kind string

// Kinds of entries, with the accounts they move money between.
const (
	Fund         Kind = "fund"          // V1 treasury -> budget:{campaign}
	Unfund       Kind = "unfund"        // reverse of V1: budget -> treasury
	Grant        Kind = "grant"         // V2 budget -> voucher available
	Hold         Kind = "hold"          // V3 available -> held
	Release      Kind = "release"       // V4 held -> available or returned
	Redeem       Kind = "redeem"        // V5 held -> escrow_v:{order}
	SettleV      Kind = "settle_v"      // V6 escrow_v -> subsidy_payable:{provider}
	PayoutV      Kind = "payout_v"      // V7 subsidy_payable -> subsidy_paid
	Restore      Kind = "restore"       // V8 escrow_v -> available or returned
	Clawback     Kind = "clawback"      // V9
	Expire       Kind = "expire"        // V10 available -> returned
	Revoke       Kind = "revoke"        // V11 available -> returned
	CloseBudget  Kind = "close_budget"  // leftover budget -> returned at the campaign's end
	Capture      Kind = "capture"       // C1 gateway -> escrow_c:{order}
	Suspense     Kind = "suspense"      // C2 gateway -> suspense:{payment}
	RefundAsk    Kind = "refund_ask"    // C3 escrow_c or suspense -> refund_pending
	RefundDone   Kind = "refund_done"   // C4 refund_pending -> gateway
	RefundFailed Kind = "refund_failed" // C5 refund_pending -> back
	SettleC      Kind = "settle_c"      // C6 escrow_c -> payable_c:{provider}
	PayoutC      Kind = "payout_c"      // C7 payable_c -> paid_c
)

// Account is one account's name. Build it with the functions below only.
type Account string

// Treasury is the contra account of all voucher money.
const Treasury Account = "treasury"

func account(kind string, of id.ID) Account { return Account(kind + ":" + of.String()) }

// Budget is the unissued money of a campaign.
func Budget(campaign id.ID) Account { return account("budget", campaign) }

// Available is what a voucher can still be held for.
func Available(voucher id.ID) Account { return account("voucher_available", voucher) }

// Held is what an order holds of a voucher until it is paid or canceled; one account per hold.
func Held(hold id.ID) Account { return account("voucher_held", hold) }

// EscrowV is voucher money of a paid order before acceptance.
func EscrowV(order id.ID) Account { return account("escrow_v", order) }

// SubsidyPayable is voucher money owed to a provider.
func SubsidyPayable(provider id.ID) Account { return account("subsidy_payable", provider) }

// SubsidyPaid is voucher money paid out to a provider.
func SubsidyPaid(provider id.ID) Account { return account("subsidy_paid", provider) }

// Returned is voucher money that went back from a campaign.
func Returned(campaign id.ID) Account { return account("returned", campaign) }

// ClawbackReceivable is voucher money that a provider must give back.
func ClawbackReceivable(provider id.ID) Account { return account("clawback_receivable", provider) }

// Gateway is the contra account of one payment channel.
func Gateway(channel string) Account { return Account("gateway:" + channel) }

// SuspenseOf is cash that belongs to no open order: wrong amount, late, twice.
func SuspenseOf(payment id.ID) Account { return account("suspense", payment) }

// EscrowC is the cash of a paid order before acceptance.
func EscrowC(order id.ID) Account { return account("escrow_c", order) }

// RefundPending is cash on its way back.
func RefundPending(refund id.ID) Account { return account("refund_pending", refund) }

// PayableC is cash owed to a provider.
func PayableC(provider id.ID) Account { return account("payable_c", provider) }

// PaidC is cash paid out to a provider.
func PaidC(provider id.ID) Account { return account("paid_c", provider) }

// Source is the business row that an entry belongs to: one entry per kind and source.
type Source struct {
	Kind string // "campaign", "campaign_change", "voucher", "hold", "order", "payment", "refund", "clawback" (a move of one)
	ID   id.ID
}

// Move takes an amount from one account to another.
type Move struct {
	From, To Account
	Amount   money.Fen // positive
}

// ErrPosted says that this event is in the books already.
var ErrPosted = errors.New("ledger: the event has been posted before")

type entryRow struct {
	bun.BaseModel `bun:"table:journal"`

	ID         id.ID `bun:",pk"`
	Ledger     Book
	At         clock.Instant
	Kind       Kind
	SourceKind string
	SourceID   id.ID
	Reverses   id.ID
}

type postingRow struct {
	bun.BaseModel `bun:"table:postings"`

	EntryID   id.ID     `bun:",pk"`
	Line      int64     `bun:",pk"`
	Account   Account   //
	AmountFen money.Fen //
}

// An Event is one business event and the money it moves.
type Event struct {
	Source Source
	Moves  []Move
}

// Post writes one entry of balanced moves within tx and returns its id. An event
// that is in the books already gives ErrPosted and changes nothing.
func Post(ctx context.Context, tx *db.Tx, book Book, kind Kind, source Source, moves ...Move) (id.ID, error) {
	ids, err := PostAll(ctx, tx, book, kind, Event{source, moves})
	if err != nil {
		return 0, err
	}
	return ids[0], nil
}

// PostAll writes one entry for each of many events of a kind, in two statements,
// and returns their ids. If one of them is in the books already, it gives
// ErrPosted and the transaction must not be kept.
func PostAll(ctx context.Context, tx *db.Tx, book Book, kind Kind, events ...Event) ([]id.ID, error) {
	if len(events) == 0 {
		return nil, nil
	}
	var (
		entries = make([]entryRow, 0, len(events))
		ids     = make([]id.ID, 0, len(events))
		lines   = make([]postingRow, 0, 2*len(events))
	)
	for _, e := range events {
		entry := entryRow{ID: id.New(), Ledger: book, At: clock.At(tx.Now()), Kind: kind, SourceKind: e.Source.Kind, SourceID: e.Source.ID}
		if len(e.Moves) == 0 {
			return nil, fmt.Errorf("ledger: %s of %s %v moves nothing", kind, e.Source.Kind, e.Source.ID)
		}
		for i, m := range e.Moves {
			if m.Amount <= 0 || m.From == m.To {
				return nil, fmt.Errorf("ledger: %s of %s %v moves %v from %s to %s", kind, e.Source.Kind, e.Source.ID, m.Amount, m.From, m.To)
			}
			n := int64(2 * i)
			lines = append(lines,
				postingRow{EntryID: entry.ID, Line: n + 1, Account: m.From, AmountFen: -m.Amount},
				postingRow{EntryID: entry.ID, Line: n + 2, Account: m.To, AmountFen: m.Amount})
		}
		entries, ids = append(entries, entry), append(ids, entry.ID)
	}
	if err := tx.InsertAllNew(ctx, entries, ErrPosted); err != nil {
		return nil, err
	}
	return ids, tx.InsertAll(ctx, lines)
}

// Balance is the sum of an account's postings.
func Balance(ctx context.Context, r db.Reader, a Account) (sum money.Fen, err error) {
	err = r.Raw(`SELECT COALESCE(SUM(amount_fen), 0) FROM postings WHERE account = ?`, a).Scan(ctx, &sum)
	return sum, err
}
