package org_test

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/png"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"smedx/internal/account"
	"smedx/internal/file"
	"smedx/internal/kit/db"
	"smedx/internal/kit/dbtest"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/seal"
	"smedx/internal/notify"
	"smedx/internal/org"
	"smedx/internal/review"
	"smedx/internal/setting"
)

type office struct {
	t        *testing.T
	db       *db.DB
	accounts *account.Service
	sessions *account.Sessions
	reviews  *review.Service
	files    *file.Service
	*org.Service
	operator account.Principal
}

func newOffice(t *testing.T, d *db.DB) *office {
	t.Helper()
	box, err := seal.New(make([]byte, seal.KeySize))
	if err != nil {
		t.Fatal(err)
	}
	n, err := notify.New(d, box, map[notify.Channel]notify.Sender{notify.SMS: notify.Local{}})
	if err != nil {
		t.Fatal(err)
	}
	files, err := file.New(d, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	sessions := account.NewSessions(d)
	accounts := account.New(d, box, n, setting.New(d), sessions)
	reviews := review.New(d, accounts, n, setting.New(d))
	o := &office{t: t, db: d, accounts: accounts, sessions: sessions, reviews: reviews, files: files}
	o.Service = org.New(d, box, accounts, reviews, files, n)
	o.operator = o.staff("operator_one")
	return o
}

func (o *office) staff(name string) account.Principal {
	o.t.Helper()
	hashed, err := o.accounts.Hash(o.t.Context(), "Blue#River7")
	if err != nil {
		o.t.Fatal(err)
	}
	var u account.User
	err = o.db.Write(o.t.Context(), func(ctx context.Context, tx *db.Tx) error {
		u, err = o.accounts.Create(ctx, tx, account.NewUser{Role: account.RoleOperator, Username: name, Password: hashed})
		return err
	})
	if err != nil {
		o.t.Fatal(err)
	}
	return account.Principal{UserID: u.ID, Role: u.Role, Username: u.Username, Permissions: u.Permissions}
}

func registration(role account.Role, username string) account.Registration {
	return account.Registration{
		Role: role, Username: username, Phone: "13800001234", Password: "Blue#River7", PasswordConfirm: "Blue#River7", Agreed: true,
	}
}

// applicant registers a company and answers its owner.
func (o *office) applicant(role account.Role, username string) account.Principal {
	o.t.Helper()
	r, err := o.Register(o.t.Context(), registration(role, username), account.From{IP: "192.0.2.1"})
	if err != nil {
		o.t.Fatal(err)
	}
	who, err := o.sessions.Who(o.t.Context(), r.Token)
	if err != nil || who.OrgID != r.Org.ID || !who.Owner {
		o.t.Fatal(who, err)
	}
	return who
}

// license uploads a picture and answers its id.
func (o *office) license(who account.Principal) string {
	o.t.Helper()
	var picture bytes.Buffer
	if err := png.Encode(&picture, image.NewRGBA(image.Rect(0, 0, 8, 8))); err != nil {
		o.t.Fatal(err)
	}
	viewer := file.Viewer{UserID: who.UserID, OrgID: who.OrgID}
	f, err := o.files.Save(o.t.Context(), viewer, file.License, "license.png", &picture)
	if err != nil {
		o.t.Fatal(err)
	}
	return f.ID.String()
}

func enterprise(license, uscc string) map[string]any {
	return map[string]any{
		"company_name": "厦门示例机械有限公司", "legal_rep_mobile": "13800001234", "contact_phone": "0592-1234567",
		"email": "office@example.com", "established_on": "2010-05-01", "business_license": license, "registration_type": "173",
		"is_listed": "no", "industries": []any{"34"}, "key_industry_chain": "equipment", "legal_representative": "张三丰",
		"contact_person": "李四光", "contact_position": "经理", "postal_code": "361000", "uscc": uscc,
		"tax_credit_grade": "A", "core_products": []any{"减速机"}, "registered_region": "350203",
		"revenue_y1": float64(2_000_000_000), "total_assets": float64(1_000_000_000), "employees_total": float64(300),
		"digital_scenarios": []any{"product_design"}, "digital_needs": []any{"planning"},
	}
}

const (
	codeA = "91990100972281863J"
	codeB = "91990203CP50L23D3J"
)

// hand in the form from the draft's version 0 on
func (o *office) submit(who account.Principal, values map[string]any) org.Organization {
	o.t.Helper()
	st, err := o.Draft(o.t.Context(), who)
	if err != nil {
		o.t.Fatal(err)
	}
	got, err := o.Submit(o.t.Context(), who, values, st.Version)
	if err != nil {
		o.t.Fatal(err)
	}
	return got
}

func (o *office) decide(caseID id.ID, a review.Action, v review.Verdict) {
	o.t.Helper()
	c, err := o.reviews.Material(o.t.Context(), o.db, o.operator, caseID)
	if err != nil {
		o.t.Fatal(err)
	}
	if a == review.Approve {
		v.Checks = c.Checked()
	}
	_, err = o.reviews.Decide(o.t.Context(), o.operator, caseID, review.Decision{
		Action: a, Version: c.Version, ContentHash: c.ContentHash, Verdict: v,
	})
	if err != nil {
		o.t.Fatal(err)
	}
}

func (o *office) is(who account.Principal, want org.Verification) org.Organization {
	o.t.Helper()
	got, err := o.Mine(o.t.Context(), who)
	if err != nil || got.Verification != want {
		o.t.Errorf("the company is %s (%v), want %s", got.Verification, err, want)
	}
	return got
}

func refusedWith(err error, pointer, code string) bool {
	for _, f := range errs.Of(err).Fields {
		if f.Pointer == pointer && f.Code == code {
			return true
		}
	}
	return false
}

func TestFromRegistrationToVerified(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		o, ctx := newOffice(t, d), t.Context()
		who := o.applicant(account.RoleEnterprise, "zhang_san01")
		if err := o.RequireVerified(ctx, d, who.OrgID); !errors.Is(err, org.ErrUnverified) {
			t.Error("a draft may buy:", err)
		}
		got := o.submit(who, enterprise(o.license(who), codeA))
		o.is(who, org.Pending)
		if err := o.RequireVerified(ctx, d, who.OrgID); !errors.Is(err, org.ErrUnverified) {
			t.Error("a pending company may buy:", err)
		}
		m, err := o.Material(ctx, o.operator, got.CaseID)
		if err != nil || m.Answers.Values["legal_representative"] != "张**" || len(m.Alike) != 0 || m.InForce != nil || m.Previous != nil {
			t.Fatal(m.Answers.Values, m.Alike, err)
		}
		full, err := o.Reveal(ctx, o.operator, got.CaseID, []string{"legal_representative", "employees_total"}) // T-PRIV-02
		if err != nil || len(full) != 1 || full["legal_representative"] != "张三丰" {
			t.Error("a look at one personal answer:", full, err)
		}
		o.decide(got.CaseID, review.Approve, review.Verdict{})
		got = o.is(who, org.Verified)
		if err := o.RequireVerified(ctx, d, who.OrgID); err != nil {
			t.Error(err)
		}
		b, err := o.Briefs(ctx, d, who.OrgID, 5)
		if err != nil || len(b) != 1 || b[who.OrgID].City != "厦门市" || b[who.OrgID].Name != "厦门示例机械有限公司" {
			t.Error(b, err)
		}
		f, err := o.Facts(ctx, d, who.OrgID)
		if err != nil || f.Size != "medium" || f.USCC != codeA || f.LegalRepIndex == "" || strings.Contains(f.LegalRepIndex, "张") {
			t.Error(f, err)
		}
		diag, err := o.Diagnose(ctx, who)
		if err != nil || diag.Size != "medium" || len(diag.Groups) != 4 || len(diag.Gaps) != 4 {
			t.Errorf("%+v %v", diag, err)
		}
		if got.VerifiedAt == 0 {
			t.Error("no time of verification")
		}
	})
}

