package voucher

import (
	"context"
	"log/slog"
	"strings"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"smedx/internal/account"
	"smedx/internal/audit"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
	"smedx/internal/kit/page"
)

// ApplicationStatus is where an application for a voucher stands.
type ApplicationStatus string

// The states of an application.
const (
	Applied   ApplicationStatus = "applied"
	Granted   ApplicationStatus = "granted"
	Refused   ApplicationStatus = "rejected"
	Withdrawn ApplicationStatus = "withdrawn"
	Lapsed    ApplicationStatus = "lapsed" // the campaign closed before a decision
)

// ApplicationEvent is what can happen to an application.
type ApplicationEvent string

// The events of an application.
const (
	GrantIt    ApplicationEvent = "approve"
	RefuseIt   ApplicationEvent = "reject"
	WithdrawIt ApplicationEvent = "withdraw"
	LapseIt    ApplicationEvent = "lapse"
)

// ApplicationFlow is the state machine of an application.
var ApplicationFlow = map[ApplicationStatus]map[ApplicationEvent]ApplicationStatus{
	Applied:   {GrantIt: Granted, RefuseIt: Refused, WithdrawIt: Withdrawn, LapseIt: Lapsed},
	Granted:   {},
	Refused:   {},
	Withdrawn: {},
	Lapsed:    {},
}

// ErrDrawn says that applications of this campaign are decided by lot.
var ErrDrawn = errs.New(errs.Conflict, "voucher.decided_by_lot")

// ErrReasonMissing says that a decision needs a reason.
var ErrReasonMissing = errs.New(errs.Invalid, "voucher.reason_missing")

// Application is a company's request for a voucher of a campaign of mode application.
type Application struct {
	bun.BaseModel `bun:"table:voucher_applications,alias:a"`

	ID                id.ID `bun:",pk"`
	CampaignID        id.ID
	CampaignVoucherID id.ID
	OrgID             id.ID
	Statement         string
	Status            ApplicationStatus
	Reason            string
	VoucherID         id.ID
	AppliedBy         id.ID
	AppliedAt         clock.Instant
	DecidedBy         id.ID
	DecidedName       string
	DecidedAt         clock.Instant

	VoucherName string    `bun:",scanonly"`
	FaceValue   money.Fen `bun:"face_value_fen,scanonly"`
	Ticket      string    `bun:"-"` // of a draw
}

// Apply asks for the company's next voucher of a campaign of mode application.
// Without review it is granted at once; with review an open application is
// answered again instead of making a second one. A company that has all it may
// have gets its last granted application again (replayed).
func (s *Service) Apply(ctx context.Context, who account.Principal, campaignVoucherID id.ID, statement string) (a Application, replayed bool, err error) {
	statement = strings.TrimSpace(statement)
	if utf8.RuneCountInString(statement) > 500 {
		var bad errs.Fields
		bad.Add("/statement", "field.too_long", "max", 500)
		return a, false, bad.Err()
	}
	if err := s.pace.refusal(who.OrgID, who.IP, s.db.Now()); err != nil {
		return a, false, err
	}
	o, err := s.offer(ctx, campaignVoucherID)
	if err != nil {
		return a, false, err
	}
	var c Campaign
	left := int64(-1)
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		left, replayed = -1, false
		var cv CampaignVoucher
		var err error
		if c, cv, err = readOffer(ctx, tx, campaignVoucherID); err != nil {
			return err
		}
		mine, err := applicationsOf(ctx, tx, campaignVoucherID, who.OrgID)
		if err != nil {
			return err
		}
		var had int64
		for _, m := range mine {
			switch m.Status {
			case Applied:
				a, replayed = m, true
				return nil
			case Granted:
				if had++; had == 1 || c.PerOrg > 1 {
					a = m
				}
			case Refused, Withdrawn, Lapsed: // may try again
			}
		}
		if had >= c.PerOrg {
			replayed = true
			return nil
		}
		if err := c.Claimable(ByRequest, tx.Now()); err != nil {
			return err
		}
		if cv.Remaining == 0 {
			return ErrSoldOut
		}
		company, err := s.company(ctx, tx, who.OrgID)
		if err != nil {
			return err
		}
		if err := c.Rules.refusal(company); err != nil {
			return err
		}
		a = Application{
			ID: id.New(), CampaignID: c.ID, CampaignVoucherID: cv.ID, OrgID: who.OrgID, Statement: statement,
			Status: Applied, AppliedBy: who.UserID, AppliedAt: clock.At(tx.Now()),
		}
		if c.AutoGrant {
			v := newVoucher(cv, who.OrgID, had+1, company, tx)
			fresh, err := tx.InsertNew(ctx, &v)
			if err != nil {
				return err
			}
			if !fresh {
				return errs.ErrStale // the same company applies twice at once: the other one wins
			}
			if left, err = takeInWindow(ctx, tx, cv.ID); err != nil {
				return err
			}
			if err := s.granted(ctx, tx, who, v, "voucher.apply"); err != nil {
				return err
			}
			a.Status, a.VoucherID, a.DecidedAt = Granted, v.ID, a.AppliedAt
			_, err = tx.Insert(&a).Exec(ctx)
			return err
		}
		fresh, err := tx.InsertNew(ctx, &a)
		if err != nil {
			return err
		}
		if !fresh {
			return errs.ErrStale
		}
		return audit.Write(ctx, tx, who.Actor(), audit.Entry{
			Action: "voucher.apply", ObjectKind: "voucher_application", ObjectID: a.ID, SubjectOrg: who.OrgID,
			Detail: map[string]any{"campaign": c.ID, "campaignVoucher": cv.ID},
		})
	})
	if err != nil {
		return Application{}, false, err
	}
	if left == 0 {
		o.soldOut()
		s.noteSoldOut(ctx, c.ID)
	}
	return a, replayed, nil
}

