package voucher

import (
	"context"
	"slices"

	"github.com/uptrace/bun"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
	"smedx/internal/kit/page"
	"smedx/internal/ledger"
)

// Campaign reads one campaign with its vouchers, in any state.
func (s *Service) Campaign(ctx context.Context, campaignID id.ID) (Campaign, error) {
	return findCampaign(ctx, s.db, campaignID)
}

// Voucher reads one voucher of any company.
func (s *Service) Voucher(ctx context.Context, voucherID id.ID) (Voucher, error) {
	return findVoucher(ctx, s.db, voucherID)
}

// OwnVoucher reads one voucher of the company; another company's is not there.
func (s *Service) OwnVoucher(ctx context.Context, orgID, voucherID id.ID) (Voucher, error) {
	v, err := findVoucher(ctx, s.db, voucherID)
	if err == nil && v.OrgID != orgID {
		return Voucher{}, errs.ErrNotFound
	}
	return v, err
}

// OwnVouchers lists a company's vouchers, newest first; "" stands for every state.
func (s *Service) OwnVouchers(ctx context.Context, orgID id.ID, status Status, p page.Query) (list []Voucher, total int64, err error) {
	q := selectVouchers(s.db, &list).Where("v.org_id = ?", orgID)
	if status != "" {
		q = q.Where("v.status = ?", status)
	}
	total, err = page.Scan(ctx, q.Order("v.id DESC"), p, &list)
	return list, total, err
}

// Standing is what a company's vouchers can pay today.
type Standing struct {
	Usable   int64         // vouchers
	Balance  money.Fen     // of them together
	Expiring int64         // within 30 days
	NextEnd  clock.Instant // of the one that ends first
}

// StandingOf sums a company's usable vouchers, for the workbench.
func (s *Service) StandingOf(ctx context.Context, r db.Reader, orgID id.ID) (Standing, error) {
	now := clock.At(r.Now())
	const month = clock.Instant(30 * 24 * 3600 * 1000)
	var st Standing
	err := r.Raw(`
		SELECT COUNT(*) AS usable, CAST(COALESCE(SUM(available_fen), 0) AS BIGINT) AS balance,
			COALESCE(SUM(CASE WHEN expires_at <= ? THEN 1 ELSE 0 END), 0) AS expiring, COALESCE(MIN(expires_at), 0) AS next_end
		FROM vouchers WHERE org_id = ? AND status = ? AND available_fen > 0 AND valid_from <= ? AND expires_at > ?`,
		now+month, orgID, Active, now, now).Scan(ctx, &st)
	return st, err
}

// Movement is one step of a voucher's money. Its four changes are those of the
// voucher's amounts: all movements together are what the voucher says of itself.
type Movement struct {
	EntryID  id.ID
	At       clock.Instant
	Kind     ledger.Kind
	OrderID  id.ID     // zero for grant, expiry and revocation
	Amount   money.Fen // what moved, positive
	Change   money.Fen // of the available balance
	Held     money.Fen
	Redeemed money.Fen
	Returned money.Fen // to the campaign
	Balance  money.Fen // available after it
	Over     Status    // why what an order gave back went to the campaign: expired or revoked
}

// over says why a voucher could not take money back at an instant: a living one of
// that time would have.
func (v Voucher) over(at clock.Instant) Status {
	if v.Status == Revoked || at < v.ExpiresAt {
		return Revoked
	}
	return Expired
}