func TestPersonalDataAreSealed(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		who := o.applicant(account.RoleEnterprise, "zhang_san01")
		o.submit(who, enterprise(o.license(who), codeA))
		for _, query := range []string{
			`SELECT answers || sealed || facts FROM profile_versions`, `SELECT draft_values || draft_sealed FROM organizations`,
			`SELECT phone FROM users WHERE org_id > 0`, `SELECT detail FROM audit_entries`,
		} {
			var rows []string
			if err := d.Raw(query).Scan(t.Context(), &rows); err != nil {
				t.Fatal(query, err)
			}
			for _, secret := range []string{"张三丰", "李四光", "13800001234", "office@example.com", "2000000000"} {
				if strings.Contains(strings.Join(rows, "\n"), secret) {
					t.Errorf("%s shows %s", query, secret)
				}
			}
		}
	})
}

func TestRegistrationGoesOnWithTheSamePassword(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		o, ctx := newOffice(t, d), t.Context()
		who := o.applicant(account.RoleEnterprise, "zhang_san01")
		saved, err := o.SaveDraft(ctx, who, map[string]any{"company_name": "厦门示例", "legal_rep_mobile": "138"}, 0)
		if err != nil || saved.Version != 1 {
			t.Fatal(saved, err)
		}
		again, err := o.Register(ctx, registration(account.RoleEnterprise, "ZHANG_san01"), account.From{})
		if err != nil || !again.Resumed || again.Org.ID != who.OrgID {
			t.Fatal(again, err)
		}
		st, err := o.Draft(ctx, who)
		if err != nil || st.Values["company_name"] != "厦门示例" || st.Values["legal_rep_mobile"] != "138" {
			t.Error(st.Values, err)
		}
		other := registration(account.RoleEnterprise, "zhang_san01")
		other.Password, other.PasswordConfirm = "Green#Hill8", "Green#Hill8"
		if _, err := o.Register(ctx, other, account.From{}); !refusedWith(err, "/username", account.CodePasswordOfOther) {
			t.Error(err)
		}
		if _, err := o.Register(ctx, registration(account.RoleProvider, "zhang_san01"), account.From{}); !refusedWith(err, "/username", account.CodeUsernameTaken) {
			t.Error("another role takes the name over:", err)
		}
		o.submit(who, enterprise(o.license(who), codeA))
		if _, err := o.Register(ctx, registration(account.RoleEnterprise, "zhang_san01"), account.From{}); !errors.Is(err, org.ErrSubmitted) {
			t.Error(err)
		}
	})
}

