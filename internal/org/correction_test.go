package org_test

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"smedx/internal/account"
	"smedx/internal/kit/db"
	"smedx/internal/kit/dbtest"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/page"
	"smedx/internal/org"
	"smedx/internal/review"
)

func returned(fields ...string) review.Verdict {
	v := review.Verdict{Reason: "inconsistent", Comment: "请按标记补正"}
	for _, f := range fields {
		v.Remarks = append(v.Remarks, review.Remark{Field: f, Reason: "mismatch", Comment: "与执照不一致"})
	}
	return v
}

func TestOnlyMarkedFieldsMayBeCorrected(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		o, ctx := newOffice(t, d), t.Context()
		who := o.applicant(account.RoleEnterprise, "zhang_san01")
		values := enterprise(o.license(who), codeA)
		first := o.submit(who, values)
		o.decide(first.CaseID, review.Return, returned("/company_name", "/registered_region"))
		o.is(who, org.Returned)

		st, err := o.Draft(ctx, who)
		if err != nil || st.Correction == nil || !st.Correction.Open["company_name"] || st.Correction.Open["contact_person"] {
			t.Fatal(st.Correction, err)
		}
		if len(st.Correction.Remarks) != 2 || st.Correction.Remarks[0].Comment != "与执照不一致" {
			t.Error("the applicant does not read what was said:", st.Correction.Remarks)
		}

		elsewhere := maps.Clone(values)
		elsewhere["company_name"], elsewhere["contact_person"] = "厦门示例机械股份有限公司", "王老七"
		if _, err := o.Submit(ctx, who, elsewhere, st.Version); !refusedWith(err, "/values/contact_person", org.CodeLocked) || len(errs.Of(err).Fields) != 1 {
			t.Error("a field that was not marked was changed:", err)
		}
		if _, err := o.SaveDraft(ctx, who, elsewhere, st.Version); !refusedWith(err, "/values/contact_person", org.CodeLocked) {
			t.Error("a draft holds a change of a field that was not marked:", err)
		}

		// What is not sent keeps the returned submission's answer.
		if _, err := o.Submit(ctx, who, map[string]any{"company_name": "厦门示例机械股份有限公司", "registered_region": "350203"}, st.Version); err != nil {
			t.Fatal(err)
		}
		again := o.is(who, org.Pending)
		m, err := o.Material(ctx, o.operator, again.CaseID)
		if err != nil || m.Previous == nil || m.InForce != nil {
			t.Fatal(m.Previous, m.InForce, err)
		}
		if !slices.Equal(m.Previous.Changed, []string{"company_name"}) || m.Previous.Earlier.Values["company_name"] != "厦门示例机械有限公司" {
			t.Error("the reviewer does not see what has changed:", m.Previous.Changed, m.Previous.Earlier.Values)
		}
		if m.Previous.Said == nil || len(m.Previous.Said.Remarks) != 2 || m.Answers.Values["contact_person"] != "李**" {
			t.Error("the reviewer does not see the remarks, or answers were lost", m.Previous.Said)
		}
		o.decide(again.CaseID, review.Approve, review.Verdict{})
		if got := o.is(who, org.Verified); got.Name != "厦门示例机械股份有限公司" || got.ReturnedVersion != 0 {
			t.Error(got.Name, got.ReturnedVersion)
		}
	})
}

func TestARejectedOrWithdrawnFormIsOpenAsAWhole(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		o, ctx := newOffice(t, d), t.Context()
		who := o.applicant(account.RoleEnterprise, "zhang_san01")
		values := enterprise(o.license(who), codeA)
		o.decide(o.submit(who, values).CaseID, review.Return, returned("/company_name"))
		again := o.submit(who, values)
		o.decide(again.CaseID, review.Reject, review.Verdict{Reason: "untrue", Comment: "不真实"})
		if st, err := o.Draft(ctx, who); err != nil || st.Correction != nil {
			t.Error("a rejected form is locked", err)
		}
		changed := maps.Clone(values)
		changed["contact_person"] = "王老七"
		got := o.submit(who, changed)
		if _, err := o.reviews.Withdraw(ctx, who, got.CaseID); err != nil {
			t.Fatal(err)
		}
		if st, err := o.Draft(ctx, who); err != nil || st.Correction != nil || st.Values["contact_person"] != "王老七" {
			t.Error("a withdrawn form is locked or lost", err)
		}
	})
}