// Movements reads a voucher's movements from the journal, oldest first. Of a
// claw-back it knows what came back: until then it is the provider's debt.
func (s *Service) Movements(ctx context.Context, v Voucher) ([]Movement, error) {
	var holds []Hold
	if err := s.db.Select(&holds).Where("h.voucher_id = ?", v.ID).Scan(ctx); err != nil {
		return nil, err
	}
	orderOf := map[id.ID]id.ID{} // by hold, and by move of a claw-back
	sources, moves := []id.ID{0}, []id.ID{0}
	for _, h := range holds {
		orderOf[h.ID] = h.OrderID
		sources = append(sources, h.ID)
	}
	var back []struct{ ID, HoldID id.ID }
	if err := s.db.Raw(`SELECT id, hold_id FROM clawback_moves WHERE hold_id IN (?) AND kind = 'recovered'`, in(sources)).Scan(ctx, &back); err != nil {
		return nil, err
	}
	for _, m := range back {
		orderOf[m.ID] = orderOf[m.HoldID]
		moves = append(moves, m.ID)
	}
	var rows []struct {
		ID         id.ID
		At         clock.Instant
		Kind       ledger.Kind
		SourceKind string
		SourceID   id.ID
		Account    ledger.Account
		AmountFen  money.Fen
	}
	err := s.db.Raw(`
		SELECT j.id, j.at, j.kind, j.source_kind, j.source_id, p.account, p.amount_fen
		FROM journal j JOIN postings p ON p.entry_id = j.id
		WHERE (j.kind IN (?) AND j.source_kind = 'voucher' AND j.source_id = ?)
		   OR (j.kind IN (?) AND j.source_kind = 'hold' AND j.source_id IN (?))
		   OR (j.kind = ? AND j.source_kind = 'clawback' AND j.source_id IN (?))
		ORDER BY j.id, p.line`,
		in([]ledger.Kind{ledger.Grant, ledger.Expire, ledger.Revoke}), v.ID,
		in([]ledger.Kind{ledger.Hold, ledger.Release, ledger.Redeem, ledger.Restore}), in(sources), ledger.Clawback, in(moves)).Scan(ctx, &rows)
	if err != nil {
		return nil, err
	}
	var all []Movement
	var balance money.Fen
	own, campaign := ledger.Available(v.ID), ledger.Returned(v.CampaignID)
	for _, r := range rows {
		if n := len(all); n == 0 || all[n-1].EntryID != r.ID {
			m := Movement{EntryID: r.ID, At: r.At, Kind: r.Kind, Balance: balance}
			if r.SourceKind != "voucher" {
				m.OrderID = orderOf[r.SourceID]
			}
			all = append(all, m)
		}
		m := &all[len(all)-1]
		if r.AmountFen > 0 {
			m.Amount += r.AmountFen
		}
		switch {
		case r.Account == own:
			balance += r.AmountFen
			m.Change += r.AmountFen
			m.Balance = balance
		case r.Account == campaign:
			m.Returned += r.AmountFen
			if r.SourceKind == "hold" {
				m.Over = v.over(r.At)
			}
		case r.SourceKind == "hold" && r.Account == ledger.Held(r.SourceID):
			m.Held += r.AmountFen
		case r.Kind != ledger.Grant: // paid with an order, on its way to the provider or back from there
			m.Redeemed += r.AmountFen
		}
	}
	return all, nil
}

// ProviderUse is a voucher that paid a provider's order.
type ProviderUse struct {
	bun.BaseModel `bun:"table:voucher_holds,alias:h"`

	HoldID     id.ID
	OrderID    id.ID
	VoucherID  id.ID
	Name       string
	FaceValue  money.Fen
	Balance    money.Fen // what the company can still use of it
	Used       money.Fen // paid with this order
	Restored   money.Fen // of it, when the order was taken back
	Status     Status
	ValidFrom  clock.Instant
	ExpiresAt  clock.Instant
	RedeemedAt clock.Instant
}

// RedeemedWith lists the vouchers that were redeemed with a provider, newest first.
func (s *Service) RedeemedWith(ctx context.Context, providerOrg id.ID, p page.Query) (list []ProviderUse, total int64, err error) {
	q := s.db.Select(&list).
		ColumnExpr("h.id AS hold_id, h.order_id, h.voucher_id, cv.name, v.face_value_fen AS face_value, v.available_fen AS balance").
		ColumnExpr("h.amount_fen AS used, h.restored_fen AS restored, v.status, v.valid_from, v.expires_at, h.resolved_at AS redeemed_at").
		Join("JOIN vouchers AS v ON v.id = h.voucher_id").
		Join("JOIN campaign_vouchers AS cv ON cv.id = v.campaign_voucher_id").
		Where("h.provider_org = ? AND h.status = ?", providerOrg, HoldRedeemed)
	total, err = page.Scan(ctx, q.Order("h.resolved_at DESC", "h.id DESC"), p, &list)
	return list, total, err
}

// ListedCampaigns lists what companies and visitors see: coming, open, sold out
// and paused campaigns, those that end first on top; or those that are over, the last
// one on top, with what their draws gave and why they were canceled.
func (s *Service) ListedCampaigns(ctx context.Context, over bool, p page.Query) ([]Campaign, int64, error) {
	var list []Campaign
	now := clock.At(s.db.Now())
	q := s.db.Select(&list)
	if over {
		q = q.Where("c.status IN (?) OR c.status IN (?) AND c.closes_at <= ? OR c.status = ? AND c.approved_at > 0", in([]CampaignStatus{Ended, Closed}), in(Listed), now, Canceled).
			Order("c.closes_at DESC", "c.id DESC")
	} else {
		q = q.Where("c.status IN (?)", in(Listed)).Where("c.closes_at > ?", now).Order("c.closes_at", "c.id")
	}
	total, err := page.Scan(ctx, q, p, &list)
	if err != nil {
		return nil, 0, err
	}
	return list, total, withVouchers(ctx, s.db, list)
}

