package expert

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"smedx/internal/account"
	"smedx/internal/file"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/dbtest"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/page"
	"smedx/internal/kit/seal"
	"smedx/internal/notify"
	"smedx/internal/review"
)

var (
	provider = account.Principal{UserID: 1, OrgID: 100, Role: account.RoleProvider, Permissions: []account.Permission{account.ExpertManage}}
	stranger = account.Principal{UserID: 2, OrgID: 200, Role: account.RoleProvider, Permissions: []account.Permission{account.ExpertManage}}
	operator = account.Principal{UserID: 11, Role: account.RoleOperator, Permissions: []account.Permission{account.ExpertAdmit}}
)

type around struct {
	box    *seal.Box
	next   id.ID
	active map[id.ID]bool
	told   []string
}

func (a *around) Prepare(_ context.Context, in account.Staff) (account.NewUser, error) {
	return account.NewUser{Role: in.Role, Username: in.Username, Phone: in.Phone}, nil
}
func (a *around) Create(context.Context, *db.Tx, account.NewUser) (account.User, error) {
	a.next++
	a.active[a.next] = true
	return account.User{ID: a.next}, nil
}
func (a *around) SetActive(_ context.Context, _ *db.Tx, _ account.Principal, u id.ID, on bool) error {
	a.active[u] = on
	return nil
}
func (a *around) Ties(_ context.Context, _ db.Reader, c review.Case) (Ties, error) {
	if c.SubmitterOrg != 100 {
		return Ties{}, nil
	}
	return Ties{
		Company: "杭州 智造（浙江）有限公司", Phones: []string{a.box.Index(seal.Phone, "13800000009")},
		Buyers: []string{"恒瑞机械有限公司"}, BuyerPhones: []string{a.box.Index(seal.Phone, "13800000008")},
	}, nil
}
func (a *around) Names(context.Context, db.Reader, ...id.ID) (map[id.ID]string, error) {
	return nil, nil
}
func (a *around) Tell(_ context.Context, _ *db.Tx, m notify.Message) error {
	a.told = append(a.told, fmt.Sprint(m.UserIDs, m.Event))
	return nil
}
func (a *around) Claim(_ context.Context, _ *db.Tx, _ id.ID, _ file.Purpose, ids ...id.ID) ([]file.File, error) {
	if ids[0] == 404 {
		return nil, errs.ErrNotFound
	}
	return nil, nil
}
func (a *around) Grant(context.Context, *db.Tx, id.ID, ...string) error { return nil }

func everyEngine(t *testing.T, test func(t *testing.T, s *Service, d *db.DB, a *around)) {
	t.Helper()
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		box, err := seal.New(make([]byte, seal.KeySize))
		if err != nil {
			t.Fatal(err)
		}
		a := &around{box: box, next: 30, active: map[id.ID]bool{}}
		topics := func(context.Context, db.Reader, review.Case) ([]string, error) { return []string{"计划排程"}, nil }
		test(t, New(d, box, a, a, a, a, topics), d, a)
	})
}

func entry(name, field string) Entry {
	return Entry{
		Name: name, Age: 45, Gender: "f", IIoTField: field, IndustryField: "装备", OperationField: "车间运行",
		IIoTYears: 8, IndustryYears: 20, Achievements: "主持 12 个改造项目", Photo: 7, Bio: "教授级高工",
	}
}

func (e Entry) with(change func(*Entry)) Entry { change(&e); return e }

func TestEveryCellOfTheStateTable(t *testing.T) {
	want := map[string]Status{
		"nominated edit": Nominated, "nominated remove": Nominated, "nominated admit": Admitted, "nominated decline": Declined,
		"declined edit": Nominated, "declined remove": Declined, "admitted suspend": Suspended, "admitted leave": Admitted, "suspended resume": Admitted,
	}
	for _, s := range Statuses {
		for _, a := range Actions {
			to, err := s.Next(a)
			expected, ok := want[fmt.Sprint(s, " ", a)]
			if to != expected || ok == errors.Is(err, errs.ErrInvalidState) {
				t.Errorf("%s %s: got %q, %v; want %q", s, a, to, err, expected)
			}
		}
	}
}

