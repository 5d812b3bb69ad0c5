package risk_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"smedx/internal/account"
	"smedx/internal/audit"
	"smedx/internal/file"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/dbtest"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/page"
	"smedx/internal/kit/seal"
	"smedx/internal/notify"
	"smedx/internal/order"
	"smedx/internal/order/ordertest"
	"smedx/internal/org"
	"smedx/internal/rating"
	"smedx/internal/review"
	"smedx/internal/risk"
	"smedx/internal/setting"
	"smedx/internal/voucher"
	"smedx/internal/voucher/vouchertest"
)

const provider id.ID = 900

var staff = vouchertest.Operator

type world struct {
	*ordertest.World

	risks *risk.Service
	buys  int64
	sale  voucher.Campaign
}

// each sets a stage: companies 1 to 9 are enterprises, 900 is a provider; nobody
// has anything in common.
func each(t *testing.T, test func(w *world)) {
	t.Helper()
	ordertest.Each(t, func(o *ordertest.World) {
		w := &world{World: o, risks: service(o.T, o.DB)}
		for _, orgID := range []id.ID{1, 2, 3, 4, 5, 6, 7, 8, 9, provider} {
			kind := "enterprise"
			if orgID == provider {
				kind = "provider"
			}
			w.exec(`INSERT INTO organizations (id, kind, name, uscc, created_at, marked_at) VALUES (?, ?, ?, ?, ?, 1)`, orgID, kind, fmt.Sprint("企业 ", orgID), fmt.Sprint("U", orgID), 1)
		}
		w.sale = w.Open(voucher.Rush, 100, func(d *voucher.CampaignDraft) {
			d.PerOrg, d.ClosesAt = 5, d.ClosesAt.Add(60*24*time.Hour)
		}, w.Kind(30000, vouchertest.AnyTerms()))
		test(w)
	})
}

func service(t testing.TB, d *db.DB) *risk.Service {
	t.Helper()
	box, err := seal.New(make([]byte, seal.KeySize))
	if err != nil {
		t.Fatal(err)
	}
	n, err := notify.New(d, box, nil)
	if err != nil {
		t.Fatal(err)
	}
	files, err := file.New(d, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	accounts := account.New(d, box, n, setting.New(d), account.NewSessions(d))
	orgs := org.New(d, box, accounts, review.New(d, accounts, n, setting.New(d)), files, n)
	return risk.New(d, orgs, accounts, setting.New(d))
}

func (w *world) exec(query string, args ...any) {
	w.Helper()
	w.OK(w.Write(func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, query, args...)
		return err
	}))
}

// states lets companies state the same.
func (w *world) states(kind, mark string, orgs ...id.ID) {
	w.Helper()
	for _, o := range orgs {
		w.exec(`INSERT INTO org_marks (org_id, kind, mark, at) VALUES (?, ?, ?, ?)`, o, kind, mark, clock.At(w.DB.Now()))
	}
}

// signsIn lets a company's people sign in somewhere now.
func (w *world) signsIn(kind, mark string, orgs ...id.ID) {
	w.Helper()
	now := clock.At(w.DB.Now())
	for _, o := range orgs {
		w.exec(`INSERT INTO signin_traces (org_id, kind, mark, day, first_at, last_at) VALUES (?, ?, ?, ?, ?, ?)`, o, kind, mark, int64(now)/86_400_000, now, now)
	}
}

// claims gives a company its next voucher.
func (w *world) claims(n int64) voucher.Voucher {
	w.Helper()
	w.buys++
	v, _, err := w.Vouchers.Claim(w.Context(), vouchertest.Company(n), w.sale.Vouchers[0].ID, w.buys%5+1)
	w.OK(err)
	return v
}

