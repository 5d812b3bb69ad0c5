package catalog

import (
	"context"
	"reflect"
	"strings"

	"github.com/uptrace/bun"

	"smedx/internal/account"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/page"
	"smedx/internal/review"
)

// Mine lists the company's offerings of a state (我的商品), newest change first.
// An offering on sale whose next version is in another state stands in both lists.
func (s *Service) Mine(ctx context.Context, who account.Principal, status Status, name string, p page.Query) (page.Of[Offering], error) {
	var rows []Offering
	q := s.db.Select(&rows).Where("org_id = ? AND org_id <> 0", who.OrgID).Order("updated_at DESC", "id DESC")
	switch status {
	case "":
	case Listed, Delisted:
		q = q.Where("status = ?", status)
	default:
		q = q.Where("work = ?", status)
	}
	if name != "" {
		q = q.Where("name LIKE ? ESCAPE '!'", contains(name))
	}
	total, err := page.Scan(ctx, q, p, &rows)
	return page.Map(rows, total, func(o Offering) Offering { return o }), err
}

// Versions tells of the version on sale and of the working copy of each offering.
type Versions struct {
	Live, Work Revision // without their contents; a zero number where there is none
	WorkName   string   // what the working copy calls the offering
}

// VersionsOf finds the two versions of offerings, for lists that show both.
func (s *Service) VersionsOf(ctx context.Context, offerings []Offering) (map[id.ID]Versions, error) {
	out, wanted := map[id.ID]Versions{}, []id.ID{}
	for _, o := range offerings {
		wanted = append(wanted, o.LiveRevision, o.WorkRevision)
	}
	if len(wanted) == 0 {
		return out, nil
	}
	var rows []Revision
	if err := s.db.Select(&rows).ExcludeColumn("personal").Where("id IN (?)", bun.List(wanted)).Scan(ctx); err != nil {
		return nil, err
	}
	for _, o := range offerings {
		v := Versions{}
		for _, r := range rows {
			switch r.ID {
			case o.WorkRevision:
				c, err := decode(r)
				if err != nil {
					return nil, err
				}
				v.Work, v.WorkName = r, c.Name
			case o.LiveRevision:
				v.Live = r
			}
		}
		out[o.ID] = v
	}
	return out, nil
}

// MineCounts is how many offerings stand in each list of 我的商品.
func (s *Service) MineCounts(ctx context.Context, who account.Principal) (map[Status]int64, error) {
	var rows []struct {
		Status Status
		N      int64
	}
	err := s.db.Raw(`
		SELECT status, count(*) AS n FROM offerings WHERE org_id = ? AND org_id <> 0 AND status IN ('listed', 'delisted') GROUP BY status
		UNION ALL
		SELECT work AS status, count(*) AS n FROM offerings WHERE org_id = ? AND org_id <> 0 AND work <> '' GROUP BY work`,
		who.OrgID, who.OrgID).Scan(ctx, &rows)
	out := map[Status]int64{}
	for _, r := range rows {
		out[r.Status] = r.N
	}
	return out, err
}

// All lists offerings of every company for operators.
func (s *Service) All(ctx context.Context, status Status, name string, p page.Query) (page.Of[Offering], error) {
	var rows []Offering
	q := s.db.Select(&rows).Where("live_revision <> 0").Order("updated_at DESC", "id DESC")
	if status != "" {
		q = q.Where("status = ?", status)
	}
	if name != "" {
		q = q.Where("name LIKE ? ESCAPE '!'", contains(name))
	}
	total, err := page.Scan(ctx, q, p, &rows)
	return page.Map(rows, total, func(o Offering) Offering { return o }), err
}

// Product is the introduction page of an offering as buyers see it.
type Product struct {
	Offering Offering
	Content  Content
	Company  Company
}

var productOf = db.NewText(`
	SELECT o.id, o.org_id, o.kind, o.status, o.live_revision, o.name, o.cover_file, o.version, o.listed_at, o.delisted_at, o.delisted_by,
		o.delist_reason, o.sales, o.score_sum, o.score_count, r.content
	FROM offerings o JOIN revisions r ON r.id = o.live_revision WHERE o.id = ?`)

// Product opens an offering that is or was on sale. Of a delisted one the page
// stays readable; its Status says so.
func (s *Service) Product(ctx context.Context, offeringID id.ID) (Product, error) {
	if err := s.sync(ctx); err != nil {
		return Product{}, err
	}
	p, content := Product{}, ""
	o := &p.Offering
	err := productOf.Each(ctx, s.db, func(columns func(...any) error) error {
		return columns(&o.ID, &o.OrgID, &o.Kind, &o.Status, &o.LiveRevision, &o.Name, &o.CoverFile, &o.Version, &o.ListedAt, &o.DelistedAt,
			&o.DelistedBy, &o.DelistReason, &o.Sales, &o.ScoreSum, &o.ScoreCount, &content)
	}, offeringID)
	if err == nil && o.ID == 0 { // or was never on sale
		err = errs.ErrNotFound
	}
	if err != nil {
		return Product{}, err
	}
	if p.Content, err = shown(Revision{Content: content}); err != nil {
		return Product{}, err
	}
	known := false
	if p.Company, known = s.index.seller(offeringID, p.Offering.OrgID); !known {
		err = s.company(ctx, s.db, &p)
	}
	return p, err
}

