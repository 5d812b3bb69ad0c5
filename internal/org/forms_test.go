package org_test

import (
	"errors"
	"maps"
	"slices"
	"testing"

	"smedx/internal/account"
	"smedx/internal/kit/db"
	"smedx/internal/kit/dbtest"
	"smedx/internal/kit/errs"
	"smedx/internal/org"
	"smedx/internal/org/edition"
	"smedx/internal/org/form"
	"smedx/internal/review"
)

// nextForm retires 邮编 and asks for 机床数量 from now on.
func (o *office) nextForm() {
	o.t.Helper()
	s, err := o.Forms().Begin(o.t.Context(), o.operator, "enterprise")
	if err != nil {
		o.t.Fatal(err)
	}
	sections := slices.Clone(s.Source.Sections)
	background := slices.Clone(sections[0].Fields)
	i := slices.IndexFunc(background, func(f form.Field) bool { return f.Key == "postal_code" })
	background[i].Retired = true
	sections[0].Fields = background
	sections[1].Fields = append(slices.Clone(sections[1].Fields), form.Field{Key: "machines", Type: form.Integer, Label: "机床数量", Required: true, Unit: "台"})
	if s, err = o.Forms().Save(o.t.Context(), o.operator, "enterprise", s.Edits, sections); err != nil {
		o.t.Fatal(err)
	}
	if _, err = o.Forms().Publish(o.t.Context(), o.operator, "enterprise", s.Edits, "统计口径调整"); err != nil {
		o.t.Fatal(err)
	}
}

func TestOldSubmissionsKeepTheirForm(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		o, ctx := newOffice(t, d), t.Context()
		who := o.applicant(account.RoleEnterprise, "zhang_san01")
		values := enterprise(o.license(who), codeA)
		first := o.submit(who, values)
		o.nextForm()
		m, err := o.Material(ctx, o.operator, first.CaseID)
		if err != nil || m.Answers.Form.Count() != 153 || m.Answers.Values["postal_code"] != "361000" {
			t.Fatal("what is under review reads as another form", m.Answers.Form.Count(), err)
		}
		o.decide(first.CaseID, review.Approve, review.Verdict{})
		in, err := o.Certified(ctx, who)
		if err != nil || in.Form.Count() != 153 || in.Form.Asks("machines") {
			t.Error("the certified profile reads as another form", err)
		}

		// A change of the profile is asked by the form in force, and begins with the old answers.
		st, err := o.Draft(ctx, who)
		if err != nil || !st.Form.Asks("machines") || st.Form.Asks("postal_code") || st.Values["company_name"] != values["company_name"] {
			t.Fatal(st.Form.Version, err)
		}
		want := []string{"运营：新增必填“机床数量”（整数，单位 台）", "企业背景：停用“邮编”"}
		if !slices.Equal(st.Changes, want) {
			t.Error("the applicant is told", st.Changes)
		}
		changed := maps.Clone(values)
		changed["machines"] = 12.0
		second := o.submit(who, changed)
		if m, err = o.Material(ctx, o.operator, second.CaseID); err != nil {
			t.Fatal(err)
		}
		if m.InForce == nil || !slices.Equal(m.InForce.Changed, []string{"machines"}) || !slices.Equal(m.Form, want) {
			t.Error("the reviewer is told of", m.InForce, m.Form)
		}
	})
}

func TestADraftIsCarriedOverToTheNextForm(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		o, ctx := newOffice(t, d), t.Context()
		who := o.applicant(account.RoleEnterprise, "zhang_san01")
		values := enterprise(o.license(who), codeA)
		saved, err := o.SaveDraft(ctx, who, values, 0)
		if err != nil || len(saved.Changes) != 0 {
			t.Fatal(saved.Changes, err)
		}
		o.nextForm()
		st, err := o.Draft(ctx, who)
		if err != nil || len(st.Changes) != 2 || st.Values["email"] != "office@example.com" {
			t.Fatal(st.Changes, st.Values, err)
		}
		if err := o.FormIs(ctx, who, saved.Form.Version); !errors.Is(err, edition.ErrReplaced) {
			t.Error("a page that shows the old form may hand in:", err)
		}
		if err := o.FormIs(ctx, who, st.Form.Version); err != nil {
			t.Error(err)
		}
		if st, err = o.SaveDraft(ctx, who, values, st.Version); err != nil || len(st.Changes) != 2 {
			t.Error("the page that saves is not told:", st.Changes, err)
		}
		_, err = o.Submit(ctx, who, values, st.Version)
		if got := errs.Of(err).Fields; len(got) != 1 || got[0].Pointer != "/values/machines" || got[0].Code != form.CodeRequired {
			t.Fatal("what the next form asks for is not asked:", err)
		}
		values["machines"] = 3.0
		if _, err = o.Submit(ctx, who, values, st.Version); err != nil {
			t.Fatal(err)
		}
		in, err := o.Submitted(ctx, who)
		if err != nil || in.Form.Version != "2" || in.Values["postal_code"] != nil {
			t.Error(in.Form.Version, in.Values["postal_code"], err)
		}
		o.is(who, org.Pending)
	})
}