func TestAReturnNamesFieldsOfTheForm(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		o, ctx := newOffice(t, d), t.Context()
		who := o.applicant(account.RoleEnterprise, "zhang_san01")
		got := o.submit(who, enterprise(o.license(who), codeA))
		c, err := o.reviews.Material(ctx, d, o.operator, got.CaseID)
		if err != nil {
			t.Fatal(err)
		}
		for code, v := range map[string]review.Verdict{
			org.CodeNothingMarked: {Reason: "incomplete", Comment: "请补正"},
			org.CodeUnknownField:  {Reason: "incomplete", Comment: "请补正", Fields: []string{"/no_such_field"}},
		} {
			_, err := o.reviews.Decide(ctx, o.operator, c.ID, review.Decision{Action: review.Return, Version: c.Version, ContentHash: c.ContentHash, Verdict: v})
			if !refusedWith(err, "/fields", code) {
				t.Error(code, err)
			}
		}
		v := returned("/uscc")
		v.Remarks[0].Reason = "no_such_reason"
		_, err = o.reviews.Decide(ctx, o.operator, c.ID, review.Decision{Action: review.Return, Version: c.Version, ContentHash: c.ContentHash, Verdict: v})
		if !refusedWith(err, "/remarks/0/reason", "field.choice") {
			t.Error(err)
		}
		o.is(who, org.Pending)
	})
}

func TestTheSameReviewerIsAskedFirst(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		o, ctx := newOffice(t, d), t.Context()
		other := o.staff("operator_two")
		who := o.applicant(account.RoleEnterprise, "zhang_san01")
		values := enterprise(o.license(who), codeA)
		o.decide(o.submit(who, values).CaseID, review.Return, returned("/company_name"))
		newer := o.applicant(account.RoleProvider, "wang_wu_01")
		_ = newer
		got := o.submit(who, values)
		c, err := o.reviews.Material(ctx, d, other, got.CaseID)
		if err != nil || c.PreferredID != o.operator.UserID {
			t.Error("preferred is", c.PreferredID, err)
		}
		var told []int64
		if err := d.Raw(`SELECT user_id FROM messages WHERE link = ? ORDER BY id`, "/workbench/tasks/"+c.ID.String()).Scan(ctx, &told); err != nil {
			t.Fatal(err)
		}
		if len(told) != 1 || told[0] != int64(o.operator.UserID) {
			t.Error("the other operator is told of a file that has its reviewer", told)
		}
		if box, err := o.reviews.Inbox(ctx, other, review.Filter{Box: review.BoxAwaiting}, page.Query{}); err != nil || len(box.Items) != 1 {
			t.Error("nobody else could step in", err)
		}
	})
}

func TestAReturnedChangeIsCorrectedOrDropped(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		o, ctx := newOffice(t, d), t.Context()
		who := o.applicant(account.RoleEnterprise, "zhang_san01")
		values := enterprise(o.license(who), codeA)
		o.decide(o.submit(who, values).CaseID, review.Approve, review.Verdict{})
		changed := maps.Clone(values)
		changed["company_name"], changed["contact_person"] = "厦门示例智能装备有限公司", "王老七"
		o.decide(o.submit(who, changed).CaseID, review.Return, returned("/company_name"))
		if got := o.is(who, org.Verified); got.ReturnedVersion == 0 || got.Name != "厦门示例机械有限公司" || got.USCC != codeA {
			t.Error("certified data moved without approval", got.Name)
		}
		if st, err := o.Draft(ctx, who); err != nil || st.Correction == nil || st.Values["contact_person"] != "王老七" {
			t.Fatal(err)
		}
		if _, err := o.DropChange(ctx, who); err != nil {
			t.Fatal(err)
		}
		st, err := o.Draft(ctx, who)
		if err != nil || st.Correction != nil || st.Values["contact_person"] != "李四光" {
			t.Error("the dropped change is still there", err)
		}
	})
}