// bought lets a company buy with a voucher, and takes the order to its acceptance
// with so much time before each step.
func (w *world) bought(n int64, steps ...time.Duration) order.Detail {
	w.Helper()
	v := w.claims(n)
	d := w.Bought(n, w.Shelf.Put(7, provider, 30000, false), v.ID)
	events := []order.Event{order.Start, order.Submit, order.Accept}
	for i, wait := range steps {
		w.DB.Clock().Set(w.DB.Now().Add(wait))
		who := ordertest.Seller(provider)
		if events[i] == order.Accept {
			who = ordertest.Buyer(n)
		}
		w.OK(w.Write(func(ctx context.Context, tx *db.Tx) error {
			_, err := w.Orders.Advance(ctx, tx, who, d.ID, events[i], "")
			return err
		}))
	}
	return d
}

// found checks, and answers the open hits of a rule.
func (w *world) found(rule risk.Code) []risk.Hit {
	w.Helper()
	_, err := w.risks.Check(w.Context(), account.System)
	w.OK(err)
	list, _, err := w.risks.List(w.Context(), risk.Filter{Rule: rule, State: risk.Open}, page.Query{Size: 100})
	w.OK(err)
	return list
}

// one is the single open hit of a rule, with these companies.
func (w *world) one(rule risk.Code, orgs ...id.ID) risk.Hit {
	w.Helper()
	list := w.found(rule)
	if len(list) != 1 {
		w.Fatalf("%s: %d hits", rule, len(list))
	}
	if got := slices.Sorted(slices.Values(list[0].Evidence.Orgs)); !slices.Equal(got, orgs) {
		w.Fatalf("%s: companies %v, want %v", rule, got, orgs)
	}
	return list[0]
}

func TestEveryRuleHasItsCodeAndHitsHaveTwoWaysOut(t *testing.T) {
	if missing := risk.Unmatched(); len(missing) > 0 {
		t.Errorf("rules without code or words: %v", missing)
	}
	for from, row := range risk.Flow {
		for _, e := range []risk.Event{risk.Dismiss, risk.Confirm} {
			to, err := from.Next(e)
			want, listed := row[e]
			if listed && (err != nil || to != want) || !listed && errs.Of(err).State != string(from) {
				t.Errorf("%s %s: %s %v", from, e, to, err)
			}
		}
	}
}

func TestNothingInCommonIsNoLead(t *testing.T) {
	each(t, func(w *world) {
		w.states("phone", "a", 1)
		w.states("phone", "b", 2)
		w.states("phone", "c", 3, 4) // hold no vouchers
		w.bought(1, time.Hour, 48*time.Hour, 24*time.Hour)
		w.claims(2)
		done, err := w.risks.Check(w.Context(), staff)
		w.OK(err)
		if done.Found != 0 {
			list, _, _ := w.risks.List(w.Context(), risk.Filter{}, page.Query{})
			w.Errorf("%d leads: %+v", done.Found, list)
		}
	})
}

func TestADismissedLeadComesBackOnlyForNewEvidence(t *testing.T) {
	each(t, func(w *world) {
		w.states("phone", "a", 1, 2, 3)
		w.claims(1)
		w.claims(2)
		h := w.one("same_phone", 1, 2)
		_, err := w.risks.Decide(w.Context(), staff, h.ID, risk.Dismiss, " ")
		w.Refused(err, risk.ErrReasonMissing)
		_, err = w.risks.Decide(w.Context(), staff, h.ID, risk.Dismiss, "同一集团，已核实")
		w.OK(err)
		_, err = w.risks.Decide(w.Context(), staff, h.ID, risk.Confirm, "再看")
		w.Refused(err, errs.ErrInvalidState)
		if again := w.found("same_phone"); len(again) != 0 {
			w.Errorf("it is back: %+v", again)
		}
		w.claims(3) // a third one with the phone has vouchers now
		h = w.one("same_phone", 1, 2, 3)
		w.states("phone", "a", 4)
		w.claims(4)
		if grown := w.one("same_phone", 1, 2, 3, 4); grown.ID != h.ID || grown.Companies != 4 {
			w.Errorf("an open lead grows: %v is not %v, %d companies", grown.ID, h.ID, grown.Companies)
		}
		of3, total, err := w.risks.List(w.Context(), risk.Filter{OrgIDs: []id.ID{4}}, page.Query{})
		w.OK(err)
		if total != 1 || of3[0].ID != h.ID {
			w.Errorf("%d leads of the company", total)
		}
		var n int64
		w.OK(w.DB.Raw(`SELECT count(*) FROM audit_entries WHERE action = 'risk.dismiss'`).Scan(w.Context(), &n))
		if n != 1 {
			w.Errorf("%d rows in the trail", n)
		}
	})
}

