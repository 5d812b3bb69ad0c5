package httpapi

import (
	"context"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"

	"smedx/internal/account"
)

// Every operation is asked as everybody who may not call it. There are no
// services behind it here: whoever gets past the table makes the test panic.
func TestNobodyGetsPastTheAccessTable(t *testing.T) {
	a := New(Services{})
	variable := regexp.MustCompile(`\{[^}]+\}`)
	ask := func(method, path string, who account.Principal) int {
		r := httptest.NewRequest(method, "/api/v1"+variable.ReplaceAllString(path, "1"), strings.NewReader("not even JSON"))
		w := httptest.NewRecorder()
		a.huma.Adapter().ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), keyCaller, who)))
		return w.Code
	}
	for path, item := range a.Contract().Paths {
		for method, o := range operationsOf(item) {
			r := access[o.OperationID]
			if r.Public {
				continue
			}
			if r.HalfSigned { // a session is not what it asks for
				for _, who := range []account.Principal{{}, {UserID: 1, Role: account.RoleAdmin}} {
					if got := ask(method, path, who); got != http.StatusUnauthorized {
						t.Errorf("%s without a sign-in that waits: %d", o.OperationID, got)
					}
				}
				continue
			}
			if got := ask(method, path, account.Principal{}); got != http.StatusUnauthorized {
				t.Errorf("%s as a visitor: %d", o.OperationID, got)
			}
			for _, role := range account.Roles {
				who := account.Principal{UserID: 1, OrgID: 1, Role: role, Permissions: account.PermissionsOf(role)}
				switch {
				case !slices.Contains(r.Roles, role):
					if got := ask(method, path, who); got != http.StatusForbidden {
						t.Errorf("%s as %s: %d", o.OperationID, role, got)
					}
				case r.asks(role) != "":
					who.Permissions = slices.DeleteFunc(who.Permissions, func(p account.Permission) bool { return p == r.asks(role) })
					if got := ask(method, path, who); got != http.StatusForbidden {
						t.Errorf("%s as %s without %s: %d", o.OperationID, role, r.asks(role), got)
					}
				}
				if who.MustChange = true; !r.whileExpired {
					if got := ask(method, path, who); got != http.StatusForbidden {
						t.Errorf("%s as %s who must change the password: %d", o.OperationID, role, got)
					}
				}
			}
		}
	}
}

// A row for an operation that does not exist, or a role that could never have
// the permission it needs, is a mistake in the table.
func TestAccessTableIsAboutWhatExists(t *testing.T) {
	a := New(Services{})
	for _, id := range slices.Sorted(maps.Keys(access)) {
		if !a.used[id] {
			t.Errorf("%s has a row and no operation", id)
		}
		r := access[id]
		for _, role := range r.Roles {
			if p := r.asks(role); p != "" && !slices.Contains(account.PermissionsOf(role), p) {
				t.Errorf("%s: the role %s never has %s", id, role, p)
			}
		}
		for role := range r.Each {
			if !slices.Contains(r.Roles, role) {
				t.Errorf("%s asks a permission of %s, who may not call it anyway", id, role)
			}
		}
	}
}
