package catalog

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"smedx/internal/account"
	"smedx/internal/file"
	"smedx/internal/kit/db"
	"smedx/internal/kit/dbtest"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
	"smedx/internal/kit/page"
	"smedx/internal/kit/seal"
	"smedx/internal/notify"
	"smedx/internal/review"
	"smedx/internal/setting"
)

var (
	provider   = account.Principal{UserID: 1, OrgID: 100, Role: account.RoleProvider, Username: "provider_a"}
	stranger   = account.Principal{UserID: 3, OrgID: 200, Role: account.RoleProvider, Username: "other"}
	operator   = account.Principal{UserID: 11, Role: account.RoleOperator, Username: "op", Permissions: []account.Permission{account.ListingReview}}
	department = account.Principal{UserID: 21, Role: account.RoleDepartment, Username: "dep", Permissions: []account.Permission{account.ListingDecide}}
)

func expert(n int64) account.Principal {
	return account.Principal{UserID: id.ID(30 + n), Role: account.RoleExpert, Permissions: []account.Permission{account.ExpertScore}}
}

// around stands for every neighbour of the catalogue.
type around struct {
	mu       sync.Mutex
	verified map[id.ID]bool
	missing  id.ID // a file that is not there
	film     id.ID // a file that is a video
	shot     id.ID // a file that was sent as a screenshot
	shotSize int64
	granted  map[string]bool
	told     []string
}

func (a *around) Companies(_ context.Context, _ db.Reader, ids ...id.ID) (map[id.ID]Company, error) {
	out := map[id.ID]Company{}
	for _, i := range ids {
		out[i] = Company{Name: fmt.Sprintf("杭州智造%d有限公司", i), City: "杭州市", RegionCode: "330106", Verified: a.verified[i]}
	}
	return out, nil
}
func (a *around) UsersOf(context.Context, db.Reader, id.ID) ([]id.ID, error) { return []id.ID{1}, nil }
func (a *around) UsersWith(context.Context, db.Reader, account.Role, account.Permission) ([]id.ID, error) {
	return nil, nil
}
func (a *around) Claim(_ context.Context, _ *db.Tx, _ id.ID, purpose file.Purpose, ids ...id.ID) ([]file.File, error) {
	switch ids[0] {
	case a.missing:
		return nil, errs.ErrNotFound
	case a.film:
		return []file.File{{MIME: "video/mp4"}}, nil
	case a.shot:
		if purpose != file.ProductMedia {
			return nil, errs.ErrNotFound
		}
		return []file.File{{MIME: "image/png", Purpose: purpose, Size: a.shotSize}}, nil
	}
	return []file.File{{MIME: "image/png"}}, nil
}
func (a *around) Grant(_ context.Context, _ *db.Tx, f id.ID, to ...string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, g := range to {
		a.granted[f.String()+" "+g] = true
	}
	return nil
}
func (a *around) Tell(_ context.Context, _ *db.Tx, m notify.Message) error {
	a.told = append(a.told, m.Title)
	return nil
}
func (a *around) Retract(context.Context, *db.Tx, id.ID, string) error { return nil }
func (a *around) Experts(context.Context, db.Reader, review.Case) ([]review.Candidate, error) {
	return []review.Candidate{{UserID: 31}, {UserID: 32}, {UserID: 33}}, nil
}
func (a *around) Names(context.Context, db.Reader, ...id.ID) (map[id.ID]string, error) {
	return nil, nil
}
func (a *around) Conflict(context.Context, db.Reader, review.Case, id.ID) (string, error) {
	return "", nil
}

type world struct {
	*Service
	db      *db.DB
	reviews *review.Service
	around  *around
}

func everyEngine(t *testing.T, test func(t *testing.T, w world)) {
	t.Helper()
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) { test(t, newWorld(t, d)) })
}

func newWorld(t *testing.T, d *db.DB) world {
	t.Helper()
	return newWorldTelling(t, d, nil)
}

type teller interface {
	Tell(ctx context.Context, tx *db.Tx, m notify.Message) error
	Retract(ctx context.Context, tx *db.Tx, user id.ID, link string) error
}