// T-BIZ-03: a rating by an enterprise that the provider controls.
func TestRatingsOfOnesOwnAreLeads(t *testing.T) {
	each(t, func(w *world) {
		ratings := rating.New(w.DB, w.Orders, w.Shelf, func(context.Context, *db.Tx, id.ID, notify.Message) error { return nil })
		for n := int64(1); n <= 2; n++ {
			d := w.bought(n, time.Hour, 48*time.Hour, 24*time.Hour)
			_, err := ratings.Rate(w.Context(), ordertest.Buyer(n), d.Lines[0].ID, 5, "很好用")
			w.OK(err)
		}
		w.signsIn("device", "x", 2, provider)
		h := w.one("own_rating", 2, provider)
		if len(h.Evidence.Lines) != 1 || h.Evidence.Lines[0].Note != "rated" {
			w.Errorf("%+v", h.Evidence)
		}
	})
}

// T-BIZ-04: forty companies register within a day under one phone; four do not count.
func TestABurstOfRegistrationsIsALead(t *testing.T) {
	each(t, func(w *world) {
		now := w.DB.Now()
		register := func(orgID id.ID, mark string, at time.Time) {
			w.exec(`INSERT INTO organizations (id, kind, name, uscc, created_at, marked_at) VALUES (?, 'enterprise', '新企业', '', ?, 1)`, orgID, clock.At(at))
			w.states("phone", mark, orgID)
		}
		for i := range id.ID(40) {
			register(2000+i, "burst", now.Add(-time.Duration(i)*30*time.Minute))
		}
		for i := range id.ID(4) {
			register(3000+i, "few", now)
		}
		for i := range id.ID(6) { // one a day
			register(4000+i, "slow", now.Add(-time.Duration(i)*25*time.Hour))
		}
		hits := w.found("registration_burst")
		if len(hits) != 1 || hits[0].Companies != 40 {
			w.Errorf("%d leads", len(hits))
		}
	})
}

// T-BIZ-04: a company of a lead that nobody has dismissed keeps its place in the
// rush, but its vouchers are frozen until a person has looked.
func TestVouchersOfSuspectsWaitForAPerson(t *testing.T) {
	each(t, func(w *world) {
		w.watches()
		is := w.are
		w.states("phone", "a", 1, 2, 3)
		first, second := w.claims(1), w.claims(2)
		h := w.one("same_phone", 1, 2)
		is(voucher.Active, first, second) // by itself a lead stops nothing
		w.OK(setting.New(w.DB).Change(w.Context(), audit.Actor{UserID: 1}, setting.HoldSamePhone, setting.On, 0))
		later := w.claims(1)
		if later.Status != voucher.Frozen {
			w.Errorf("the answer to the claim says %s", later.Status)
		}
		// What a confirmation would freeze is told before: not what is held already.
		next, err := w.Vouchers.WouldHold(w.Context(), 1, 2, 4)
		w.OK(err)
		if len(next) != 2 || !next[first.ID] || !next[second.ID] {
			w.Errorf("would freeze %v, not %v and %v", next, first.ID, second.ID)
		}
		other := w.claims(4)
		third := w.claims(3) // not of the lead yet
		is(voucher.Active, other, third)
		w.one("same_phone", 1, 2, 3)
		is(voucher.Frozen, first, second, third, later)
		is(voucher.Active, other)
		list, err := w.Vouchers.Measures(w.Context(), later.ID)
		w.OK(err)
		if len(list) != 1 || list[0].Cause != voucher.CauseLead || !strings.Contains(list[0].Comment, "共用联系电话") || !strings.Contains(list[0].Comment, "联系运营管理员") {
			w.Errorf("the company reads why and what to do: %+v", list)
		}
		w.OK(w.Vouchers.Unfreeze(w.Context(), staff, first.ID, voucher.CauseLead, "已核实该企业")) // one of them, by hand
		if next, err = w.Vouchers.WouldHold(w.Context(), 1, 2, 3); err != nil || len(next) != 0 {
			w.Errorf("would freeze what a person let go: %v, %v", next, err)
		}
		w.states("phone", "a", 4)
		w.one("same_phone", 1, 2, 3, 4)
		is(voucher.Active, first)
		is(voucher.Frozen, second, other)
		_, err = w.risks.Decide(w.Context(), staff, h.ID, risk.Dismiss, "同一集团，已核实")
		w.OK(err)
		is(voucher.Active, first, second, third, later, other)
	})
}