func TestCheckTellsEveryField(t *testing.T) {
	if f := (Entry{}).Check(); len(f) != 9 { // zero years of service are years
		t.Errorf("an empty form is refused in %d fields: %+v", len(f), f)
	}
	for _, tc := range []struct {
		name    string
		change  func(*Entry)
		pointer string
	}{
		{"a name of 30 characters", func(e *Entry) { e.Name = strings.Repeat("王", 30) }, ""},
		{"a name of 31", func(e *Entry) { e.Name = strings.Repeat("王", 31) }, "/name"},
		{"achievements of 200", func(e *Entry) { e.Achievements = strings.Repeat("绩", 200) }, ""},
		{"achievements of 201", func(e *Entry) { e.Achievements = strings.Repeat("绩", 201) }, "/achievements"},
		{"a child", func(e *Entry) { e.Age = 17 }, "/age"},
		{"another gender code", func(e *Entry) { e.Gender = "x" }, "/gender"},
		{"no photo", func(e *Entry) { e.Photo = 0 }, "/photo"},
	} {
		f := entry("王工", "排程").with(tc.change).Check()
		if (tc.pointer == "") != (len(f) == 0) || tc.pointer != "" && f[0].Pointer != tc.pointer {
			t.Errorf("%s: got %+v", tc.name, f)
		}
	}
}