// newWorldTelling is a world whose reviews send real messages, where tell is given.
func newWorldTelling(t *testing.T, d *db.DB, tell teller) world {
	t.Helper()
	box, err := seal.New(make([]byte, seal.KeySize))
	if err != nil {
		t.Fatal(err)
	}
	a := &around{verified: map[id.ID]bool{100: true, 200: true}, granted: map[string]bool{}}
	if tell == nil {
		tell = a
	}
	reviews := review.New(d, a, tell, setting.New(d))
	reviews.Seat(a)
	s := New(d, Deps{Box: box, Companies: a, People: a, Files: a, Reviews: reviews, Tell: a})
	reviews.Handle(review.KindListing, s)
	return world{s, d, reviews, a}
}

// submitted makes an offering that waits for its review.
func (w world) submitted(t *testing.T, who account.Principal, c Content) (Offering, review.Case) {
	t.Helper()
	draft, err := w.Create(t.Context(), who, Solution)
	if err != nil {
		t.Fatal(err)
	}
	return w.resubmit(t, who, draft, c)
}

func (w world) resubmit(t *testing.T, who account.Principal, draft Working, c Content) (Offering, review.Case) {
	t.Helper()
	saved, err := w.SaveDraft(t.Context(), who, draft.Offering.ID, draft.Revision.Version, c)
	if err != nil {
		t.Fatal(err)
	}
	o, err := w.Submit(t.Context(), who, draft.Offering.ID, saved.Version)
	if err != nil {
		t.Fatal(err)
	}
	inbox, err := w.reviews.Inbox(t.Context(), operator, review.Filter{Box: review.BoxAwaiting}, page.Query{})
	if err != nil || len(inbox.Items) == 0 {
		t.Fatal("no case waits", err)
	}
	return o, inbox.Items[0]
}

func (w world) decide(t *testing.T, who account.Principal, c review.Case, a review.Action) {
	t.Helper()
	v := review.Verdict{Reason: "incomplete", Comment: "案例不充分", Fields: []string{"/cases/0/story"}}
	if a == review.Approve {
		v = review.Verdict{Checks: c.Checked()}
	}
	_, err := w.reviews.Decide(t.Context(), who, c.ID, review.Decision{Action: a, Version: c.Version, ContentHash: c.ContentHash, Verdict: v})
	if err != nil {
		t.Fatal(err)
	}
}

// approve takes a case through all stages.
func (w world) approve(t *testing.T, c review.Case) {
	t.Helper()
	w.decide(t, department, w.approveUpToTheLast(t, c), review.Approve)
}

// approveUpToTheLast leaves the case to the department.
func (w world) approveUpToTheLast(t *testing.T, c review.Case) review.Case {
	t.Helper()
	w.decide(t, operator, c, review.Approve)
	for n := int64(1); n <= 3; n++ {
		scores := map[string]int64{}
		for _, k := range review.Criteria {
			scores[k.Code] = 80
		}
		if err := w.reviews.Declare(t.Context(), expert(n), c.ID); err != nil {
			t.Fatal(err)
		}
		if err := w.reviews.Vote(t.Context(), expert(n), c.ID, review.Ballot{Scores: scores, Pass: true, Comment: "好", ContentHash: c.ContentHash}); err != nil {
			t.Fatal(err)
		}
	}
	f, err := w.reviews.Find(t.Context(), department, c.ID)
	if err != nil {
		t.Fatal(err)
	}
	return f.Case
}

func (w world) listed(t *testing.T, who account.Principal, c Content) Offering {
	t.Helper()
	o, found := w.submitted(t, who, c)
	w.approve(t, found)
	o, err := findOffering(t.Context(), w.db, o.ID)
	if err != nil || o.Status != Listed {
		t.Fatal(o.Status, err)
	}
	return o
}