// T-BIZ-05: a lead about the deal is read by whoever pays out.
// watches lets leads hold the vouchers of companies 1 to 4.
func (w *world) watches() {
	w.Helper()
	w.risks.OnLeads(w.Vouchers.FollowLeads)
	w.Vouchers.HoldSuspects(w.risks.Suspected)
	for n := id.ID(1); n <= 4; n++ {
		w.Companies.Set(n, voucher.Company{Verified: true, VersionID: 1})
	}
}

func (w *world) are(want voucher.Status, list ...voucher.Voucher) {
	w.Helper()
	for _, v := range list {
		now, err := w.Vouchers.OwnVoucher(w.Context(), v.OrgID, v.ID)
		w.OK(err)
		if now.Status != want {
			w.Errorf("the voucher of %v is %s, not %s", v.OrgID, now.Status, want)
		}
	}
}

// T-BIZ-07: a restored company gets back what its suspension froze, unless a lead
// holds it by then, and what a lead froze that was dismissed meanwhile.
func TestALeadOutlivesASuspensionAndNoFreezeOutlivesItsLead(t *testing.T) {
	each(t, func(w *world) {
		w.watches()
		settings := setting.New(w.DB)
		w.OK(settings.Change(w.Context(), audit.Actor{UserID: 1}, setting.HoldSamePhone, setting.On, 0))
		stands := func(n id.ID, v org.Verification) {
			w.Helper()
			w.Companies.Set(n, voucher.Company{Verified: v == org.Verified, VersionID: 1})
			w.OK(w.Write(func(ctx context.Context, tx *db.Tx) error { return w.Vouchers.FollowStanding(ctx, tx, n, v) }))
		}
		first, freed, second, third := w.claims(1), w.claims(1), w.claims(2), w.claims(3)
		stands(1, org.Suspended)
		w.states("phone", "a", 1, 2)
		h := w.one("same_phone", 1, 2) // found while company 1 is suspended
		w.are(voucher.Frozen, first, freed, second)
		stands(1, org.Verified)
		w.are(voucher.Frozen, first, freed, second)
		w.OK(w.Vouchers.Unfreeze(w.Context(), staff, freed.ID, voucher.CauseLead, "已核实"))
		stands(1, org.Suspended)
		stands(1, org.Verified)
		w.are(voucher.Active, freed) // what a person thawed stays thawed
		w.are(voucher.Frozen, first)

		stands(1, org.Suspended)
		_, err := w.risks.Decide(w.Context(), staff, h.ID, risk.Dismiss, "同一集团，已核实")
		w.OK(err)
		w.are(voucher.Active, second)
		w.OK(w.Vouchers.ThawReleased(w.Context()))
		w.are(voucher.Frozen, first, freed) // the company is suspended
		stands(1, org.Verified)
		w.are(voucher.Active, first, freed)

		w.states("phone", "b", 1, 3)
		w.one("same_phone", 1, 3) // another lead
		w.are(voucher.Frozen, first, third)
		w.OK(w.Vouchers.ThawReleased(w.Context()))
		w.are(voucher.Frozen, first, third)
		w.OK(w.Vouchers.Freeze(w.Context(), staff, second.ID, voucher.Ground{Reason: "check", Comment: "配合核查"}))
		w.OK(settings.Change(w.Context(), audit.Actor{UserID: 1}, setting.HoldSamePhone, setting.Off, 1))
		w.OK(w.Vouchers.ThawReleased(w.Context()))
		w.are(voucher.Active, first, third)
		w.are(voucher.Frozen, second) // by a person
	})
}