// T-CONC-11: what the second page saves does not overwrite the first.
func TestDraftsOfTwoPages(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		o, ctx := newOffice(t, d), t.Context()
		who := o.applicant(account.RoleEnterprise, "zhang_san01")
		if _, err := o.SaveDraft(ctx, who, map[string]any{"company_name": "甲"}, 0); err != nil {
			t.Fatal(err)
		}
		if _, err := o.SaveDraft(ctx, who, map[string]any{"company_name": "乙"}, 0); !errors.Is(err, errs.ErrStale) {
			t.Error("the second page overwrites the first:", err)
		}
	})
}

func TestSubmitTellsEverythingAtOnce(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		o, ctx := newOffice(t, d), t.Context()
		who := o.applicant(account.RoleEnterprise, "zhang_san01")
		stranger := o.applicant(account.RoleEnterprise, "li_si_0001")
		_, err := o.Submit(ctx, who, map[string]any{}, 0)
		if n := len(errs.Of(err).Fields); n != 21 || !refusedWith(err, "/values/uscc", "field.required") {
			t.Errorf("%d refusals: %v", n, err)
		}
		_, err = o.Submit(ctx, who, enterprise(o.license(stranger), codeA), 0)
		if !refusedWith(err, "/values/business_license", org.CodeFileMissing) {
			t.Error("another company's licence passes:", err)
		}
		o.is(who, org.Draft)
	})
}

func TestOneCompanyForACreditCode(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		o, ctx := newOffice(t, d), t.Context()
		a := o.applicant(account.RoleEnterprise, "zhang_san01")
		b := o.applicant(account.RoleEnterprise, "li_si_0001")
		first := o.submit(a, enterprise(o.license(a), codeA))
		values := enterprise(o.license(b), codeA)
		if _, err := o.Submit(ctx, b, values, 0); !refusedWith(err, "/values/uscc", org.CodeDuplicate) {
			t.Error(err)
		}
		o.decide(first.CaseID, review.Reject, review.Verdict{Reason: "untrue", Comment: "执照与填写内容不符"})
		got := o.is(a, org.Rejected)
		if said := got.Said(); said == nil || said.Comment != "执照与填写内容不符" || said.Verb != org.Reject {
			t.Errorf("%+v", said)
		}
		second := o.submit(b, values) // the code is free again
		m, err := o.Material(ctx, o.operator, second.CaseID)
		if err != nil || len(m.Alike) != 1 || m.Alike[0].By != "uscc" {
			t.Error("the reviewer is not told of the other company", m.Alike, err)
		}
		if _, err := o.Submit(ctx, a, enterprise(o.license(a), codeA), 1); !refusedWith(err, "/values/uscc", org.CodeDuplicate) {
			t.Error(err)
		}
	})
}

