package org

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/uptrace/bun"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
	"smedx/internal/kit/mask"
)

// MarkKind is a thing that companies state and that is compared between them.
type MarkKind string

// The kinds of marks.
const (
	MarkPhone    MarkKind = "phone"
	MarkAddress  MarkKind = "address"
	MarkLegalRep MarkKind = "legal_rep" // of the same name in the same city
	MarkBank     MarkKind = "bank"
	MarkRelated  MarkKind = "related" // the credit code of a party that a provider declares
)

// Purposes of the keyed hashes that no other column has.
const (
	indexAddress = "org.address"
	indexBank    = "org.bank"
)

type markRow struct {
	bun.BaseModel `bun:"table:org_marks"`

	OrgID id.ID    `bun:",pk"`
	Kind  MarkKind `bun:",pk"`
	Mark  string   `bun:",pk"`
	Shown string
	At    clock.Instant
}

// mark keeps what a company states in a version that it hands in: keyed hashes,
// and beside each the masked value, sealed. Marks of earlier versions stay.
func (s *Service) mark(ctx context.Context, tx *db.Tx, v Version, values map[string]any) error {
	var f Facts
	if err := json.Unmarshal([]byte(v.Facts), &f); err != nil {
		return err
	}
	rows := s.factMarks(v, f)
	shown := map[MarkKind]string{
		MarkPhone: mask.Number(text(values, "contact_phone")), MarkLegalRep: mask.Name(text(values, "legal_representative")),
	}
	for i := range rows {
		rows[i].Shown = s.box.Seal(shown[rows[i].Kind])
	}
	rows = append(rows, s.addressMarks(v, values)...)
	if account, _ := values["settlement_account"].(map[string]any); account != nil {
		if no := text(account, "account_no"); no != "" {
			rows = append(rows, markRow{OrgID: v.OrgID, Kind: MarkBank, Mark: s.box.Index(indexBank, no), Shown: s.box.Seal(tail(no)), At: v.SubmittedAt})
		}
	}
	return putMarks(ctx, tx, v.OrgID, rows)
}

// factMarks are the marks that a version's facts hold already.
func (s *Service) factMarks(v Version, f Facts) (rows []markRow) {
	add := func(k MarkKind, value string) {
		if value != "" {
			rows = append(rows, markRow{OrgID: v.OrgID, Kind: k, Mark: value, At: v.SubmittedAt})
		}
	}
	add(MarkPhone, f.PhoneIndex)
	if f.LegalRepIndex != "" && len(f.RegionCode) >= 4 {
		add(MarkLegalRep, f.LegalRepIndex+":"+f.RegionCode[:4])
	}
	for _, code := range f.RelatedUSCC {
		add(MarkRelated, code)
	}
	return rows
}

// addressMarks are those of the addresses of a form; they lie open in its answers.
func (s *Service) addressMarks(v Version, values map[string]any) (rows []markRow) {
	for _, key := range []string{"registered_address", "operating_address", "registered_region_detail"} {
		plain := strings.Join(strings.Fields(text(values, key)), "")
		region := text(values, "registered_region")
		if key == "operating_address" && text(values, "operating_region") != "" {
			region = text(values, "operating_region")
		}
		if len([]rune(plain)) < 4 || region == "" {
			continue // too little to mean the same place
		}
		cut := []rune(plain)
		rows = append(rows, markRow{
			OrgID: v.OrgID, Kind: MarkAddress, Mark: s.box.Index(indexAddress, region+plain), Shown: s.box.Seal(string(cut[:3]) + "****"), At: v.SubmittedAt,
		})
	}
	return rows
}

func tail(no string) string {
	if len(no) < 8 {
		return "****"
	}
	return "****" + no[len(no)-4:]
}

func putMarks(ctx context.Context, tx *db.Tx, orgID id.ID, rows []markRow) error {
	for i := range rows {
		if _, err := tx.InsertNew(ctx, &rows[i]); err != nil {
			return err
		}
	}
	_, err := tx.Exec(ctx, `UPDATE organizations SET marked_at = ? WHERE id = ?`, clock.At(tx.Now()), orgID)
	return err
}

// MarkDue is a sweep: it gives companies that were verified before marks were kept
// the marks that need no sealed answer to be opened.
func (s *Service) MarkDue(ctx context.Context) error {
	const batch = 200
	for {
		var due []Version
		err := s.db.Select(&due).
			Where("id IN (SELECT current_version FROM organizations WHERE marked_at = 0 AND current_version <> 0 ORDER BY id LIMIT ?)", batch).Scan(ctx)
		if err != nil || len(due) == 0 {
			return err
		}
		err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
			for _, v := range due {
				var f Facts
				if err := json.Unmarshal([]byte(v.Facts), &f); err != nil {
					return err
				}
				values := map[string]any{}
				if v.Answers != "" {
					if err := json.Unmarshal([]byte(v.Answers), &values); err != nil {
						return err
					}
				}
				if err := putMarks(ctx, tx, v.OrgID, append(s.factMarks(v, f), s.addressMarks(v, values)...)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
}

// ShownMarks answers the masked values of some marks; one whose value was not kept
// is missing. Only what is asked for is opened.
func (s *Service) ShownMarks(ctx context.Context, r db.Reader, kind MarkKind, marks ...string) (map[string]string, error) {
	out := map[string]string{}
	if len(marks) == 0 {
		return out, nil
	}
	var rows []markRow
	err := r.Select(&rows).Where("kind = ? AND mark IN (?) AND shown <> ''", kind, bun.List(marks)).Limit(1000).Scan(ctx)
	for _, m := range rows {
		if out[m.Mark] != "" || err != nil {
			continue
		}
		out[m.Mark], err = s.box.Open(m.Shown)
	}
	return out, err
}
