package catalog

import (
	"context"
	"unicode/utf8"

	"smedx/internal/account"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
)

// copyMark ends the name of a copy until its provider gives it another.
const copyMark = "（副本）"

// Copy begins a new offering with what an own one says now: its working copy, or
// what is on sale. Plans get ids of their own, because orders go by them.
func (s *Service) Copy(ctx context.Context, who account.Principal, offeringID id.ID) (Working, error) {
	var o Offering
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		from, err := own(ctx, tx, who, offeringID)
		if err != nil {
			return err
		}
		if err := s.requireVerified(ctx, tx, who.OrgID); err != nil {
			return err
		}
		_, c, err := s.revision(ctx, tx, from.newest())
		if err != nil {
			return err
		}
		c.Name = marked(c.Name)
		for i := range c.Plans {
			c.Plans[i].ID = id.New()
		}
		now := clock.At(tx.Now())
		o = Offering{
			ID: id.New(), OrgID: from.OrgID, Kind: from.Kind, Status: Draft, Work: Draft, WorkFields: "[]", Name: c.Name, CoverFile: c.CoverFile,
			Version: 1, CreatedBy: who.UserID, CreatedAt: now, UpdatedAt: now,
		}
		if _, err := tx.Insert(&o).Exec(ctx); err != nil {
			return err
		}
		if err := s.openDraft(ctx, tx, &o, c); err != nil {
			return err
		}
		return trail(ctx, tx, who, o, "catalog.copy", map[string]any{"from": from.ID})
	})
	if err != nil {
		return Working{}, err
	}
	return s.Working(ctx, who, o.ID)
}

// marked adds the mark of a copy, and cuts a long name for it.
func marked(name string) string {
	most := 60 - utf8.RuneCountInString(copyMark) // the shortest limit of the forms
	if runes := []rune(name); len(runes) > most {
		name = string(runes[:most])
	}
	return name + copyMark
}