func wants(t *testing.T, what string, got, want error) {
	t.Helper()
	if !errors.Is(got, want) || (want == nil && got != nil) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func TestFromDraftToShelf(t *testing.T) {
	everyEngine(t, func(t *testing.T, w world) {
		o := w.listed(t, provider, whole("智能排产"))
		p, err := w.Product(t.Context(), o.ID)
		if err != nil || p.Content.Name != "智能排产" || p.Content.Contact.Phone != "" || strings.Contains(p.Content.Page.Description, "script") {
			t.Errorf("the page: %+v %v", p.Content, err)
		}
		plan := p.Content.Plans[0].ID
		year := PlanRef{plan, Year}
		items, err := w.SaleItems(t.Context(), w.db, year, PlanRef{plan, Month}, PlanRef{plan, Unit}, PlanRef{99, Year})
		if err != nil || len(items) != 2 || items[year].UnitPrice != 1_200_000 || items[year].Attributes != "用户数：20" || items[year].ProviderOrg != 100 || items[year].Tags[0] != "ai" {
			t.Errorf("on sale: %+v %v", items, err)
		}
		var panel id.ID
		if err := w.db.Raw(`SELECT case_id FROM revisions WHERE offering_id = ?`, o.ID).Scan(t.Context(), &panel); err != nil {
			t.Fatal(err)
		}
		if !w.around.granted["1 public"] || w.around.granted["10 public"] || w.around.granted["10 right:expert.score"] || !w.around.granted["10 "+file.ToSeat(panel)] {
			t.Errorf("files shared: %v", w.around.granted)
		}
		w.around.verified[100] = false
		if items, _ := w.SaleItems(t.Context(), w.db, year); len(items) != 0 {
			t.Error("a provider who is not verified sells")
		}
		var raw string
		if err := w.db.Raw(`SELECT content || personal FROM revisions LIMIT 1`).Scan(t.Context(), &raw); err != nil || strings.Contains(raw, "13800000001") || strings.Contains(raw, "王经理") {
			t.Errorf("people in clear: %s %v", raw, err)
		}
	})
}

func TestDraftsAreSavedByVersion(t *testing.T) {
	everyEngine(t, func(t *testing.T, w world) {
		ctx := t.Context()
		_, err := w.Create(ctx, account.Principal{OrgID: 300, UserID: 9}, Solution)
		wants(t, "an unverified provider", err, ErrNotSubmittable)
		d, err := w.Create(ctx, provider, Solution)
		wants(t, "create", err, nil)
		saved, err := w.SaveDraft(ctx, provider, d.Offering.ID, 1, Content{Name: "排"})
		wants(t, "half a form", err, nil)
		_, err = w.SaveDraft(ctx, provider, d.Offering.ID, 1, Content{})
		wants(t, "the version before", err, errs.ErrStale)
		_, err = w.SaveDraft(ctx, stranger, d.Offering.ID, saved.Version, Content{})
		wants(t, "another company", err, errs.ErrNotFound)
		_, err = w.Working(ctx, stranger, d.Offering.ID)
		wants(t, "another company reads", err, errs.ErrNotFound)
		_, err = w.Submit(ctx, provider, d.Offering.ID, saved.Version)
		if e := errs.Of(err); e.Kind != errs.Invalid || len(e.Fields) < 30 {
			t.Errorf("half a form is handed in: %v", err)
		}
		w.around.missing = 3
		_, err = w.SaveDraft(ctx, provider, d.Offering.ID, saved.Version, whole("排产"))
		if e := errs.Of(err); len(e.Fields) != 1 || e.Fields[0].Pointer != "/page/media/0" {
			t.Errorf("somebody else's file: %v", err)
		}
		w.around.missing, w.around.film = 0, 2
		_, err = w.SaveDraft(ctx, provider, d.Offering.ID, saved.Version, whole("排产"))
		if e := errs.Of(err); len(e.Fields) != 1 || e.Fields[0].Pointer != "/page/banner/image" || e.Fields[0].Code != ErrNoPicture.Code {
			t.Errorf("a video for a banner: %v", err)
		}
		w.around.film = 3
		_, err = w.SaveDraft(ctx, provider, d.Offering.ID, saved.Version, whole("排产"))
		wants(t, "a video among the screenshots", err, nil)
		w.around.film, w.around.shot, w.around.shotSize = 0, 21, 2<<20
		saved, err = w.SaveDraft(ctx, provider, d.Offering.ID, saved.Version+1, whole("排产"))
		wants(t, "a screenshot of 2M as the picture of a case", err, nil)
		w.around.shotSize++
		_, err = w.SaveDraft(ctx, provider, d.Offering.ID, saved.Version, whole("排产"))
		if e := errs.Of(err); len(e.Fields) != 1 || e.Fields[0].Pointer != "/cases/1/image" || e.Fields[0].Code != ErrLargePicture.Code {
			t.Errorf("a screenshot of 2M and a byte as the picture of a case: %v", err)
		}
		wants(t, "whole, asked before it is handed in", w.Complete(ctx, provider, d.Offering.ID, saved.Version), nil)
		wants(t, "asked of an older version", w.Complete(ctx, provider, d.Offering.ID, saved.Version-1), errs.ErrStale)
		wants(t, "asked by another company", w.Complete(ctx, stranger, d.Offering.ID, saved.Version), errs.ErrNotFound)
		saved, err = w.SaveDraft(ctx, provider, d.Offering.ID, saved.Version, Content{Name: "排"})
		wants(t, "half a form again", err, nil)
		if e := errs.Of(w.Complete(ctx, provider, d.Offering.ID, saved.Version)); len(e.Fields) < 30 {
			t.Errorf("half a form is called complete: %v", e)
		}
		wants(t, "discard", w.DiscardDraft(ctx, provider, d.Offering.ID), nil)
		wants(t, "asked when it is gone", w.Complete(ctx, provider, d.Offering.ID, saved.Version), errs.ErrNotFound)
		_, err = w.Working(ctx, provider, d.Offering.ID)
		wants(t, "after that", err, errs.ErrNotFound)
	})
}

func TestPlanIdsComeFromThePlatform(t *testing.T) {
	everyEngine(t, func(t *testing.T, w world) {
		d, _ := w.Create(t.Context(), provider, Solution)
		c := whole("排产")
		c.Plans[0].ID = 4711
		saved, err := w.SaveDraft(t.Context(), provider, d.Offering.ID, 1, c)
		if err != nil || saved.Plans[0] == 4711 {
			t.Fatalf("a plan id from outside: %v %v", saved, err)
		}
		c.Plans[0].ID = saved.Plans[0]
		again, err := w.SaveDraft(t.Context(), provider, d.Offering.ID, 2, c)
		if err != nil || again.Plans[0] != saved.Plans[0] {
			t.Errorf("a known id changes: %v %v", again, err)
		}
	})
}

func TestNewVersionLeavesTheOldOnSale(t *testing.T) {
	everyEngine(t, func(t *testing.T, w world) {
		ctx := t.Context()
		o := w.listed(t, provider, whole("智能排产"))
		old, _ := w.Product(ctx, o.ID)
		year := PlanRef{old.Content.Plans[0].ID, Year}

		draft, err := w.Revise(ctx, provider, o.ID)
		wants(t, "revise", err, nil)
		c := draft.Content
		c.Name = "智能排产二代"
		c.Plans[0].Prices[0].PriceFen = of(money.Fen(999))
		_, found := w.resubmit(t, provider, draft, c)
		items, _ := w.SaleItems(ctx, w.db, year)
		if items[year].UnitPrice != 1_200_000 || items[year].Name != "智能排产" {
			t.Errorf("on sale during the review: %+v", items[year])
		}
		_, err = w.SaveDraft(ctx, provider, o.ID, 2, c)
		wants(t, "a change during the review", err, errs.ErrInvalidState)
		dossier, err := w.Dossier(ctx, operator, found.ID)
		if err != nil || dossier.Previous.Name != "智能排产" || dossier.Content.Name != "智能排产二代" || dossier.Content.Contact.Phone == "" {
			t.Errorf("the reviewer reads %+v %v", dossier, err)
		}
		_, err = w.Dossier(ctx, stranger, found.ID)
		wants(t, "a stranger reads", err, errs.ErrNotFound)

		w.approve(t, found)
		items, _ = w.SaleItems(ctx, w.db, year)
		if items[year].UnitPrice != 999 || items[year].Name != "智能排产二代" {
			t.Errorf("on sale after it: %+v", items[year])
		}
		var live, archived int
		_ = w.db.Raw(`SELECT count(*) FROM revisions WHERE status = 'live'`).Scan(ctx, &live)
		_ = w.db.Raw(`SELECT count(*) FROM revisions WHERE status = 'archived'`).Scan(ctx, &archived)
		if live != 1 || archived != 1 {
			t.Errorf("%d live, %d archived", live, archived)
		}
	})
}

func TestRefusedContentIsRevised(t *testing.T) {
	everyEngine(t, func(t *testing.T, w world) {
		ctx := t.Context()
		o, c := w.submitted(t, provider, whole("排产"))
		w.decide(t, operator, c, review.Reject)
		d, err := w.Working(ctx, provider, o.ID)
		if err != nil || d.Offering.Status != Rejected || d.Offering.WorkNote != "案例不充分" {
			t.Fatalf("rejected: %+v %v", d.Offering, err)
		}
		d, err = w.Revise(ctx, provider, o.ID)
		wants(t, "revise", err, nil)
		_, c = w.resubmit(t, provider, d, d.Content)
		w.decide(t, operator, c, review.Return)
		d, _ = w.Working(ctx, provider, o.ID)
		if d.Offering.Status != Draft || d.Offering.WorkFields != `["/cases/0/story"]` || d.Revision.Number != 3 {
			t.Errorf("returned: %+v %+v", d.Offering, d.Revision)
		}
		_, c = w.resubmit(t, provider, d, d.Content)
		_, err = w.reviews.Withdraw(ctx, provider, c.ID)
		wants(t, "withdraw", err, nil)
		d, _ = w.Revise(ctx, provider, o.ID)
		wants(t, "discard the revision", w.DiscardDraft(ctx, provider, o.ID), nil)
		d, _ = w.Working(ctx, provider, o.ID)
		if d.Offering.Status != Withdrawn {
			t.Errorf("what was withdrawn stands again: %+v", d.Offering)
		}
		n, err := w.MineCounts(ctx, provider)
		if err != nil || n[Withdrawn] != 1 || len(n) != 1 {
			t.Errorf("counts %v %v", n, err)
		}
	})
}

func TestShelf(t *testing.T) {
	everyEngine(t, func(t *testing.T, w world) {
		ctx := t.Context()
		o := w.listed(t, provider, whole("智能排产"))
		p, _ := w.Product(ctx, o.ID)
		year := PlanRef{p.Content.Plans[0].ID, Year}
		sells := func() bool {
			items, err := w.SaleItems(ctx, w.db, year)
			if err != nil {
				t.Error(err)
			}
			found, _ := w.Search(ctx, Query{}, page.Query{})
			if (len(items) == 1) != (found.Total == 1) {
				t.Errorf("sale %v and search %v differ", items, found)
			}
			return len(items) == 1
		}
		_, err := w.Delist(ctx, stranger, o.ID, "")
		wants(t, "a stranger", err, errs.ErrNotFound)
		_, err = w.Delist(ctx, provider, o.ID, "")
		wants(t, "the provider", err, nil)
		if h, _ := w.Headline(ctx, w.db, o.ID); sells() || h[o.ID].Status != Delisted || h[o.ID].Name != "智能排产" {
			t.Errorf("after delisting: %v", h)
		}
		if p, err := w.Product(ctx, o.ID); err != nil || p.Offering.Status != Delisted {
			t.Error("a delisted page stays readable", err)
		}
		_, err = w.Relist(ctx, provider, o.ID)
		wants(t, "relist", err, nil)
		if !sells() {
			t.Error("relisted within a year is on sale at once")
		}
		_, err = w.Delist(ctx, operator, o.ID, "")
		wants(t, "an operator without a reason", err, errs.ErrInvalid)
		_, err = w.Delist(ctx, operator, o.ID, "夸大宣传")
		wants(t, "an operator", err, nil)
		back, err := w.Relist(ctx, provider, o.ID)
		if err != nil || back.Status != Delisted || back.Work != InReview || sells() {
			t.Errorf("what an operator took off goes to review: %+v %v", back, err)
		}
	})
}

func TestOldApprovalIsReviewedAgain(t *testing.T) {
	everyEngine(t, func(t *testing.T, w world) {
		o := w.listed(t, provider, whole("智能排产"))
		_, _ = w.Delist(t.Context(), provider, o.ID, "")
		w.db.Clock().Shift(366 * 24 * time.Hour)
		back, err := w.Relist(t.Context(), provider, o.ID)
		if err != nil || back.Work != InReview {
			t.Errorf("got %+v %v", back, err)
		}
	})
}

func TestFigures(t *testing.T) {
	everyEngine(t, func(t *testing.T, w world) {
		o := w.listed(t, provider, whole("智能排产"))
		if _, err := w.Search(t.Context(), Query{}, page.Query{}); err != nil {
			t.Fatal(err)
		}
		err := w.db.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			return errors.Join(w.RecordSale(ctx, tx, o.ID, 3), w.RecordScore(ctx, tx, o.ID, 5), w.RecordSale(ctx, tx, o.ID, -1))
		})
		wants(t, "record", err, nil)
		found, _ := w.Search(t.Context(), Query{}, page.Query{})
		if c := found.Items[0]; c.Sales != 2 || c.ScoreSum != 5 || c.ScoreCount != 1 {
			t.Errorf("the card: %+v", c)
		}
	})
}