// noteSoldOut marks a campaign in a transaction of its own; the sweep repeats it if it fails.
func (s *Service) noteSoldOut(ctx context.Context, campaignID id.ID) {
	if err := s.sellOut(ctx, campaignID); err != nil {
		slog.WarnContext(ctx, "a campaign could not be marked as sold out; the next sweep does it", "campaign", campaignID, "error", err)
	}
}

// DecideApplication grants or rejects an open application. Whoever applied
// cannot decide; a rejection needs a reason. The stock and the company are asked
// again, because time has passed.
func (s *Service) DecideApplication(ctx context.Context, who account.Principal, applicationID id.ID, event ApplicationEvent, reason string) (Application, error) {
	reason = strings.TrimSpace(reason)
	if event == RefuseIt && reason == "" {
		return Application{}, ErrReasonMissing
	}
	var a Application
	left := int64(-1)
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		left = -1
		var err error
		if a, err = findApplication(ctx, tx, applicationID); err != nil {
			return err
		}
		to, ok := ApplicationFlow[a.Status][event]
		switch {
		case !ok || event == WithdrawIt || event == LapseIt:
			return errs.ErrInvalidState.In(string(a.Status))
		case a.AppliedBy == who.UserID:
			return errs.ErrForbidden
		}
		if c, _, err := readOffer(ctx, tx, a.CampaignVoucherID); err != nil {
			return err
		} else if c.Draw {
			return ErrDrawn
		}
		a.Reason, a.DecidedBy, a.DecidedName, a.DecidedAt = reason, who.UserID, who.Username, clock.At(tx.Now())
		if to == Granted {
			if a.VoucherID, left, err = s.grantApplication(ctx, tx, who, a); err != nil {
				return err
			}
		}
		if err := moveApplication(ctx, tx, who, &a, to); err != nil {
			return err
		}
		return s.tellDecided(ctx, tx, a)
	})
	if err == nil && left == 0 {
		s.noteSoldOut(ctx, a.CampaignID)
	}
	return a, err
}

func (s *Service) grantApplication(ctx context.Context, tx *db.Tx, who account.Principal, a Application) (voucherID id.ID, left int64, err error) {
	c, cv, err := readOffer(ctx, tx, a.CampaignVoucherID)
	if err != nil {
		return 0, 0, err
	}
	switch c.Status {
	case Open, SoldOut, Ended: // applied in time, so a decision after the end still counts
	case Paused:
		return 0, 0, ErrPaused
	case Draft, Pending, Scheduled, Closed, Canceled:
		return 0, 0, errs.ErrInvalidState.In(string(c.Status))
	}
	company, err := s.company(ctx, tx, a.OrgID)
	if err != nil {
		return 0, 0, err
	}
	if err := c.Rules.refusal(company); err != nil {
		return 0, 0, err
	}
	var had int64
	if err := tx.Raw(`SELECT COUNT(*) FROM vouchers WHERE campaign_voucher_id = ? AND org_id = ?`, cv.ID, a.OrgID).Scan(ctx, &had); err != nil {
		return 0, 0, err
	}
	if had >= c.PerOrg {
		return 0, 0, ErrLimit.With("max", c.PerOrg)
	}
	if cv.Remaining == 0 && (c.Status == Ended || c.ClosesAt <= clock.At(tx.Now())) {
		return 0, 0, ErrQuotaFinal
	}
	v := newVoucher(cv, a.OrgID, had+1, company, tx)
	if v.ExpiresAt <= clock.At(tx.Now()) {
		return 0, 0, ErrEnded
	}
	fresh, err := tx.InsertNew(ctx, &v)
	if err != nil {
		return 0, 0, err
	}
	if !fresh {
		return 0, 0, errs.ErrStale
	}
	if left, err = takeAfterReview(ctx, tx, cv.ID); err != nil {
		return 0, 0, err
	}
	return v.ID, left, s.granted(ctx, tx, who, v, "voucher.grant")
}

