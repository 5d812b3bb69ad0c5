package catalog

import (
	"context"
	"encoding/json"

	"github.com/uptrace/bun"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
)

func findOffering(ctx context.Context, r db.Reader, offeringID id.ID) (o Offering, err error) {
	err = r.Select(&o).Where("id = ?", offeringID).Scan(ctx)
	if db.IsNotFound(err) {
		err = errs.ErrNotFound
	}
	return o, err
}

// updateOffering writes the state; the version in the WHERE clause is the lock.
// Figures that orders and ratings count are left alone.
func updateOffering(ctx context.Context, tx *db.Tx, o *Offering) error {
	o.UpdatedAt = clock.At(tx.Now())
	ok, err := tx.ExecOne(ctx, `
		UPDATE offerings SET status = ?, work = ?, work_revision = ?, work_note = ?, work_fields = ?, live_revision = ?,
			name = ?, cover_file = ?, version = version + 1, last_number = ?, updated_at = ?, listed_at = ?,
			delisted_at = ?, delisted_by = ?, delist_reason = ?
		WHERE id = ? AND version = ?`,
		o.Status, o.Work, o.WorkRevision, o.WorkNote, o.WorkFields, o.LiveRevision,
		o.Name, o.CoverFile, o.LastNumber, o.UpdatedAt, o.ListedAt,
		o.DelistedAt, o.DelistedBy, o.DelistReason, o.ID, o.Version)
	if err == nil && !ok {
		err = errs.ErrStale
	}
	o.Version++
	return err
}

// revision loads one revision with its whole content.
func (s *Service) revision(ctx context.Context, r db.Reader, revisionID id.ID) (rev Revision, c Content, err error) {
	if rev, err = findRevision(ctx, r, revisionID); err != nil {
		return rev, c, err
	}
	c, err = s.open(rev)
	return rev, c, err
}

func findRevision(ctx context.Context, r db.Reader, revisionID id.ID) (rev Revision, err error) {
	err = r.Select(&rev).Where("id = ?", revisionID).Scan(ctx)
	if db.IsNotFound(err) {
		err = errs.ErrNotFound
	}
	return rev, err
}

func lastRevision(ctx context.Context, r db.Reader, offeringID id.ID) (rev Revision, err error) {
	err = r.Select(&rev).Where("offering_id = ?", offeringID).Order("number DESC").Limit(1).Scan(ctx)
	if db.IsNotFound(err) {
		err = nil
	}
	return rev, err
}

func saveRevision(ctx context.Context, tx *db.Tx, r Revision) error {
	ok, err := tx.ExecOne(ctx, `
		UPDATE revisions SET content = ?, personal = ?, updated_at = ?, version = version + 1
		WHERE id = ? AND version = ? AND status = 'draft'`, r.Content, r.Personal, r.UpdatedAt, r.ID, r.Version)
	if err == nil && !ok {
		err = errs.ErrStale
	}
	return err
}

// write puts the content into the row, people sealed.
func (s *Service) write(r *Revision, c Content) error {
	people, err := json.Marshal(c.people())
	if err != nil {
		return err
	}
	content, err := json.Marshal(c.withoutPeople())
	r.Content, r.Personal = string(content), s.box.Seal(string(people))
	return err
}

// open reads the whole content of a row.
func (s *Service) open(r Revision) (Content, error) {
	c, err := decode(r)
	if err != nil {
		return c, err
	}
	raw, err := s.box.Open(r.Personal)
	if err != nil {
		return c, err
	}
	var p personal
	if err := json.Unmarshal([]byte(raw), &p); err != nil {
		return c, err
	}
	c.addPeople(p)
	return c, nil
}

// decode reads the content of a row without the people in it.
func decode(r Revision) (c Content, err error) {
	err = json.Unmarshal([]byte(r.Content), &c)
	return c, err
}

type planRow struct {
	bun.BaseModel `bun:"table:plans"`

	ID         id.ID `bun:",pk"`
	OfferingID id.ID
	RevisionID id.ID
	Position   int64
	Name       string
	Attributes string
	Instant    bool
	Active     bool
}

type priceRow struct {
	bun.BaseModel `bun:"table:plan_prices"`

	PlanID   id.ID       `bun:",pk"`
	Unit     BillingUnit `bun:",pk"`
	PriceFen money.Fen
}

// putPlans makes the plans of the revision the ones on sale.
func putPlans(ctx context.Context, tx *db.Tx, o Offering, revisionID id.ID, plans []Plan) error {
	if _, err := tx.Exec(ctx, `UPDATE plans SET active = ? WHERE offering_id = ?`, false, o.ID); err != nil {
		return err
	}
	for i, p := range plans {
		row := planRow{
			ID: p.ID, OfferingID: o.ID, RevisionID: revisionID, Position: int64(i), Name: p.Name,
			Attributes: p.attributes(), Instant: p.Instant, Active: true,
		}
		_, err := tx.Insert(&row).On("CONFLICT (id) DO UPDATE").
			Set("revision_id = EXCLUDED.revision_id, position = EXCLUDED.position, name = EXCLUDED.name").
			Set("attributes = EXCLUDED.attributes, instant = EXCLUDED.instant, active = EXCLUDED.active").Exec(ctx)
		if err != nil {
			return err
		}
		if err := keepPriceChanges(ctx, tx, p); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM plan_prices WHERE plan_id = ?`, p.ID); err != nil {
			return err
		}
		for j, price := range p.Prices {
			if _, err := tx.Insert(&priceRow{PlanID: p.ID, Unit: price.Unit, PriceFen: p.priceOf(j)}).Exec(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// keepPriceChanges notes which prices of a plan on sale go up or down.
func keepPriceChanges(ctx context.Context, tx *db.Tx, p Plan) error {
	for j, price := range p.Prices {
		_, err := tx.Exec(ctx, `
			INSERT INTO plan_price_changes (id, plan_id, unit, at, from_fen, to_fen)
			SELECT ?, plan_id, unit, CAST(? AS BIGINT), price_fen, CAST(? AS BIGINT) FROM plan_prices WHERE plan_id = ? AND unit = ? AND price_fen <> ?`,
			id.New(), clock.At(tx.Now()), p.priceOf(j), p.ID, price.Unit, p.priceOf(j))
		if err != nil {
			return err
		}
	}
	return nil
}

func toJSON(list []string) string {
	if len(list) == 0 {
		return "[]"
	}
	raw, err := json.Marshal(list)
	if err != nil {
		panic(err) // strings always marshal
	}
	return string(raw)
}
