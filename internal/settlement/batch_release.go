package settlement

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"smedx/internal/account"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
	"smedx/internal/notify"
	"smedx/internal/setting"
)

// SubmitBatch hands a batch to those who release money.
func (s *Service) SubmitBatch(ctx context.Context, who account.Principal, batchID id.ID, version int64) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		b, err := takeBatch(ctx, tx, batchID, version, Submit)
		if err != nil {
			return err
		}
		if err := s.unchanged(ctx, tx, b); err != nil {
			return err
		}
		b.SubmittedAt = clock.At(tx.Now())
		if err := moveBatch(ctx, tx, &b, Submit); err != nil {
			return err
		}
		err = s.tellStaff(ctx, tx, account.RoleDepartment, account.SettlementRelease, b.CreatedBy, notify.Message{
			Event: "payout_waiting", Title: "兑付批次待复核：" + b.Pay().Grouped() + " 元", Body: b.CreatedName + " 提交了兑付批次，共 " + fmt.Sprint(b.Lines) + " 笔，请复核。", Link: batchLink(b.ID),
		})
		if err != nil {
			return err
		}
		return note(ctx, tx, who, didBatchSubmit, "payout_batch", b.ID, b.ProviderOrg, map[string]any{"from": Batched, "to": b.Status})
	})
}

// DiscardBatch takes a batch apart that was not submitted.
func (s *Service) DiscardBatch(ctx context.Context, who account.Principal, batchID id.ID, version int64) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		b, err := takeBatch(ctx, tx, batchID, version, Discard)
		if err != nil {
			return err
		}
		return s.void(ctx, tx, who, &b, Discard, who.Username+" 撤销了批次")
	})
}

// digest is the hash of everything that an approval is given for: the account and
// the lines as the tables have them now.
func digest(ctx context.Context, r db.Reader, b Batch, parts []Part) (string, error) {
	a, err := accountOf(ctx, r, b.ProviderOrg)
	if err != nil {
		return "", err
	}
	ids := make([]id.ID, len(parts))
	for i, p := range parts {
		ids[i] = p.OrderID
	}
	var lines []Line
	if err := r.Select(&lines).Where("l.order_id IN (?)", bun.List(ids)).Scan(ctx); err != nil {
		return "", err
	}
	at := map[id.ID]Line{}
	for _, l := range lines {
		at[l.OrderID] = l
	}
	parts = slices.SortedFunc(slices.Values(parts), func(a, b Part) int { return cmp.Compare(a.OrderID, b.OrderID) })
	var text strings.Builder
	fmt.Fprintf(&text, "%v|%d|%s|%s|%s|%s\n", b.ProviderOrg, a.Version, a.Holder, a.Bank, a.BankCode, a.Number)
	for _, p := range parts {
		l := at[p.OrderID]
		fmt.Fprintf(&text, "%v|%d|%d|%d|%d|%s|%v\n", p.OrderID, l.VoucherFen, l.CashFen, p.OffsetFen, p.PayFen, l.InvoiceNo, l.InvoiceFile)
	}
	sum := sha256.Sum256([]byte(text.String()))
	return hex.EncodeToString(sum[:]), nil
}

// unchanged refuses when the account or a line is not what the batch was made of, or
// the provider is not to be paid now.
func (s *Service) unchanged(ctx context.Context, tx *db.Tx, b Batch) error {
	if err := s.inForce(ctx, tx, b.ProviderOrg); err != nil {
		return err
	}
	a, err := accountOf(ctx, tx, b.ProviderOrg)
	if err != nil {
		return err
	}
	if a.Version != b.AccountVersion {
		return ErrAccountChanged
	}
	parts, err := partsOf(ctx, tx, b.ID)
	if err != nil {
		return err
	}
	now, err := digest(ctx, tx, b, parts)
	if err == nil && now != b.Hash {
		err = ErrChanged
	}
	return err
}