// WithdrawApplication takes the company's own open application back.
func (s *Service) WithdrawApplication(ctx context.Context, who account.Principal, applicationID id.ID) (Application, error) {
	var a Application
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		var err error
		if a, err = findApplication(ctx, tx, applicationID); err != nil {
			return err
		}
		if a.OrgID != who.OrgID {
			return errs.ErrNotFound
		}
		to, ok := ApplicationFlow[a.Status][WithdrawIt]
		if !ok {
			return errs.ErrInvalidState.In(string(a.Status))
		}
		c, _, err := readOffer(ctx, tx, a.CampaignVoucherID)
		if err != nil {
			return err
		}
		if c.Draw && c.ClosesAt <= clock.At(tx.Now()) {
			return ErrEnded // the list that is drawn from stands
		}
		a.DecidedAt = clock.At(tx.Now())
		return moveApplication(ctx, tx, who, &a, to)
	})
	return a, err
}

func moveApplication(ctx context.Context, tx *db.Tx, who account.Principal, a *Application, to ApplicationStatus) error {
	from := a.Status
	a.Status = to
	ok, err := tx.ExecOne(ctx, `
		UPDATE voucher_applications SET status = ?, reason = ?, voucher_id = ?, decided_by = ?, decided_name = ?, decided_at = ?
		WHERE id = ? AND status = ?`, to, a.Reason, a.VoucherID, a.DecidedBy, a.DecidedName, a.DecidedAt, a.ID, from)
	switch {
	case err != nil:
		return err
	case !ok:
		return errs.ErrStale
	}
	return audit.Write(ctx, tx, who.Actor(), audit.Entry{
		Action: "voucher.application_" + string(to), ObjectKind: "voucher_application", ObjectID: a.ID, SubjectOrg: a.OrgID,
		Detail: map[string]any{"campaign": a.CampaignID, "reason": a.Reason},
	})
}

func findApplication(ctx context.Context, r db.Reader, applicationID id.ID) (Application, error) {
	var a Application
	err := r.Select(&a).ColumnExpr("a.*, cv.name AS voucher_name, cv.face_value_fen").
		Join("JOIN campaign_vouchers AS cv ON cv.id = a.campaign_voucher_id").Where("a.id = ?", applicationID).Scan(ctx)
	if db.IsNotFound(err) {
		err = errs.ErrNotFound
	}
	return a, err
}

func applicationsOf(ctx context.Context, r db.Reader, campaignVoucherID, orgID id.ID) ([]Application, error) {
	var all []Application
	err := r.Select(&all).Where("a.campaign_voucher_id = ? AND a.org_id = ?", campaignVoucherID, orgID).Order("a.id").Scan(ctx)
	return all, err
}

// Waiting is how many applications of a campaign wait for the operator, and since when the oldest does.
type Waiting struct {
	CampaignID id.ID
	Name       string
	Count      int64
	Oldest     clock.Instant
}

// WaitingApplications answers which campaigns have applications to decide; lots are drawn, not decided.
func (s *Service) WaitingApplications(ctx context.Context) (list []Waiting, err error) {
	err = s.db.Raw(`SELECT c.id AS campaign_id, c.name, count(*) AS count, min(a.applied_at) AS oldest
		FROM campaigns AS c JOIN voucher_applications AS a ON a.campaign_id = c.id AND a.status = ?
		WHERE c.mode = ? AND NOT c.auto_grant AND NOT c.draw AND c.status NOT IN ('draft', 'pending', 'canceled')
		GROUP BY c.id, c.name ORDER BY oldest LIMIT 20`, Applied, ByRequest).Scan(ctx, &list)
	return list, err
}

// Applications lists the applications of a campaign for the operator, oldest first.
func (s *Service) Applications(ctx context.Context, campaignID id.ID, status ApplicationStatus, p page.Query) (list []Application, total int64, err error) {
	q := s.db.Select(&list).ColumnExpr("a.*, cv.name AS voucher_name, cv.face_value_fen").
		Join("JOIN campaign_vouchers AS cv ON cv.id = a.campaign_voucher_id").Where("a.campaign_id = ?", campaignID)
	if status != "" {
		q = q.Where("a.status = ?", status)
	}
	total, err = page.Scan(ctx, q.Order("a.id"), p, &list)
	return list, total, err
}
