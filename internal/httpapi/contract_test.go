package httpapi

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"smedx/internal/account"
	"smedx/internal/kit/errs"
)

// The committed contract is what the pages' types are made from.
func TestContractIsCommitted(t *testing.T) {
	want, err := New(Services{}).Contract().YAML()
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../../api/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("api/openapi.yaml differs from the code; run: make gen")
	}
}

func TestEveryAccessRowHasAnOperation(t *testing.T) {
	a := New(Services{})
	for id, r := range access {
		if !a.used[id] {
			t.Errorf("the access table names %s, which is no operation", id)
		}
		for _, role := range r.Roles {
			if r.Permission == "" || r.Public {
				continue
			}
			found := false
			for _, p := range account.PermissionsOf(role) {
				found = found || p == r.Permission
			}
			if !found {
				t.Errorf("%s: role %s can never have %s", id, role, r.Permission)
			}
		}
	}
}

// Every operation x every role, and visitors: exactly the table's answer.
func TestAccessMatrix(t *testing.T) {
	for id, r := range access {
		for _, role := range account.Roles {
			who := account.Principal{UserID: 1, Role: role, Permissions: account.PermissionsOf(role)}
			want := r.Public
			for _, allowed := range r.Roles {
				want = want || allowed == role
			}
			if got := r.check(who) == nil; got != want {
				t.Errorf("%s by %s: allowed %v, want %v", id, role, got, want)
			}
			if r.Permission == "" || r.Public {
				continue
			}
			who.Permissions = nil
			if r.check(who) == nil {
				t.Errorf("%s by %s without %s was allowed", id, role, r.Permission)
			}
		}
		if err := r.check(account.Principal{}); (err == nil) != r.Public {
			t.Errorf("%s by a visitor: %v", id, err)
		}
		expired := account.Principal{UserID: 1, Role: account.RoleEnterprise, MustChange: true, Permissions: account.PermissionsOf(account.RoleEnterprise)}
		if err := r.check(expired); err == nil && !r.whileExpired {
			t.Errorf("%s was allowed although the password must be changed", id)
		}
	}
}

func TestEveryCodeHasAText(t *testing.T) {
	for code := range errs.Codes() {
		if strings.TrimSpace(messages[code]) == "" {
			t.Errorf("no Chinese text for %s", code)
		}
	}
}
