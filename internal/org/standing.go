package org

import (
	"context"
	"encoding/json"

	"github.com/uptrace/bun"

	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
)

// Standing is whether a company is verified now, and the facts of its version in force.
type Standing struct {
	Verified  bool
	VersionID id.ID
	Facts     Facts
}

var (
	standingsOf = db.NewText(`SELECT id, verification, current_version FROM organizations WHERE id IN ? AND current_version <> 0`)
	factsOf     = db.NewText(`SELECT id, facts FROM profile_versions WHERE id IN ?`)
)

// Standings answers how companies stand. A company without a version in force is
// not in the answer. What many ask for is shared: nobody changes the facts.
func (s *Service) Standings(ctx context.Context, r db.Reader, orgIDs ...id.ID) (map[id.ID]Standing, error) {
	out := make(map[id.ID]Standing, len(orgIDs))
	var unread []id.ID
	err := standingsOf.Each(ctx, r, func(columns func(...any) error) error {
		var row standingRow
		if err := columns(&row.ID, &row.Verification, &row.VersionID); err != nil {
			return err
		}
		facts, known := s.known.Find(row.VersionID)
		if !known {
			unread = append(unread, row.VersionID)
		}
		out[row.ID] = Standing{Verified: row.Verification.InForce(), VersionID: row.VersionID, Facts: facts}
		return nil
	}, orgIDs)
	if err != nil || len(unread) == 0 {
		return out, err
	}
	return out, s.readFacts(ctx, r, out, unread)
}

// readFacts puts the facts of some versions into standings, and keeps them.
func (s *Service) readFacts(ctx context.Context, r db.Reader, of map[id.ID]Standing, versions []id.ID) error {
	read := make(map[id.ID]Facts, len(versions))
	err := factsOf.Each(ctx, r, func(columns func(...any) error) error {
		var version id.ID
		var text string
		var f Facts
		err := columns(&version, &text)
		if err == nil {
			err = json.Unmarshal([]byte(text), &f)
		}
		read[version] = f
		return err
	}, versions)
	if err != nil {
		return err
	}
	for orgID, at := range of {
		if f, now := read[at.VersionID]; now {
			at.Facts = f
			of[orgID] = at
		}
	}
	s.known.Keep(read)
	return nil
}

// VerifiedAfter answers companies of a kind that are verified now and come after
// one, in the order of their ids, and how they stand.
func (s *Service) VerifiedAfter(ctx context.Context, r db.Reader, kind Kind, after id.ID, limit int) (ids []id.ID, of map[id.ID]Standing, err error) {
	var rows []standingRow
	err = r.Raw(selectStanding+`WHERE o.kind = ? AND o.verification IN (?) AND o.id > ? ORDER BY o.id LIMIT ?`,
		kind, bun.List(inForce()), after, limit).Scan(ctx, &rows)
	if err != nil {
		return nil, nil, err
	}
	of = make(map[id.ID]Standing, len(rows))
	for _, row := range rows {
		if of[row.ID], err = row.standing(); err != nil {
			return nil, nil, err
		}
		ids = append(ids, row.ID)
	}
	return ids, of, nil
}

// inForce are the states in which a company is verified.
func inForce() (all []Verification) {
	for v := range transitions {
		if v.InForce() {
			all = append(all, v)
		}
	}
	return all
}

const selectStanding = `
	SELECT o.id, o.verification, o.current_version AS version_id, v.facts
	FROM organizations o JOIN profile_versions v ON v.id = o.current_version `

type standingRow struct {
	ID           id.ID
	Verification Verification
	VersionID    id.ID
	Facts        string
}

func (row standingRow) standing() (Standing, error) {
	at := Standing{Verified: row.Verification.InForce(), VersionID: row.VersionID}
	return at, json.Unmarshal([]byte(row.Facts), &at.Facts)
}
