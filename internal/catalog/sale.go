package catalog

import (
	"context"
	"encoding/json"

	"github.com/uptrace/bun"

	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
)

// PlanRef names what a buyer chooses: a plan and a way to buy it.
type PlanRef struct {
	PlanID id.ID
	Unit   BillingUnit
}

// SaleItem is a plan as it is on sale now: what an order copies.
type SaleItem struct {
	OfferingID  id.ID
	RevisionID  id.ID
	PlanID      id.ID
	ProviderOrg id.ID
	Name        string // of the offering
	PlanName    string
	Attributes  string // 规格属性, in one line
	Unit        BillingUnit
	UnitPrice   money.Fen
	Instant     bool
	Categories  []string
	Industries  []string
	Tags        []string
	CoverFile   id.ID
}

// fitting is what of an offering's content decides which vouchers fit it.
type fitting struct {
	Categories []string `json:"categories"`
	Industries []string `json:"industries"`
	Tags       []string `json:"tags"`
}

var plansOnSale = db.NewText(`
	SELECT o.id AS offering_id, p.revision_id, p.id AS plan_id, o.org_id, o.name, p.name AS plan_name, p.attributes,
		pp.unit, pp.price_fen, p.instant, o.cover_file
	FROM plans p
	JOIN plan_prices pp ON pp.plan_id = p.id
	JOIN offerings o ON o.id = p.offering_id AND o.live_revision = p.revision_id
	WHERE p.id IN ? AND p.active AND o.status = 'listed'`)

var contentsOf = db.NewText(`SELECT id, content FROM revisions WHERE id IN ?`)

// fittings reads what decides which vouchers fit some revisions that are on sale,
// which never change.
func (s *Service) fittings(ctx context.Context, r db.Reader, revisions []id.ID) (map[id.ID]fitting, error) {
	out := make(map[id.ID]fitting, len(revisions))
	var unread []id.ID
	for _, revision := range revisions {
		f, known := s.fits.Find(revision)
		if out[revision] = f; !known {
			unread = append(unread, revision)
		}
	}
	if len(unread) == 0 {
		return out, nil
	}
	read := make(map[id.ID]fitting, len(unread))
	err := contentsOf.Each(ctx, r, func(columns func(...any) error) error {
		var revision id.ID
		var content string
		var f fitting
		err := columns(&revision, &content)
		if err == nil {
			err = json.Unmarshal([]byte(content), &f)
		}
		read[revision], out[revision] = f, f
		return err
	}, unread)
	if err == nil {
		s.fits.Keep(read)
	}
	return out, err
}

// SaleItems finds plans on sale; a missing key means "not for sale": delisted,
// replaced, never listed, or the provider's verification is not in force.
func (s *Service) SaleItems(ctx context.Context, r db.Reader, refs ...PlanRef) (map[PlanRef]SaleItem, error) {
	out := map[PlanRef]SaleItem{}
	if len(refs) == 0 {
		return out, nil
	}
	plans := make([]id.ID, 0, len(refs))
	for _, ref := range refs {
		plans = append(plans, ref.PlanID)
	}
	var rows []struct {
		OfferingID, RevisionID, PlanID, OrgID id.ID
		Name, PlanName, Attributes            string
		Unit                                  BillingUnit
		PriceFen                              money.Fen
		Instant                               bool
		CoverFile                             id.ID
	}
	err := plansOnSale.Scan(ctx, r, &rows, plans)
	if err != nil {
		return nil, err
	}
	orgs, revisions := []id.ID{}, []id.ID{}
	for _, row := range rows {
		orgs, revisions = append(orgs, row.OrgID), append(revisions, row.RevisionID)
	}
	fits, err := s.fittings(ctx, r, revisions)
	if err != nil {
		return nil, err
	}
	companies, err := s.companies.Companies(ctx, r, orgs...)
	if err != nil {
		return nil, err
	}
	found := map[PlanRef]SaleItem{}
	for _, row := range rows {
		if !companies[row.OrgID].Verified {
			continue
		}
		c := fits[row.RevisionID]
		found[PlanRef{row.PlanID, row.Unit}] = SaleItem{
			OfferingID: row.OfferingID, RevisionID: row.RevisionID, PlanID: row.PlanID, ProviderOrg: row.OrgID,
			Name: row.Name, PlanName: row.PlanName, Attributes: row.Attributes, Unit: row.Unit, UnitPrice: row.PriceFen,
			Instant: row.Instant, Categories: c.Categories, Industries: c.Industries, Tags: c.Tags, CoverFile: row.CoverFile,
		}
	}
	for _, ref := range refs {
		if item, ok := found[ref]; ok {
			out[ref] = item
		}
	}
	return out, nil
}

// Headline is what lists of orders and ratings show of an offering.
type Headline struct {
	OfferingID  id.ID
	Name        string
	Status      Status // listed or delisted
	CoverFile   id.ID
	ProviderOrg id.ID
}

// Headline finds offerings that are or were on sale; the map lacks all others.
func (s *Service) Headline(ctx context.Context, r db.Reader, offeringIDs ...id.ID) (map[id.ID]Headline, error) {
	out := map[id.ID]Headline{}
	if len(offeringIDs) == 0 {
		return out, nil
	}
	var rows []Offering
	err := r.Select(&rows).Column("id", "name", "status", "cover_file", "org_id").
		Where("id IN (?)", bun.List(offeringIDs)).Where("live_revision <> 0").Scan(ctx)
	for _, o := range rows {
		out[o.ID] = Headline{o.ID, o.Name, o.Status, o.CoverFile, o.OrgID}
	}
	return out, err
}

// RecordSale adds to the number sold (negative for a refund), never below zero.
func (s *Service) RecordSale(ctx context.Context, tx *db.Tx, offeringID id.ID, quantity int64) error {
	ok, err := tx.ExecOne(ctx, `
		UPDATE offerings SET sales = CASE WHEN sales + ? < 0 THEN 0 ELSE sales + ? END WHERE id = ?`, quantity, quantity, offeringID)
	if err == nil && !ok {
		err = errs.ErrNotFound
	}
	tx.OnCommit(func() { s.index.sold(offeringID, quantity) })
	return err
}

// RecordScore adds a buyer's score, 1 to 5.
func (s *Service) RecordScore(ctx context.Context, tx *db.Tx, offeringID id.ID, score int64) error {
	if score < 1 || score > 5 {
		return errs.ErrInvalid
	}
	ok, err := tx.ExecOne(ctx, `UPDATE offerings SET score_sum = score_sum + ?, score_count = score_count + 1 WHERE id = ?`, score, offeringID)
	if err == nil && !ok {
		err = errs.ErrNotFound
	}
	if err != nil {
		return err
	}
	return s.changed(ctx, tx, offeringID)
}

// shareAtOnce is how many offerings one turn of ShareSales takes.
const shareAtOnce = 500

// ShareSales tells the other processes, and the answers that are kept, of new
// figures of sales. Not the sale itself does: all sales would wait for one row.
func (s *Service) ShareSales(ctx context.Context) error {
	var sold []id.ID
	if err := s.db.Raw(`SELECT id FROM offerings WHERE sales <> shared_sales LIMIT ?`, shareAtOnce).Scan(ctx, &sold); err != nil || len(sold) == 0 {
		return err
	}
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		for _, o := range sold {
			if _, err := tx.Exec(ctx, `UPDATE offerings SET shared_sales = sales WHERE id = ?`, o); err != nil {
				return err
			}
			if err := s.changed(ctx, tx, o); err != nil {
				return err
			}
		}
		return nil
	})
}
