package org_test

import (
	"errors"
	"strings"
	"testing"

	"smedx/internal/account"
	"smedx/internal/kit/db"
	"smedx/internal/kit/dbtest"
	"smedx/internal/kit/errs"
	"smedx/internal/org"
	"smedx/internal/review"
)

// T-AUTHZ-08: no step of a verification can be skipped or taken twice.
func TestRowAuthz08StagesCannotBeSkipped(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		o, ctx := newOffice(t, d), t.Context()
		who := o.applicant(account.RoleEnterprise, "zhang_san01")
		for _, verb := range []org.Verb{org.Suspend, org.Restore, org.Revoke} {
			_, err := o.Discipline(ctx, o.operator, who.OrgID, org.Measure{Verb: verb, Reason: "other", Comment: "试"})
			if !errors.Is(err, errs.ErrInvalidState) {
				t.Error("a draft is open to", verb, err)
			}
		}
		values := enterprise(o.license(who), codeA)
		first := o.submit(who, values)
		if _, err := o.Submit(ctx, who, values, 1); !errors.Is(err, errs.ErrInvalidState) {
			t.Error("handed in twice:", err)
		}
		if _, err := o.DropChange(ctx, who); !errors.Is(err, errs.ErrInvalidState) {
			t.Error("a first submission was dropped:", err)
		}
		c, err := o.reviews.Material(ctx, d, o.operator, first.CaseID)
		if err != nil {
			t.Fatal(err)
		}
		approve := review.Decision{Action: review.Approve, Version: c.Version, ContentHash: c.ContentHash, Verdict: review.Verdict{Checks: c.Checked()}}
		for _, role := range []account.Role{account.RoleDepartment, account.RoleExpert, account.RoleAdmin} {
			outsider := account.Principal{UserID: 990, Role: role, Permissions: account.PermissionsOf(role)}
			if _, err := o.reviews.Decide(ctx, outsider, c.ID, approve); err == nil {
				t.Error(role, "decided a verification")
			}
		}
		sendBack := approve
		sendBack.Action, sendBack.Verdict = review.SendBack, review.Verdict{Reason: "incomplete", Comment: "退回"}
		if _, err := o.reviews.Decide(ctx, o.operator, c.ID, sendBack); !errors.Is(err, review.ErrNotAllowed) {
			t.Error("an act of another flow passed:", err)
		}
		if _, err := o.reviews.Decide(ctx, o.operator, c.ID, approve); err != nil {
			t.Fatal(err)
		}
		if _, err := o.reviews.Decide(ctx, o.operator, c.ID, approve); errs.Of(err).Kind != errs.Conflict {
			t.Error("approved twice:", err)
		}
		if _, err := o.reviews.Withdraw(ctx, who, c.ID); !errors.Is(err, review.ErrNotAllowed) {
			t.Error("withdrawn after approval:", err)
		}
	})
}

// T-AUTHZ-09: nobody decides what his own company handed in.
func TestRowAuthz09NobodyReviewsHimself(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		o, ctx := newOffice(t, d), t.Context()
		who := o.applicant(account.RoleEnterprise, "zhang_san01")
		got := o.submit(who, enterprise(o.license(who), codeA))
		c, err := o.reviews.Material(ctx, d, o.operator, got.CaseID)
		if err != nil {
			t.Fatal(err)
		}
		approve := review.Decision{Action: review.Approve, Version: c.Version, ContentHash: c.ContentHash, Verdict: review.Verdict{Checks: c.Checked()}}
		if _, err := o.reviews.Decide(ctx, who, c.ID, approve); errs.Of(err).Kind != errs.Conflict && errs.Of(err).Kind != errs.Forbidden {
			t.Error("the applicant decided:", err)
		}
		owner := o.operator
		owner.OrgID = who.OrgID // an operator who belongs to the company
		if _, err := o.reviews.Decide(ctx, owner, c.ID, approve); !errors.Is(err, review.ErrConflict) {
			t.Error("an operator decided about his own company:", err)
		}
		o.is(who, org.Pending)
	})
}

// T-INP-06, T-CONC-03: a credit code is one whatever way it is typed, and its check counts.
func TestRowInp06CreditCodes(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		o, ctx := newOffice(t, d), t.Context()
		a := o.applicant(account.RoleEnterprise, "zhang_san01")
		b := o.applicant(account.RoleEnterprise, "li_si_0001")
		for typed, code := range map[string]string{
			codeA[:9] + " " + codeA[9:]: "form.uscc", codeA[:17] + "0": "form.uscc_check", strings.Replace(codeA, "J", "I", 1): "form.uscc", codeA[:17]: "form.uscc",
		} {
			if _, err := o.Submit(ctx, a, enterprise(o.license(a), typed), 0); !refusedWith(err, "/values/uscc", code) {
				t.Error(typed, err)
			}
		}
		if got := o.submit(a, enterprise(o.license(a), " "+strings.ToLower(codeA)+" ")); got.Verification != org.Pending {
			t.Error(got.Verification)
		}
		wide := strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' {
				return r - '0' + '０'
			}
			return r - 'A' + 'Ａ'
		}, codeA)
		for _, variant := range []string{codeA, strings.ToLower(codeA), wide} {
			if _, err := o.Submit(ctx, b, enterprise(o.license(b), variant), 0); !refusedWith(err, "/values/uscc", org.CodeDuplicate) {
				t.Errorf("%q passes as another company's: %v", variant, err)
			}
		}
		p := o.applicant(account.RoleProvider, "wang_wu_01")
		if _, err := o.Submit(ctx, p, map[string]any{"uscc": codeA}, 0); refusedWith(err, "/values/uscc", org.CodeDuplicate) {
			t.Error("the same company may not be a provider too")
		}
	})
}

// T-INP-07: values beyond their bounds are refused by field.
func TestRowInp07Bounds(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		o, ctx := newOffice(t, d), t.Context()
		who := o.applicant(account.RoleEnterprise, "zhang_san01")
		for key, bad := range map[string]any{
			"legal_rep_mobile": "1380000", "email": "not an address", "postal_code": "36100", "established_on": "2999-01-01",
			"revenue_y1": -1.0, "employees_total": 1.5,
		} {
			values := enterprise(o.license(who), codeA)
			values[key] = bad
			_, err := o.Submit(ctx, who, values, 0)
			found := false
			for _, f := range errs.Of(err).Fields {
				found = found || f.Pointer == "/values/"+key
			}
			if !found {
				t.Errorf("%s = %v: %v", key, bad, err)
			}
		}
		o.is(who, org.Draft)
	})
}