func TestASuspensionEndsTheChangeUnderReview(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		o, ctx := newOffice(t, d), t.Context()
		who := o.applicant(account.RoleEnterprise, "zhang_san01")
		values := enterprise(o.license(who), codeA)
		o.decide(o.submit(who, values).CaseID, review.Approve, review.Verdict{})
		change := maps.Clone(values)
		change["contact_person"] = "王老七"
		got := o.submit(who, change)
		if _, err := o.Discipline(ctx, o.operator, who.OrgID, org.Measure{Verb: org.Suspend, Reason: "untrue", Comment: "核查"}); err != nil {
			t.Fatal(err)
		}
		o.is(who, org.Suspended)
		if c, err := o.reviews.Material(ctx, d, o.operator, got.CaseID); err != nil || c.Status != review.Withdrawn {
			t.Error("the change goes on:", c.Status, err)
		}
		if _, err := o.Discipline(ctx, o.operator, who.OrgID, org.Measure{Verb: org.Revoke, Reason: "untrue", Comment: "属实"}); err != nil {
			t.Fatal(err)
		}
		dossier, err := o.Dossier(ctx, who.OrgID)
		if err != nil || len(dossier.Versions) != 2 || len(dossier.Measures) != 2 || dossier.Measures[0].Verb != org.Revoke || dossier.Measures[0].Comment != "属实" {
			t.Errorf("%+v %v", dossier.Measures, err)
		}
		var titles []string
		if err := d.Raw(`SELECT title FROM messages WHERE user_id = ? ORDER BY id`, who.UserID).Scan(ctx, &titles); err != nil {
			t.Fatal(err)
		}
		if all := strings.Join(titles, " "); !strings.Contains(all, "企业认证已暂停") || !strings.Contains(all, "企业认证已取消") {
			t.Error("the company is not told:", titles)
		}
		another := o.applicant(account.RoleEnterprise, "li_si_0001")
		next := o.submit(another, enterprise(o.license(another), codeA))
		if m, err := o.Material(ctx, o.operator, next.CaseID); err != nil || len(m.Alike) != 1 || m.Alike[0].Verification != org.Revoked {
			t.Error("the reviewer does not hear of the revoked company", err)
		}
	})
}

func TestAVerificationEndsAfterTwoReminders(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		o, ctx := newOffice(t, d), t.Context()
		who := o.applicant(account.RoleEnterprise, "zhang_san01")
		values := enterprise(o.license(who), codeA)
		o.decide(o.submit(who, values).CaseID, review.Approve, review.Verdict{})
		begin := d.Now()
		after := func(days int, want ...string) {
			t.Helper()
			d.Clock().Set(begin.Add(time.Duration(days) * 24 * time.Hour))
			for range 2 { // a second sweep does nothing more
				if err := o.ExpireDue(ctx); err != nil {
					t.Fatal(err)
				}
			}
			var titles []string
			if err := d.Raw(`SELECT title FROM messages WHERE user_id = ? AND title LIKE '企业认证%期' ORDER BY id`, who.UserID).Scan(ctx, &titles); err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(titles, want) && len(titles)+len(want) > 0 {
				t.Errorf("after %d days the company was told %v, want %v", days, titles, want)
			}
		}
		after(4000)
		o.is(who, org.Verified) // without the setting a verification lasts
		o.ValidFor(365 * 24 * time.Hour)
		begin = begin.Add(4000 * 24 * time.Hour)
		// The setting is new: the company gets the time of the first reminder.
		after(0, "企业认证将在 30 天内到期")
		if got := o.is(who, org.Verified); got.ValidUntil.Time().Before(begin.Add(29 * 24 * time.Hour)) {
			t.Error("ends at once:", got.ValidUntil.Local())
		}
		after(1, "企业认证将在 30 天内到期")
		after(24, "企业认证将在 30 天内到期", "企业认证将在 7 天内到期")
		o.is(who, org.Verified)
		after(31, "企业认证将在 30 天内到期", "企业认证将在 7 天内到期", "企业认证已过期")
		o.is(who, org.Expired)
		if err := o.RequireVerified(ctx, d, who.OrgID); !errors.Is(err, org.ErrUnverified) {
			t.Error("an expired company may buy:", err)
		}
		o.decide(o.submit(who, values).CaseID, review.Approve, review.Verdict{})
		if got := o.is(who, org.Verified); got.ValidUntil == 0 {
			t.Error("renewed without an end")
		}
	})
}

func TestAChangeBecomesTheRenewalWhenTheVerificationEnds(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		o, ctx := newOffice(t, d), t.Context()
		o.ValidFor(40 * 24 * time.Hour)
		who := o.applicant(account.RoleEnterprise, "zhang_san01")
		values := enterprise(o.license(who), codeA)
		o.decide(o.submit(who, values).CaseID, review.Approve, review.Verdict{})
		got := o.submit(who, values)
		d.Clock().Shift(41 * 24 * time.Hour)
		if err := o.ExpireDue(ctx); err != nil {
			t.Fatal(err)
		}
		o.is(who, org.Pending)
		o.decide(got.CaseID, review.Approve, review.Verdict{})
		o.is(who, org.Verified)
	})
}