func TestLeadsOfAnOrderAreOpenUntilDismissed(t *testing.T) {
	each(t, func(w *world) {
		slow := w.bought(1, time.Hour, 48*time.Hour, 24*time.Hour)
		fast := w.bought(2, time.Hour, 48*time.Hour, 9*time.Minute)
		h := w.one("fast_acceptance", 2, provider)
		open := func() map[id.ID][]risk.Hit {
			w.Helper()
			list, err := w.risks.OpenLeadsOf(w.Context(), w.DB, slow.ID, fast.ID)
			w.OK(err)
			return list
		}
		if got := open(); len(got) != 1 || got[fast.ID][0].ID != h.ID {
			w.Errorf("%+v", got)
		}
		_, err := w.risks.Decide(w.Context(), staff, h.ID, risk.Dismiss, "现场核实")
		w.OK(err)
		if got := open(); len(got) != 0 {
			w.Errorf("%+v", got)
		}
	})
}

func TestAnAddressOfACrowdSaysNothing(t *testing.T) {
	each(t, func(w *world) {
		w.signsIn("address", "park", provider)
		for n := int64(100); n < 121; n++ {
			w.exec(`INSERT INTO organizations (id, kind, name, uscc, created_at, marked_at) VALUES (?, 'enterprise', '园区企业', '', 1, 1)`, n)
			w.signsIn("address", "park", id.ID(n))
			w.claims(n)
		}
		if hits := w.found("provider_for_client"); len(hits) != 0 {
			w.Errorf("%d leads of an address that 21 enterprises use", len(hits))
		}
	})
}

