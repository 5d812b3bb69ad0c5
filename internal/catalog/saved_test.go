package catalog

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"smedx/internal/account"
	"smedx/internal/kit/db"
	"smedx/internal/kit/dbtest"
	"smedx/internal/kit/errs"
)

// A search is kept under a name of its own, for the user alone, twenty of them at
// most: also when somebody saves in several windows at once.
func TestSearchesAreSavedUnderNames(t *testing.T) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		s := newWorld(t, d).Service
		err := d.Write(t.Context(), func(ctx context.Context, tx *db.Tx) error {
			_, err := tx.Exec(ctx, `INSERT INTO users (id, org_id, role, username, username_key, password_hash, created_at)
				VALUES (501, 300, 'enterprise', 'me', 'me', 'x', 1), (502, 300, 'enterprise', 'colleague', 'colleague', 'x', 1)`)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		me := account.Principal{UserID: 501, OrgID: 300, Role: account.RoleEnterprise}
		colleague := account.Principal{UserID: 502, OrgID: 300, Role: account.RoleEnterprise}
		asked := SearchTerms{Text: "排产", Tag: "saas,ai", Fits: true, Sort: PriceUp}
		first, err := s.SaveSearch(t.Context(), me, "  周例会  ", asked)
		if err != nil || first.Name != "周例会" {
			t.Fatal(first, err)
		}
		for name, want := range map[string]string{"": "field.required", "周例会": "catalog.search_name_taken", fmt.Sprintf("%031d", 0): "field.too_long"} {
			_, err := s.SaveSearch(t.Context(), me, name, asked)
			if got := errs.Of(err); len(got.Fields) != 1 || got.Fields[0].Code != want {
				t.Errorf("%q: %v, want %s", name, err, want)
			}
		}
		if _, err := s.SaveSearch(t.Context(), colleague, "周例会", SearchTerms{}); err != nil {
			t.Error("a colleague's names are his own:", err)
		}
		for what, err := range map[string]error{
			"renames": s.RenameSearch(t.Context(), colleague, first.ID, "我的"),
			"deletes": s.DropSearch(t.Context(), colleague, first.ID),
		} {
			if !errors.Is(err, errs.ErrNotFound) {
				t.Errorf("a colleague %s it: %v", what, err)
			}
		}

		var all sync.WaitGroup
		for i := range maxSearches + 3 {
			all.Go(func() {
				_, err := s.SaveSearch(t.Context(), me, fmt.Sprint("搜索", i), SearchTerms{})
				if err != nil && !errors.Is(err, ErrSearchesFull) {
					t.Error(err)
				}
			})
		}
		all.Wait()
		mine, err := s.SavedSearches(t.Context(), me)
		if err != nil || len(mine) != maxSearches {
			t.Fatalf("%d searches, want %d: %v", len(mine), maxSearches, err)
		}
		last := mine[len(mine)-1]
		if got, err := last.Asked(); err != nil || last.ID != first.ID || got != asked {
			t.Errorf("the oldest is %+v %v", got, err)
		}

		if err := s.RenameSearch(t.Context(), me, first.ID, mine[0].Name); errs.Of(err).Code != errs.ErrInvalid.Code {
			t.Error("a name that another has:", err)
		}
		if err := s.RenameSearch(t.Context(), me, first.ID, "月例会"); err != nil {
			t.Error(err)
		}
		// A place in the middle that is free again is taken again.
		if err := s.DropSearch(t.Context(), me, mine[5].ID); err != nil {
			t.Error(err)
		}
		again, err := s.SaveSearch(t.Context(), me, "又一个", SearchTerms{})
		if err != nil || again.Place != mine[5].Place {
			t.Errorf("place %d, want %d: %v", again.Place, mine[5].Place, err)
		}
	})
}

func TestTermsNameTheCodesOfAFilter(t *testing.T) {
	terms := SearchTerms{Tag: "saas,ai", Region: "330100"}
	for f, want := range map[Facet]string{ByTag: "[saas ai]", ByRegion: "[330100]", ByPrice: "[]"} {
		if got := fmt.Sprint(terms.Chosen(f)); got != want {
			t.Errorf("%s: %s, want %s", f, got, want)
		}
	}
}