// NeedsTwo tells whether a batch takes two persons' approval.
func (s *Service) NeedsTwo(ctx context.Context, r db.Reader, b Batch) (bool, error) {
	yuan, err := s.Settings.Number(ctx, r, setting.SecondRelease)
	return yuan > 0 && b.Pay() >= money.Fen(yuan*100), err
}

// Decide approves or rejects another person's batch. Above the sum of the settings
// it is approved when a second person has said so too. What comes with an approval
// holds or fails with it.
func (s *Service) Decide(ctx context.Context, who account.Principal, batchID id.ID, version int64, e Event, reason string, with ...db.Func) error {
	switch e {
	case Reject:
		if err := reasoned(&reason, "/reason"); err != nil {
			return err
		}
	case Approve:
		reason = strings.TrimSpace(reason)
	default:
		return errors.New("settlement: " + string(e) + " is not a decision")
	}
	return s.write(ctx, who, "payout_batch", batchID, func(ctx context.Context, tx *db.Tx) error {
		b, err := takeBatch(ctx, tx, batchID, version, e)
		if err != nil {
			return err
		}
		if b.CreatedBy == who.UserID {
			return ErrFourEyes
		}
		if e == Reject {
			b.DecidedBy, b.DecidedName, b.DecidedAt = who.UserID, who.Username, clock.At(tx.Now())
			return s.void(ctx, tx, who, &b, Reject, reason)
		}
		if b.FirstBy == who.UserID {
			return ErrFourEyes
		}
		if err := s.unchanged(ctx, tx, b); err != nil {
			return err
		}
		if err := db.Together(ctx, tx, with...); err != nil {
			return err
		}
		two, err := s.NeedsTwo(ctx, tx, b)
		if err != nil {
			return err
		}
		if two && b.FirstBy == 0 {
			return s.approveFirst(ctx, tx, who, b, reason)
		}
		return s.approve(ctx, tx, who, b, reason)
	})
}

// approveFirst keeps the first of two approvals; the batch waits for another person.
func (s *Service) approveFirst(ctx context.Context, tx *db.Tx, who account.Principal, b Batch, reason string) error {
	b.FirstBy, b.FirstName, b.FirstAt, b.FirstReason = who.UserID, who.Username, clock.At(tx.Now()), reason
	if err := stepBatch(ctx, tx, &b, ApproveFirst); err != nil {
		return err
	}
	err := s.tellStaff(ctx, tx, account.RoleDepartment, account.SettlementRelease, who.UserID, notify.Message{
		Event: "payout_waiting", Title: "兑付批次待第二人复核：" + b.Pay().Grouped() + " 元", Body: who.Username + " 已复核通过，金额较大，请另一人复核。", Link: batchLink(b.ID),
	})
	if err != nil {
		return err
	}
	return note(ctx, tx, who, didBatchApproveFirst, "payout_batch", b.ID, b.ProviderOrg, map[string]any{"voucherFen": b.VoucherFen, "cashFen": b.CashFen, "offsetFen": b.OffsetFen, "reason": reason})
}

func (s *Service) approve(ctx context.Context, tx *db.Tx, who account.Principal, b Batch, reason string) error {
	b.DecidedBy, b.DecidedName, b.DecidedAt, b.Reason = who.UserID, who.Username, clock.At(tx.Now()), reason
	if err := moveBatch(ctx, tx, &b, Approve); err != nil {
		return err
	}
	err := s.tellOne(ctx, tx, b.CreatedBy, notify.Message{Event: "payout_decided", Title: "兑付批次已通过复核", Body: "共 " + b.Pay().String() + " 元，待导出付款文件。", Link: batchLink(b.ID)})
	if err != nil {
		return err
	}
	return note(ctx, tx, who, didBatchApprove, "payout_batch", b.ID, b.ProviderOrg, map[string]any{"from": PendingApproval, "to": b.Status, "reason": reason})
}
