package settlement

import (
	"context"
	"strconv"
	"strings"

	"github.com/uptrace/bun"

	"smedx/internal/account"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/mask"
)

// Account is a version of the bank account that a provider is paid to.
type Account struct {
	bun.BaseModel `bun:"table:payout_accounts,alias:a"`

	OrgID       id.ID `bun:",pk"`
	Version     int64 `bun:",pk"`
	Holder      string
	Bank        string
	BankCode    string
	Number      string // sealed
	CreatedBy   id.ID
	CreatedName string
	CreatedAt   clock.Instant
}

// AccountDraft is what a provider enters. The holder is the company, as verified.
type AccountDraft struct {
	Bank     string
	BankCode string
	Number   string
}

func (d *AccountDraft) check() error {
	var bad errs.Fields
	d.Number = strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '　' {
			return -1
		}
		return r
	}, d.Number)
	d.BankCode = strings.TrimSpace(d.BankCode)
	required(&bad, &d.Bank, "/bank", 60)
	switch {
	case d.Number == "":
		bad.Add("/number", "field.required")
	case !digits(d.Number) || len(d.Number) < 8 || len(d.Number) > 32:
		bad.Add("/number", "settlement.account_number")
	}
	if d.BankCode != "" && (!digits(d.BankCode) || len(d.BankCode) != 12) {
		bad.Add("/bankCode", "settlement.bank_code")
	}
	return bad.Err()
}

func digits(s string) bool { return strings.Trim(s, "0123456789") == "" }

// ChangeAccount gives the caller's company another account. Batches that are not
// with the bank yet are void: they were approved for the old one.
func (s *Service) ChangeAccount(ctx context.Context, who account.Principal, version int64, in AccountDraft) (Account, error) {
	if err := in.check(); err != nil {
		return Account{}, err
	}
	var a Account
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := turn(ctx, tx, who.OrgID); err != nil {
			return err
		}
		if err := s.Firms.RequireVerified(ctx, tx, who.OrgID); err != nil {
			return err
		}
		names, err := s.Firms.Names(ctx, tx, who.OrgID)
		if err != nil {
			return err
		}
		last, err := accountOf(ctx, tx, who.OrgID)
		if err != nil {
			return err
		}
		if last.Version != version {
			return errs.ErrStale
		}
		a = Account{
			OrgID: who.OrgID, Version: version + 1, Holder: names[who.OrgID], Bank: in.Bank, BankCode: in.BankCode, Number: s.Box.Seal(in.Number),
			CreatedBy: who.UserID, CreatedName: who.Username, CreatedAt: clock.At(tx.Now()),
		}
		if _, err := tx.Insert(&a).Exec(ctx); err != nil {
			return err
		}
		var unsent []Batch
		err = tx.Select(&unsent).Where("b.provider_org = ? AND b.status IN (?, ?, ?)", who.OrgID, Batched, PendingApproval, Approved).Order("b.id").Scan(ctx)
		if err != nil {
			return err
		}
		for _, b := range unsent {
			if err := s.void(ctx, tx, who, &b, AccountChanged, "服务商变更了收款账户，原复核失效"); err != nil {
				return err
			}
		}
		err = s.tellProvider(ctx, tx, who.OrgID, "payout_account_changed", "收款账户已变更",
			who.Username+" 将收款账户变更为 "+in.Bank+" "+mask.Number(in.Number)+"。如非本企业操作，请立即修改密码并联系平台。")
		if err != nil {
			return err
		}
		return note(ctx, tx, who, didAccount, "organization", who.OrgID, who.OrgID, map[string]any{"version": strconv.FormatInt(a.Version, 10), "account": mask.Number(in.Number), "void": len(unsent)})
	})
	return a, err
}

// accountOf is the account in force; version 0 when there is none.
func accountOf(ctx context.Context, r db.Reader, orgID id.ID) (a Account, err error) {
	err = r.Select(&a).Where("a.org_id = ?", orgID).Order("a.version DESC").Limit(1).Scan(ctx)
	if db.IsNotFound(err) {
		return Account{OrgID: orgID}, nil
	}
	return a, err
}

// Accounts lists the versions of a company's account, newest first.
func (s *Service) Accounts(ctx context.Context, orgID id.ID) (list []Account, err error) {
	err = s.db.Select(&list).Where("a.org_id = ?", orgID).Order("a.version DESC").Limit(20).Scan(ctx)
	return list, err
}

// AccountAt is one version.
func (s *Service) AccountAt(ctx context.Context, orgID id.ID, version int64) (a Account, err error) {
	err = s.db.Select(&a).Where("a.org_id = ? AND a.version = ?", orgID, version).Scan(ctx)
	return a, err
}

// Shown is an account's number, masked.
func (s *Service) Shown(a Account) (string, error) {
	n, err := s.Box.Open(a.Number)
	if n == "" || err != nil {
		return "", err
	}
	return mask.Number(n), nil
}