// Campaigns lists campaigns for the staff, newest first; "" stands for every state.
func (s *Service) Campaigns(ctx context.Context, status CampaignStatus, name string, p page.Query) ([]Campaign, int64, error) {
	var list []Campaign
	q := s.db.Select(&list)
	if status != "" {
		q = q.Where("c.status = ?", status)
	}
	if name != "" {
		q = q.Where("c.name LIKE ? ESCAPE '!'", "%"+escapeLike(name)+"%")
	}
	total, err := page.Scan(ctx, q.Order("c.id DESC"), p, &list)
	if err != nil {
		return nil, 0, err
	}
	return list, total, withVouchers(ctx, s.db, list)
}

func escapeLike(text string) string {
	var out []rune
	for _, r := range text {
		if r == '%' || r == '_' || r == '!' {
			out = append(out, '!')
		}
		out = append(out, r)
	}
	return string(out)
}

func withVouchers(ctx context.Context, r db.Reader, list []Campaign) error {
	if len(list) == 0 {
		return nil
	}
	ids := make([]id.ID, len(list))
	for i, c := range list {
		ids[i] = c.ID
	}
	var all []CampaignVoucher
	if err := r.Select(&all).Where("cv.campaign_id IN (?)", in(ids)).Order("cv.position", "cv.id").Scan(ctx); err != nil {
		return err
	}
	for _, v := range all {
		i := slices.Index(ids, v.CampaignID)
		list[i].Vouchers = append(list[i].Vouchers, v)
	}
	return nil
}

// Now shows the state that time gives a campaign before a sweep has written it.
func (c Campaign) Now(at clock.Instant) CampaignStatus {
	switch {
	case (c.Status == Scheduled || c.Status == Open || c.Status == SoldOut || c.Status == Paused) && c.ClosesAt <= at:
		return Ended
	case c.Status == Scheduled && c.OpensAt <= at:
		return Open
	}
	return c.Status
}

// Figures are a campaign's money at this moment; their sum is what was funded.
type Figures struct {
	Unissued  money.Fen
	Available money.Fen
	Held      money.Fen
	Redeemed  money.Fen // in escrow, payable or paid
	Returned  money.Fen
	Released  money.Fen // back in the budget, of a campaign that was canceled before its first voucher
	Issued    int64     // vouchers
	Companies int64
}

// Sum is what was funded, if the books are right.
func (f Figures) Sum() money.Fen {
	return f.Unissued + f.Available + f.Held + f.Redeemed + f.Returned + f.Released
}

// FiguresOf sums a campaign's vouchers.
func (s *Service) FiguresOf(ctx context.Context, c Campaign) (Figures, error) {
	var f Figures
	err := s.db.Raw(`
		SELECT COUNT(*) AS issued, COUNT(DISTINCT org_id) AS companies,
			CAST(COALESCE(SUM(available_fen), 0) AS BIGINT) AS available, CAST(COALESCE(SUM(held_fen), 0) AS BIGINT) AS held,
			CAST(COALESCE(SUM(redeemed_fen), 0) AS BIGINT) AS redeemed
		FROM vouchers WHERE campaign_id = ?`, c.ID).Scan(ctx, &f)
	if err != nil {
		return f, err
	}
	if c.Status == Canceled {
		f.Released = c.Released
	}
	if f.Unissued, err = ledger.Balance(ctx, s.db, ledger.Budget(c.ID)); err != nil {
		return f, err
	}
	f.Returned, err = ledger.Balance(ctx, s.db, ledger.Returned(c.ID))
	return f, err
}

// Types lists voucher types, newest first; retired ones only when asked for.
func (s *Service) Types(ctx context.Context, retired bool, p page.Query) (list []Type, total int64, err error) {
	q := s.db.Select(&list)
	if !retired {
		q = q.Where("retired = ?", false)
	}
	total, err = page.Scan(ctx, q.Order("id DESC"), p, &list)
	return list, total, err
}

// Type reads one voucher type.
func (s *Service) Type(ctx context.Context, typeID id.ID) (Type, error) {
	return findType(ctx, s.db, typeID)
}