func (s *Service) admitted(t *testing.T, who account.Principal, e Entry, in Admission) Expert {
	t.Helper()
	n, err := s.Nominate(t.Context(), who, e)
	if err != nil {
		t.Fatal(err)
	}
	in.Username, in.Password = "x", "x"
	if n, err = s.Admit(t.Context(), operator, n.ID, in); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestWhoMaySitIsSaidWithTheReason(t *testing.T) {
	everyEngine(t, func(t *testing.T, s *Service, d *db.DB, a *around) {
		ctx := t.Context()
		fits := s.admitted(t, stranger, entry("对口专家", "高级排程"), Admission{})
		other := s.admitted(t, operator, entry("平台专家", "焊接"), Admission{})
		want := map[id.ID]string{fits.UserID: "", other.UserID: ""}
		out := func(e Expert, why string) id.ID { want[e.UserID] = why; return e.UserID }
		own := out(s.admitted(t, provider, entry("自家专家", "高级排程"), Admission{}), "same_org")
		out(s.admitted(t, stranger, entry("同号专家", "高级排程"), Admission{Phone: "13800000009"}), "same_phone")
		out(s.admitted(t, operator, entry("在职专家", "高级排程"), Admission{Employer: "杭州智造(浙江)有限公司"}), "employed")
		out(s.admitted(t, operator, entry("客户手机", "高级排程"), Admission{Phone: "13800000008"}), "buyer")
		out(s.admitted(t, operator, entry("客户员工", "高级排程"), Admission{Employer: "恒瑞机械有限公司"}), "buyer")
		away := s.admitted(t, operator, entry("请假专家", "高级排程"), Admission{})
		now := clock.At(d.Now())
		if _, err := s.SetLeave(ctx, operator, away.ID, now, now); !errors.Is(err, errs.ErrInvalid) {
			t.Error("a leave that ends as it begins", err)
		}
		if _, err := s.SetLeave(ctx, operator, away.ID, now, now.Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		out(away, "on_leave")
		idle := s.admitted(t, operator, entry("停用专家", "高级排程"), Admission{})
		if _, err := s.Suspend(ctx, operator, idle.ID, Note{"inactive", "长期不参评"}); err != nil || a.active[idle.UserID] {
			t.Error("suspended", err)
		}

		c := review.Case{ID: 1, Kind: review.KindListing, SubmitterOrg: 100, SubmitterID: 1}
		got, err := s.Experts(ctx, d, c)
		if err != nil || len(got) != len(want) {
			t.Fatalf("%d of %d: %+v %v", len(got), len(want), got, err)
		}
		for _, k := range got {
			if k.Out != want[k.UserID] {
				t.Errorf("%d: %q, want %q", k.UserID, k.Out, want[k.UserID])
			}
		}
		if last := got[len(got)-1]; last.UserID != other.UserID || len(last.Fits) != 0 || fmt.Sprint(got[0].Fits) != "[计划排程]" {
			t.Errorf("who knows the field comes first, with the reason: %+v", got)
		}
		for user, why := range map[id.ID]string{own: "same_org", fits.UserID: "", away.UserID: "", idle.UserID: "unknown", 999: "unknown"} {
			if got, err := s.Conflict(ctx, d, c, user); got != why || err != nil {
				t.Errorf("conflict of %d: %q %v, want %q", user, got, err, why)
			}
		}
		d.Clock().Shift(2 * time.Hour)
		got, err = s.Experts(ctx, d, c)
		if i := slices.IndexFunc(got, func(k review.Candidate) bool { return k.UserID == away.UserID }); err != nil || got[i].Out != "" {
			t.Errorf("the leave is over: %+v %v", got[i], err)
		}
		var raw []string
		if err := d.Raw(`SELECT personal FROM experts`).Scan(ctx, &raw); err != nil || strings.Contains(strings.Join(raw, ""), "专家") {
			t.Errorf("names in clear: %s %v", raw, err)
		}
	})
}

func TestAdmissionAndRefusalAreTold(t *testing.T) {
	everyEngine(t, func(t *testing.T, s *Service, _ *db.DB, a *around) {
		e := s.admitted(t, provider, entry("王工", "排程"), Admission{})
		n, err := s.Nominate(t.Context(), provider, entry("李工", "排程"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Decline(t.Context(), operator, n.ID, Note{"unverified", "业绩无法核实"}); err != nil {
			t.Fatal(err)
		}
		want := fmt.Sprint([]string{"[1]expert_admitted", fmt.Sprintf("[%d]expert_admitted", e.UserID), "[1]expert_declined"})
		if fmt.Sprint(a.told) != want {
			t.Errorf("told %v, want %s", a.told, want)
		}
	})
}

func TestWhoMayDoWhat(t *testing.T) {
	everyEngine(t, func(t *testing.T, s *Service, _ *db.DB, _ *around) {
		ctx := t.Context()
		e, err := s.Nominate(ctx, provider, entry("王工", "排程"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Nominate(ctx, provider, entry("王工", "排程").with(func(e *Entry) { e.Photo = 404 })); errs.Of(err).Fields[0].Pointer != "/photo" {
			t.Errorf("somebody else's photo: %v", err)
		}
		if _, err := s.Find(ctx, stranger, e.ID); !errors.Is(err, errs.ErrNotFound) {
			t.Errorf("a stranger reads: %v", err)
		}
		subUser := account.Principal{UserID: 5, OrgID: 100, Role: account.RoleProvider}
		if _, err := s.List(ctx, subUser, Filter{}, page.Query{}); !errors.Is(err, errs.ErrForbidden) {
			t.Errorf("a sub-user without the menu: %v", err)
		}
		if _, err := s.Decline(ctx, operator, e.ID, Note{}); !errors.Is(err, errs.ErrInvalid) {
			t.Errorf("declined without a reason: %v", err)
		}
		if _, err := s.Decline(ctx, operator, e.ID, Note{"incomplete", "照片不清"}); err != nil {
			t.Error(err)
		}
		if _, err := s.Change(ctx, provider, e.ID, 1, e.Entry); !errors.Is(err, errs.ErrStale) {
			t.Errorf("an old version: %v", err)
		}
		again, err := s.Change(ctx, provider, e.ID, 2, e.Entry)
		if err != nil || again.Status != Nominated {
			t.Errorf("changed: %+v %v", again, err)
		}
		l, err := s.List(ctx, provider, Filter{Status: Nominated, Field: "排程"}, page.Query{})
		if err != nil || l.Total != 1 || l.Items[0].Name != "王工" {
			t.Errorf("listed: %+v %v", l, err)
		}
		if err := s.Delete(ctx, provider, e.ID); err != nil {
			t.Error(err)
		}
	})
}