// What is paired in memory is what the database pairs: few companies and places, many
// days, so that every edge of time and crowd is met.
func TestProvidersBesideTheirClientsAreFoundAsByOneQuery(t *testing.T) {
	each(t, func(w *world) {
		dice := rand.New(rand.NewPCG(4, 5))
		start := clock.At(w.DB.Now())
		w.exec(`INSERT INTO organizations (id, kind, name, uscc, created_at, marked_at) VALUES (901, 'provider', '服务商', '', 1, 1)`)
		var orgs []id.ID
		for n := id.ID(100); n < 126; n++ {
			w.exec(`INSERT INTO organizations (id, kind, name, uscc, created_at, marked_at) VALUES (?, 'enterprise', '企业', '', 1, 1)`, n)
			orgs = append(orgs, n)
		}
		for _, n := range orgs {
			w.claims(int64(n))
		}
		for _, n := range orgs[:4] {
			w.bought(int64(n), time.Minute, time.Minute, time.Minute)
		}
		for _, n := range append(orgs, provider, 901) {
			for range 12 {
				kind, mark := "device", fmt.Sprint("d", dice.IntN(5))
				if dice.IntN(2) == 0 {
					kind, mark = "address", fmt.Sprint("a", dice.IntN(3))
				}
				first := start.Add(time.Duration(dice.IntN(20*24)-10*24) * time.Hour)
				w.exec(`INSERT INTO signin_traces (org_id, kind, mark, day, first_at, last_at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
					n, kind, mark, int64(first)/86_400_000, first, first.Add(time.Duration(dice.IntN(8))*time.Hour))
			}
		}
		w.signsIn("address", "crowd", append(orgs, provider)...)
		fast, plain, err := risk.Beside(w.Context(), w.DB)
		w.OK(err)
		if len(plain) < 10 || !slices.Equal(fast, plain) {
			w.Errorf("%d of %d:\n%+v\n%+v", len(fast), len(plain), fast, plain)
		}
	})
}

func TestSharedDevicesAreLeadsForThirtyDays(t *testing.T) {
	each(t, func(w *world) {
		w.signsIn("device", "x", 1, 2, 3)
		w.claims(1)
		w.claims(2)
		w.DB.Clock().Set(w.DB.Now().Add(31 * 24 * time.Hour))
		if hits := w.found("same_device"); len(hits) != 0 {
			w.Errorf("%d old leads", len(hits))
		}
		w.DB.Clock().Set(w.DB.Now().Add(-2 * 24 * time.Hour))
		w.one("same_device", 1, 2)
	})
}

// The list of leads reads one page of evidence, in the order in which people should look,
// and companies by name from an index.
func TestTheListOfLeadsReadsNoWholeTable(t *testing.T) {
	d := dbtest.SQLite(t)
	weighs := func(weight int64) string {
		at := slices.IndexFunc(risk.Rules, func(r risk.Rule) bool { return r.Weight == weight })
		return string(risk.Rules[at].Code)
	}
	for _, q := range []string{
		`INSERT INTO organizations (id, kind, name, region_code, uscc, created_at) VALUES (1, 'enterprise', '企业一', '', '', 1), (2, 'enterprise', '企业二', '', '', 1)`,
		`INSERT INTO risk_hits (id, rule, subject, state, evidence, companies, found_at, decided_by, reason)
			VALUES (1, 'x', 'a', 'new', '{"basis":["a"]}', 1, 1, 0, ''), (2, '` + weighs(2) + `', 'b', 'new', '{"basis":["a"]}', 1, 1, 0, ''), (5, '` + weighs(1) + `', 'e', 'new', '{"basis":["a"]}', 1, 1, 0, ''), (3, 'x', 'c', 'dismissed', '{"basis":["a"]}', 1, 1, 5, 'ok'), (4, '` + weighs(3) + `', 'f', 'dismissed', '{"basis":["a"]}', 1, 1, 5, 'ok'), (6, '` + weighs(3) + `', 'g', 'new', '{"basis":["a"]}', 1, 1, 0, ''), (7, 'x', 'd', 'new', '{"basis":["a"]}', 1, 1, 0, '')`,
		`INSERT INTO risk_hit_orgs (hit_id, org_id) VALUES (1, 1), (2, 2), (3, 1), (4, 1), (5, 2), (6, 2), (7, 2)`,
	} {
		if _, err := d.Migrator().ExecContext(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	risks := service(t, d)
	for _, s := range dbtest.Scans(t, d, []string{"h", "o", "risk_hits", "organizations"}, func() {
		for _, c := range []struct {
			f    risk.Filter
			want []id.ID
		}{
			{risk.Filter{}, []id.ID{6, 2, 7, 5, 1, 4, 3}}, {risk.Filter{State: risk.Open}, []id.ID{6, 2, 7, 5, 1}}, {risk.Filter{Rule: "x"}, []id.ID{7, 1, 3}},
			{risk.Filter{OrgIDs: []id.ID{1}}, []id.ID{1, 4, 3}}, {risk.Filter{OrgIDs: []id.ID{}}, nil}, {risk.Filter{Company: "业二"}, []id.ID{6, 2, 7, 5}}, {risk.Filter{Company: "三"}, nil},
			{risk.Filter{OrgIDs: []id.ID{1}, Company: "业二"}, nil}, {risk.Filter{Rule: "x", State: risk.Dismissed, Company: "业一"}, []id.ID{3}},
		} {
			list, total, err := risks.List(t.Context(), c.f, page.Query{Page: 1, Size: 20})
			var got []id.ID
			for _, h := range list {
				got = append(got, h.ID)
			}
			if err != nil || total != int64(len(c.want)) || !slices.Equal(got, c.want) {
				t.Errorf("%+v: %v of %d, should be %v (%v)", c.f, got, total, c.want, err)
			}
		}
	}) {
		t.Error(s)
	}
}