// T-CONC-03, T-CONC-09: of two accounts with one credit code and of two clicks on one
// form, at once, one submission stands, so that no company can claim twice.
func TestTwoSubmitOneCodeAtOnce(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		o, ctx := newOffice(t, d), t.Context()
		a, b := o.applicant(account.RoleEnterprise, "zhang_san01"), o.applicant(account.RoleEnterprise, "li_si_0001")
		var won atomic.Int64
		var wg sync.WaitGroup
		for _, who := range []account.Principal{a, a, b, b} {
			values := enterprise(o.license(who), codeA)
			wg.Go(func() {
				if _, err := o.Submit(ctx, who, values, 0); err == nil {
					won.Add(1)
				}
			})
		}
		wg.Wait()
		if won.Load() != 1 {
			t.Errorf("%d submissions of one code", won.Load())
		}
	})
}

func TestCertifiedDataStayInForceWhileAChangeIsReviewed(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		o, ctx := newOffice(t, d), t.Context()
		who := o.applicant(account.RoleEnterprise, "zhang_san01")
		values := enterprise(o.license(who), codeA)
		first := o.submit(who, values)
		o.decide(first.CaseID, review.Approve, review.Verdict{})
		changed := maps.Clone(values)
		changed["company_name"], changed["uscc"] = "厦门示例智能装备有限公司", codeB
		second := o.submit(who, changed)
		o.is(who, org.ChangePending)
		m, err := o.Material(ctx, o.operator, second.CaseID)
		if err != nil || m.InForce == nil || strings.Join(m.InForce.Changed, " ") != "company_name uscc" || m.Previous != nil {
			t.Error(m.InForce, err)
		}
		in, err := o.Certified(ctx, who)
		if err != nil || in.Version.Name != "厦门示例机械有限公司" {
			t.Error(in.Version.Name, err)
		}
		if _, err := o.SaveDraft(ctx, who, values, 1); !errors.Is(err, errs.ErrInvalidState) {
			t.Error("the form may be edited while it is reviewed:", err)
		}
		o.decide(second.CaseID, review.Return, review.Verdict{Reason: "unclear", Comment: "请补充说明", Fields: []string{"/values/uscc", "/company_name"}})
		if got := o.is(who, org.Verified); got.Said() == nil || got.Name != "厦门示例机械有限公司" {
			t.Errorf("%+v", got)
		}
		third := o.submit(who, changed)
		o.decide(third.CaseID, review.Approve, review.Verdict{})
		if got := o.is(who, org.Verified); got.USCC != codeB {
			t.Error(got.USCC)
		}
	})
}

func TestWithdrawAndHandInAgain(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		o, ctx := newOffice(t, d), t.Context()
		who := o.applicant(account.RoleProvider, "wang_wu_01")
		if _, err := o.Draft(ctx, account.Principal{OrgID: 77}); !errors.Is(err, errs.ErrNotFound) {
			t.Error(err)
		}
		values := map[string]any{
			"company_name": "厦门示例软件有限公司", "uscc": codeB, "business_license": o.license(who), "service_scope": []any{"software"},
			"service_industries": []any{"34"}, "industrial_customers": 12.0, "operating_since": "2015-01-01", "employees_total": 80.0,
			"revenue_y3": 1e10, "revenue_y2": 1e10, "revenue_y1": 1e10, "avg_sales_3y": 1e10, "avg_industrial_sales_3y": 5e9,
			"solution_share": "40.5", "industries": []any{"65"}, "registered_region": "350203", "contact_person": "王五",
			"contact_phone":   "13900001234",
			"related_parties": []any{map[string]any{"name": "甲", "code": codeA, "relation": "parent"}},
		}
		got := o.submit(who, values)
		if _, err := o.reviews.Withdraw(ctx, who, got.CaseID); err != nil {
			t.Fatal(err)
		}
		o.is(who, org.Withdrawn)
		got = o.submit(who, values)
		o.decide(got.CaseID, review.Approve, review.Verdict{})
		f, err := o.Facts(ctx, d, who.OrgID)
		if err != nil || len(f.RelatedUSCC) != 1 || f.RelatedUSCC[0] != codeA {
			t.Error(f, err)
		}
		if _, err := o.Diagnose(ctx, who); !errors.Is(err, errs.ErrNotFound) {
			t.Error("a provider has a diagnosis")
		}
	})
}

