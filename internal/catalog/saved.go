package catalog

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"smedx/internal/account"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
)

// SearchTerms is what somebody asked the catalogue, as the address of the page says it:
// the codes of one filter are parted by commas.
type SearchTerms struct {
	Text     string `json:"q,omitempty" maxLength:"50" doc:"Words"`
	Tag      string `json:"tag,omitempty" maxLength:"500"`
	Category string `json:"category,omitempty" maxLength:"500"`
	Industry string `json:"industry,omitempty" maxLength:"500"`
	Region   string `json:"region,omitempty" maxLength:"500"`
	Price    string `json:"price,omitempty" maxLength:"100"`
	Way      string `json:"way,omitempty" maxLength:"100"`
	Kind     string `json:"kind,omitempty" maxLength:"100"`
	Fits     bool   `json:"fits,omitempty" doc:"Only what the company's usable vouchers fit"`
	Sort     Sort   `json:"sort,omitempty" enum:"best,newest,sales,score,price_asc,price_desc"`
}

// Chosen are the codes of one filter.
func (t SearchTerms) Chosen(f Facet) []string {
	codes := map[Facet]string{
		ByTag: t.Tag, ByCategory: t.Category, ByIndustry: t.Industry, ByRegion: t.Region,
		ByPrice: t.Price, ByWay: t.Way, ByKind: t.Kind,
	}[f]
	return slices.DeleteFunc(strings.Split(codes, ","), func(c string) bool { return c == "" })
}

// SavedSearch is a search under a name. It belongs to the user, not to his
// company; the table has as many places for one user as he may have of them.
type SavedSearch struct {
	bun.BaseModel `bun:"table:saved_searches"`

	ID      id.ID `bun:",pk"`
	UserID  id.ID
	Place   int64
	Name    string
	Terms   string // JSON of SearchTerms
	SavedAt clock.Instant
}

const (
	maxSearches   = 20
	maxSearchName = 30
)

// Refusals of saved searches.
var ErrSearchesFull = errs.New(errs.Conflict, "catalog.searches_full")

// Asked is what the search asks.
func (s SavedSearch) Asked() (t SearchTerms, err error) {
	err = json.Unmarshal([]byte(s.Terms), &t)
	return t, err
}

// SavedSearches lists the caller's searches, newest first.
func (s *Service) SavedSearches(ctx context.Context, who account.Principal) (all []SavedSearch, err error) {
	err = s.db.Select(&all).Where("user_id = ?", who.UserID).Order("id DESC").Scan(ctx)
	return all, err
}

// SaveSearch keeps a search under a name that the caller has not given yet.
func (s *Service) SaveSearch(ctx context.Context, who account.Principal, name string, t SearchTerms) (row SavedSearch, err error) {
	if name, err = searchName(name); err != nil {
		return row, err
	}
	terms, err := json.Marshal(t)
	if err != nil {
		return row, err
	}
	return row, s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		for range maxSearches {
			var others []SavedSearch
			if err := tx.Select(&others).Where("user_id = ?", who.UserID).Order("place").Scan(ctx); err != nil {
				return err
			}
			switch {
			case slices.ContainsFunc(others, func(o SavedSearch) bool { return o.Name == name }):
				return errSearchNamed()
			case len(others) >= maxSearches:
				return ErrSearchesFull
			}
			row = SavedSearch{
				ID: id.New(), UserID: who.UserID, Place: freePlace(others), Name: name, Terms: string(terms), SavedAt: clock.At(tx.Now()),
			}
			// Who took the place or the name meanwhile is among the others the next time.
			if in, err := tx.InsertNew(ctx, &row); err != nil || in {
				return err
			}
		}
		return errs.ErrUnavailable
	})
}

// RenameSearch gives one of the caller's searches another name.
func (s *Service) RenameSearch(ctx context.Context, who account.Principal, searchID id.ID, name string) error {
	name, err := searchName(name)
	if err != nil {
		return err
	}
	err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		return wasThere(tx.ExecOne(ctx, `UPDATE saved_searches SET name = ? WHERE id = ? AND user_id = ?`, name, searchID, who.UserID))
	})
	if db.IsUnique(err) {
		err = errSearchNamed()
	}
	return err
}

// DropSearch deletes one of the caller's searches.
func (s *Service) DropSearch(ctx context.Context, who account.Principal, searchID id.ID) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		return wasThere(tx.ExecOne(ctx, `DELETE FROM saved_searches WHERE id = ? AND user_id = ?`, searchID, who.UserID))
	})
}

// freePlace is the lowest place that none of the others has; they come in order.
func freePlace(others []SavedSearch) int64 {
	for i, o := range others {
		if o.Place != int64(i)+1 {
			return int64(i) + 1
		}
	}
	return int64(len(others)) + 1
}

func searchName(name string) (string, error) {
	name = strings.TrimSpace(name)
	var bad errs.Fields
	switch {
	case name == "":
		bad.Add("/name", "field.required")
	case utf8.RuneCountInString(name) > maxSearchName:
		bad.Add("/name", "field.too_long", "max", maxSearchName)
	}
	return name, bad.Err()
}

func errSearchNamed() error {
	var bad errs.Fields
	bad.Add("/name", "catalog.search_name_taken")
	return bad.Err()
}

func wasThere(one bool, err error) error {
	if err == nil && !one {
		err = errs.ErrNotFound
	}
	return err
}