// shown decodes what anybody may read; what is sealed stays so.
func shown(rev Revision) (Content, error) {
	c, err := decode(rev)
	c.Page.Description = cleanRich(c.Page.Description) // again: the policy may have grown since
	return c, err
}

func (s *Service) company(ctx context.Context, r db.Reader, p *Product) error {
	found, err := s.companies.Companies(ctx, r, p.Offering.OrgID)
	p.Company = found[p.Offering.OrgID]
	return err
}

// Preview is the page as buyers will see it (发布预览), for its own company.
func (s *Service) Preview(ctx context.Context, who account.Principal, offeringID id.ID) (Product, error) {
	w, err := s.Working(ctx, who, offeringID)
	if err != nil {
		return Product{}, err
	}
	return s.product(ctx, s.db, w.Offering, w.Revision.ID, false)
}

// product reads one revision; the people in it only when asked for.
func (s *Service) product(ctx context.Context, r db.Reader, o Offering, revisionID id.ID, people bool) (Product, error) {
	p := Product{Offering: o}
	rev, err := findRevision(ctx, r, revisionID)
	if err != nil {
		return Product{}, err
	}
	if people {
		p.Content, err = s.open(rev)
		p.Content.Page.Description = cleanRich(p.Content.Page.Description)
	} else {
		p.Content, err = shown(rev)
	}
	if err != nil {
		return Product{}, err
	}
	return p, s.company(ctx, r, &p)
}

// Dossier is what reviewers read: the content that was handed in, and the one on
// sale before it, to see what changed.
type Dossier struct {
	Product

	Revision Revision
	Previous *Content // what was on sale when this was handed in; nil the first time

	Masked          bool // people are masked; RevealContacts answers them in full
	ContactsChanged bool // the people are others than before, though masked they may look alike
}

// Dossier opens the content of a case for whoever may read its material. Experts
// do not see whom to contact, staff see it masked.
func (s *Service) Dossier(ctx context.Context, who account.Principal, caseID id.ID) (Dossier, error) {
	c, err := s.reviews.Material(ctx, s.db, who, caseID)
	if err != nil {
		return Dossier{}, err
	}
	if c.Kind != review.KindListing {
		return Dossier{}, errs.ErrNotFound
	}
	o, rev, _, err := s.reviewed(ctx, s.db, c)
	if err != nil {
		return Dossier{}, err
	}
	d := Dossier{Revision: rev}
	if d.Product, err = s.product(ctx, s.db, o, rev.ID, true); err != nil {
		return Dossier{}, err
	}
	if d.Previous, err = s.before(ctx, o, rev); err != nil {
		return Dossier{}, err
	}
	if d.Previous != nil {
		d.Previous.Page.Description = cleanRich(d.Previous.Page.Description)
		d.ContactsChanged = !reflect.DeepEqual(d.Content.people(), d.Previous.people())
	}
	show := func(c Content) Content { return c }
	switch {
	case who.Role == account.RoleExpert:
		show, d.ContactsChanged = Content.withoutPeople, false
	case who.Staff():
		show, d.Masked = Content.maskPeople, d.Content.hasPeople() || d.ContactsChanged
	}
	d.Content = show(d.Content)
	if d.Previous != nil {
		*d.Previous = show(*d.Previous)
	}
	return d, nil
}

// before is the content that was on sale when a revision was handed in; nil for none.
func (s *Service) before(ctx context.Context, o Offering, rev Revision) (*Content, error) {
	var before Revision
	err := s.db.Select(&before).Where("offering_id = ? AND number < ? AND approved_at <> 0", o.ID, rev.Number).
		Order("number DESC").Limit(1).Scan(ctx)
	if db.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	content, err := s.open(before)
	return &content, err
}

// CompanyNames finds the names of companies.
func (s *Service) CompanyNames(ctx context.Context, orgs ...id.ID) (map[id.ID]string, error) {
	found, err := s.companies.Companies(ctx, s.db, orgs...)
	out := map[id.ID]string{}
	for i, c := range found {
		out[i] = c.Name
	}
	return out, err
}

// contains is a LIKE pattern; "!" escapes.
var likeEscape = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_")

func contains(s string) string {
	return "%" + likeEscape.Replace(s) + "%"
}