func TestDiscipline(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		o, ctx := newOffice(t, d), t.Context()
		who := o.applicant(account.RoleEnterprise, "zhang_san01")
		first := o.submit(who, enterprise(o.license(who), codeA))
		if _, err := o.Discipline(ctx, o.operator, who.OrgID, org.Measure{Verb: org.Suspend, Reason: "investigation", Comment: "核查中"}); !errors.Is(err, errs.ErrInvalidState) {
			t.Error(err)
		}
		o.decide(first.CaseID, review.Approve, review.Verdict{})
		if _, err := o.Discipline(ctx, o.operator, who.OrgID, org.Measure{Verb: org.Suspend, Reason: "investigation", Comment: "核查中"}); err != nil {
			t.Fatal(err)
		}
		if err := o.RequireVerified(ctx, d, who.OrgID); !errors.Is(err, org.ErrUnverified) {
			t.Error("a suspended company may buy:", err)
		}
		if _, err := o.Discipline(ctx, o.operator, who.OrgID, org.Measure{Verb: org.Restore, Reason: "resolved", Comment: "核查完成"}); err != nil {
			t.Fatal(err)
		}
		o.is(who, org.Verified)
	})
}

func TestEveryStateHasARow(t *testing.T) {
	for _, v := range org.Verifications {
		if _, err := v.Next("no such verb"); !errors.Is(err, errs.ErrInvalidState) || errs.Of(err).State != string(v) {
			t.Error(v, err)
		}
		if v.InForce() != (v.Printed() == "已认证") {
			t.Error(v)
		}
	}
}

func TestStandingAnswersTheFactsOfTheVersionInForce(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		o, ctx := newOffice(t, d), t.Context()
		who := o.applicant(account.RoleEnterprise, "zhang_san01")
		if at, err := o.Standings(ctx, d, who.OrgID); err != nil || len(at) != 0 {
			t.Error("a company that was never verified stands as one:", at, err)
		}
		o.decide(o.submit(who, enterprise(o.license(who), codeA)).CaseID, review.Approve, review.Verdict{})
		want, err := o.Facts(ctx, d, who.OrgID)
		if err != nil {
			t.Fatal(err)
		}
		all, err := o.Standings(ctx, d, who.OrgID, 1)
		got := all[who.OrgID]
		if err != nil || len(all) != 1 || !got.Verified || got.VersionID != o.is(who, org.Verified).CurrentVersion ||
			got.Facts.Size != want.Size || got.Facts.RegionCode != want.RegionCode {
			t.Error(all, err)
		}

		changed := enterprise(o.license(who), codeA)
		changed["industries"] = []any{"35"}
		second := o.submit(who, changed)
		if all, err = o.Standings(ctx, d, who.OrgID); err != nil || !slices.Equal(all[who.OrgID].Facts.Industries, want.Industries) {
			t.Error("a change that waits is not in force:", all, err)
		}
		o.decide(second.CaseID, review.Approve, review.Verdict{})
		if all, err = o.Standings(ctx, d, who.OrgID); err != nil || slices.Equal(all[who.OrgID].Facts.Industries, want.Industries) {
			t.Error("the version before is still in force:", all, err)
		}
	})
}

// T-UPL-09: a licence of another company is refused at its field; and an upload
// that only a draft names is kept while the draft is.
func TestUploadsOfDrafts(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		o := newOffice(t, d)
		mine, other := o.applicant(account.RoleEnterprise, "draft_one"), o.applicant(account.RoleEnterprise, "draft_two")
		foreign, own := o.license(other), o.license(mine)
		st, err := o.Draft(t.Context(), mine)
		if err != nil {
			t.Fatal(err)
		}
		values := enterprise(foreign, "91990100972281863J")
		if _, err := o.Submit(t.Context(), mine, values, st.Version); !refusedWith(err, "/values/business_license", org.CodeFileMissing) {
			t.Error(err)
		}
		if kept, err := o.DraftUploads(t.Context(), mine.OrgID); err != nil || len(kept) != 0 {
			t.Error(kept, err)
		}
		values["business_license"] = own
		if _, err := o.SaveDraft(t.Context(), mine, values, st.Version); err != nil {
			t.Fatal(err)
		}
		if kept, err := o.DraftUploads(t.Context(), mine.OrgID); err != nil || len(kept) != 1 || kept[0].String() != own {
			t.Error(kept, err)
		}
	})
}