func TestStaffSeeThePeopleOfAListingMasked(t *testing.T) {
	everyEngine(t, func(t *testing.T, w world) {
		content := whole("智能排产")
		content.Contact.Name, content.Contact.ByPhone, content.Contact.Phone = "王小明", true, "13800001234"
		o := w.listed(t, provider, content)
		if _, err := w.Revise(t.Context(), provider, o.ID); err != nil {
			t.Fatal(err)
		}
		draft, err := w.Working(t.Context(), provider, o.ID)
		if err != nil {
			t.Fatal(err)
		}
		content = draft.Content
		content.Contact.Phone = "13899991234" // masked like the one before
		_, c := w.resubmit(t, provider, draft, content)
		for _, who := range []account.Principal{operator, department} {
			d, err := w.Dossier(t.Context(), who, c.ID)
			if err != nil || !d.Masked || !d.ContactsChanged || d.Content.Contact.Phone != "138****1234" || d.Content.Contact.Name != "王**" || d.Previous.Contact.Phone != "138****1234" {
				t.Errorf("%s reads %+v %v %v %v", who.Role, d.Content.Contact, d.Masked, d.ContactsChanged, err)
			}
			all, err := w.RevealContacts(t.Context(), who, c.ID)
			if err != nil || all.Now.Contact.Phone != "13899991234" || all.Before.Contact.Phone != "13800001234" {
				t.Errorf("%s looks at %+v %v", who.Role, all.Now.Contact, err)
			}
		}
		var looks int
		if err := w.db.Raw(`SELECT count(*) FROM audit_entries WHERE action = 'catalog.reveal' AND object_id = ?`, o.ID).Scan(t.Context(), &looks); err != nil || looks != 2 {
			t.Error("the trail has", looks, "looks", err)
		}
		own, err := w.Dossier(t.Context(), provider, c.ID)
		if err != nil || own.Masked || own.Content.Contact.Phone != "13899991234" {
			t.Errorf("the provider reads %+v %v", own.Content.Contact, err)
		}
		for _, who := range []account.Principal{provider, stranger, expert(1)} {
			_, err = w.RevealContacts(t.Context(), who, c.ID)
			wants(t, "a look of "+string(who.Role), err, errs.ErrNotFound)
		}
	})
}
