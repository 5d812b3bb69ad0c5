package demo

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"smedx/internal/account"
	"smedx/internal/catalog"
	"smedx/internal/content"
	"smedx/internal/delivery"
	"smedx/internal/expert"
	"smedx/internal/file"
	"smedx/internal/fund"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
	"smedx/internal/order"
	"smedx/internal/org"
	"smedx/internal/payment"
	"smedx/internal/rating"
	"smedx/internal/review"
	"smedx/internal/settlement"
	"smedx/internal/survey"
	"smedx/internal/voucher"
)

// Password is the one of every demonstration account.
const Password = "Demo#2026smedx"

// ErrPartly says that an earlier load was interrupted.
var ErrPartly = errors.New("the demonstration data were loaded only in part; start with an empty data folder")

// Services are what users would reach through the pages.
type Services struct {
	DB         *db.DB
	Files      *file.Service
	Accounts   *account.Service
	Orgs       *org.Service
	Reviews    *review.Service
	Experts    *expert.Service
	Catalog    *catalog.Service
	Funds      *fund.Service
	Vouchers   *voucher.Service
	Orders     *order.Service
	Payments   *payment.Service
	Cashier    *payment.Simulated
	Deliveries *delivery.Service
	Ratings    *rating.Service
	Content    *content.Service
	Surveys    *survey.Service
	Payouts    *settlement.Service
}

// loader plays the users' acts in the order of time. Each act is put on the
// agenda with its day; while it runs the platform's clock shows that day.
type loader struct {
	Services
	ctx      context.Context
	data     Data
	now      time.Time
	password account.Hashed
	agenda   []act
	next     int

	staff       map[string]account.Principal
	companies   map[string]account.Principal // providers and enterprises by key
	experts     []account.Principal
	surveys     map[string]survey.Survey
	offerings   map[string]offering
	budgets     map[string]fund.Budget
	types       map[string]voucher.Type
	campaigns   map[string]voucher.Campaign
	pictures    drawings
	uploaded    map[string]id.ID // by company, purpose and drawing
	ratingsUsed map[int]int
}

type offering struct {
	id    id.ID
	plans []id.ID
}

type act struct {
	at   time.Time
	seq  int
	name string
	do   func() error
}

// Load plays the data set into an empty platform, once. The clock is moved for
// the time of the call, so nothing else may be served meanwhile.
func Load(ctx context.Context, s Services) error {
	var done int64
	if err := s.DB.Raw(`SELECT count(*) FROM demo_loads`).Scan(ctx, &done); err != nil || done > 0 {
		return err
	}
	var users int64
	if err := s.DB.Raw(`SELECT count(*) FROM users WHERE username = 'operator_demo'`).Scan(ctx, &users); err != nil {
		return err
	}
	if users > 0 {
		return ErrPartly
	}
	data, err := Read()
	if err != nil {
		return err
	}
	l := &loader{
		Services: s, ctx: ctx, data: data, now: s.DB.Now(),
		staff: map[string]account.Principal{}, companies: map[string]account.Principal{}, surveys: map[string]survey.Survey{},
		offerings: map[string]offering{}, budgets: map[string]fund.Budget{}, types: map[string]voucher.Type{},
		campaigns: map[string]voucher.Campaign{}, pictures: drawings{makers: map[string]func() []byte{}}, uploaded: map[string]id.ID{},
		ratingsUsed: map[int]int{},
	}
	began := time.Now()
	defer s.DB.Clock().Shift(0)
	if l.password, err = s.Accounts.Hash(ctx, Password); err != nil {
		return err
	}
	wanted, stop := context.WithCancel(ctx)
	drawn := l.draw(wanted)
	defer func() { stop(); <-drawn }()
	l.people()
	l.publications()
	l.listings()
	l.scheme()
	l.purchases()
	l.payouts()
	if err := l.play(); err != nil {
		return err
	}
	s.DB.Clock().Shift(0)
	err = s.DB.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO demo_loads (id, finished_at) VALUES (1, ?)`, clock.At(tx.Now()))
		return err
	})
	slog.Info("demonstration data loaded", "acts", l.next, "seconds", int(time.Since(began).Seconds()))
	return err
}

// on puts an act on the agenda: days before now, at an hour of the working day
// in China that follows from the act's place, so that lists do not look stamped.
func (l *loader) on(daysAgo float64, name string, do func() error) {
	at := l.now.Add(-time.Duration(daysAgo * float64(24*time.Hour)))
	if daysAgo >= 1 {
		d := at.In(clock.Shanghai)
		minute := 8*60 + 40 + (len(l.agenda)*37)%(9*60) // 8:40 to 17:40
		at = time.Date(d.Year(), d.Month(), d.Day(), 0, minute, (len(l.agenda)*13)%60, 0, clock.Shanghai).UTC()
	}
	l.after(at, name, do)
}

// after puts an act at an instant; one that lies ahead is done now.
func (l *loader) after(at time.Time, name string, do func() error) {
	if at.After(l.now) {
		at = l.now
	}
	a := act{at: at, seq: len(l.agenda), name: name, do: do}
	// What is already played is past; a follow-up goes among what is to come.
	i, _ := slices.BinarySearchFunc(l.agenda[l.next:], a, func(x, y act) int {
		return cmp.Or(x.at.Compare(y.at), cmp.Compare(x.seq, y.seq))
	})
	l.agenda = slices.Insert(l.agenda, l.next+i, a)
}

func (l *loader) play() error {
	for l.next < len(l.agenda) {
		a := l.agenda[l.next]
		l.next++
		l.DB.Clock().Set(a.at)
		if err := a.do(); err != nil {
			return fmt.Errorf("demonstration data, %s: %w", a.name, err)
		}
	}
	return nil
}

// later is some hours after the act that runs now.
func (l *loader) later(hours float64) time.Time {
	return l.DB.Now().Add(time.Duration(hours * float64(time.Hour)))
}

// upload saves a file as somebody would.
func (l *loader) upload(who account.Principal, purpose file.Purpose, name string, body []byte) (id.ID, error) {
	f, err := l.Files.Save(l.ctx, file.Viewer{UserID: who.UserID, OrgID: who.OrgID}, purpose, name, bytes.NewReader(body))
	if err != nil {
		err = fmt.Errorf("upload %s: %w", name, err)
	}
	return f.ID, err
}

// decide lets somebody decide on a case as it stands; who approves has checked everything.
func (l *loader) decide(who account.Principal, caseID id.ID, d review.Decision) error {
	c, err := l.Reviews.Material(l.ctx, l.DB, who, caseID)
	if err != nil {
		return err
	}
	if d.Action == review.Approve {
		d.Verdict.Checks = c.Checked()
	}
	d.Version, d.ContentHash = c.Version, c.ContentHash
	_, err = l.Reviews.Decide(l.ctx, who, caseID, d)
	return err
}

// principal is a signed-in user with all rights of the role.
func principal(u account.User) account.Principal {
	return account.Principal{
		UserID: u.ID, OrgID: u.OrgID, Role: u.Role, Username: u.Username, Owner: u.Owner,
		Permissions: account.PermissionsOf(u.Role), IP: "192.0.2.10",
	}
}
