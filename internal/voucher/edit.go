package voucher

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
	"strings"
	"unicode/utf8"

	"smedx/internal/account"
	"smedx/internal/audit"
	"smedx/internal/fund"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
	"smedx/internal/review"
)

// TypeDraft is what a voucher type is made of.
type TypeDraft struct {
	Name        string
	Description string
	FaceValue   money.Fen
	Terms       Terms
	Retired     bool
}

// maxFace is the largest face value: 100 million yuan.
const maxFace = money.MaxUnitPrice

func (d *TypeDraft) check() error {
	var bad errs.Fields
	checkName(&bad, "/name", &d.Name)
	checkText(&bad, "/description", &d.Description)
	if d.FaceValue < 1 || d.FaceValue > maxFace {
		bad.Add("/faceValueFen", "field.money_range", "min", money.Fen(1), "max", maxFace)
	}
	d.Terms.check(d.FaceValue, &bad)
	return bad.Err()
}

func checkName(bad *errs.Fields, pointer string, name *string) {
	*name = strings.TrimSpace(*name)
	if n := utf8.RuneCountInString(*name); n == 0 {
		bad.Add(pointer, "field.required")
	} else if n > 60 {
		bad.Add(pointer, "field.too_long", "max", 60)
	}
}

func checkText(bad *errs.Fields, pointer string, text *string) {
	*text = strings.TrimSpace(*text)
	if utf8.RuneCountInString(*text) > 2000 {
		bad.Add(pointer, "field.too_long", "max", 2000)
	}
}

// CreateType adds a voucher type.
func (s *Service) CreateType(ctx context.Context, who account.Principal, in TypeDraft) (Type, error) {
	if err := in.check(); err != nil {
		return Type{}, err
	}
	var t Type
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		now := clock.At(tx.Now())
		t = Type{
			ID: id.New(), Name: in.Name, Description: in.Description, FaceValue: in.FaceValue, Terms: in.Terms,
			CreatedBy: who.UserID, CreatedAt: now, UpdatedAt: now, Version: 1,
		}
		if _, err := tx.Insert(&t).Exec(ctx); err != nil {
			return err
		}
		return audit.Write(ctx, tx, who.Actor(), audit.Entry{
			Action: "voucher.type_create", ObjectKind: "voucher_type", ObjectID: t.ID, Detail: map[string]any{"faceValueFen": t.FaceValue},
		})
	})
	return t, err
}

// UpdateType changes a voucher type. Campaigns that were submitted keep the
// terms that they were submitted with.
func (s *Service) UpdateType(ctx context.Context, who account.Principal, typeID id.ID, version int64, in TypeDraft) (Type, error) {
	if err := in.check(); err != nil {
		return Type{}, err
	}
	var t Type
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		var err error
		if t, err = findType(ctx, tx, typeID); err != nil {
			return err
		}
		if t.Version != version {
			return errs.ErrStale
		}
		t.Name, t.Description, t.FaceValue, t.Terms, t.Retired = in.Name, in.Description, in.FaceValue, in.Terms, in.Retired
		t.UpdatedAt, t.Version = clock.At(tx.Now()), version+1
		res, err := tx.Update(&t).Where("id = ? AND version = ?", t.ID, version).Exec(ctx)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n != 1 {
			return orStale(err)
		}
		// drafts follow the type until they are submitted
		_, err = tx.Exec(ctx, `
			UPDATE campaign_vouchers SET name = ?, description = ?, face_value_fen = ?, terms = ?
			WHERE type_id = ? AND campaign_id IN (SELECT id FROM campaigns WHERE status = ?)`,
			t.Name, t.Description, t.FaceValue, jsonText(t.Terms), t.ID, Draft)
		if err != nil {
			return err
		}
		return audit.Write(ctx, tx, who.Actor(), audit.Entry{
			Action: "voucher.type_update", ObjectKind: "voucher_type", ObjectID: t.ID,
			Detail: map[string]any{"faceValueFen": t.FaceValue, "retired": t.Retired},
		})
	})
	return t, err
}

func orStale(err error) error {
	if err == nil {
		err = errs.ErrStale
	}
	return err
}

func jsonText(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // plain data
	}
	return string(text)
}

// CampaignDraft is what a campaign is made of.
type CampaignDraft struct {
	Name        string
	Description string
	Mode        Mode
	AutoGrant   bool
	Draw        bool // by lot after the end; mode application
	Challenge   bool // a captcha before the claim; mode rush
	BudgetID    id.ID
	OpensAt     clock.Instant
	ClosesAt    clock.Instant
	PerOrg      int64
	Rules       Rules
	Vouchers    []DraftVoucher
}

// DraftVoucher is a voucher type and how many of it a campaign has.
type DraftVoucher struct {
	TypeID id.ID
	Quota  int64
}

const (
	maxPerOrg   = 100
	maxQuota    = 1_000_000
	maxVouchers = 20
)

func (d *CampaignDraft) check() error {
	var bad errs.Fields
	checkName(&bad, "/name", &d.Name)
	checkText(&bad, "/description", &d.Description)
	if d.Mode != Rush && d.Mode != ByRequest {
		bad.Add("/mode", "field.choice")
	}
	if d.Draw && d.Mode != ByRequest {
		bad.Add("/draw", "field.choice")
	}
	if d.Draw && d.PerOrg != 1 {
		bad.Add("/perOrg", "field.out_of_range", "min", 1, "max", 1)
	}
	if d.BudgetID == 0 {
		bad.Add("/budgetId", "field.required")
	}
	if d.OpensAt.IsZero() {
		bad.Add("/opensAt", "field.required")
	}
	if d.ClosesAt <= d.OpensAt {
		bad.Add("/closesAt", "field.period_empty")
	}
	if d.PerOrg < 1 || d.PerOrg > maxPerOrg {
		bad.Add("/perOrg", "field.out_of_range", "min", 1, "max", maxPerOrg)
	}
	d.Rules.check(&bad)
	if len(d.Vouchers) == 0 {
		bad.Add("/vouchers", "field.required")
	} else if len(d.Vouchers) > maxVouchers {
		bad.Add("/vouchers", "field.too_many", "max", maxVouchers)
	}
	seen := map[id.ID]bool{}
	for i, v := range d.Vouchers {
		at := "/vouchers/" + strconv.Itoa(i)
		if v.TypeID == 0 || seen[v.TypeID] {
			bad.Add(at+"/typeId", "field.choice")
		}
		seen[v.TypeID] = true
		if v.Quota < 1 || v.Quota > maxQuota {
			bad.Add(at+"/quota", "field.out_of_range", "min", 1, "max", maxQuota)
		}
	}
	return bad.Err()
}

// CreateCampaign makes a draft.
func (s *Service) CreateCampaign(ctx context.Context, who account.Principal, in CampaignDraft) (Campaign, error) {
	if err := in.check(); err != nil {
		return Campaign{}, err
	}
	var c Campaign
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		c = Campaign{
			ID: id.New(), Status: Draft, CreatedBy: who.UserID, CreatedName: who.Username, CreatedAt: clock.At(tx.Now()), Version: 1,
		}
		if err := fill(ctx, tx, &c, in); err != nil {
			return err
		}
		if _, err := tx.Insert(&c).Exec(ctx); err != nil {
			return err
		}
		if _, err := tx.Insert(&c.Vouchers).Exec(ctx); err != nil {
			return err
		}
		return trailCampaign(ctx, tx, who, c, "create", nil)
	})
	return c, err
}

// UpdateCampaign changes a draft.
func (s *Service) UpdateCampaign(ctx context.Context, who account.Principal, campaignID id.ID, version int64, in CampaignDraft) (Campaign, error) {
	if err := in.check(); err != nil {
		return Campaign{}, err
	}
	var c Campaign
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		var err error
		if c, err = findCampaign(ctx, tx, campaignID); err != nil {
			return err
		}
		switch {
		case c.Status != Draft:
			return errs.ErrInvalidState.In(string(c.Status))
		case c.Version != version:
			return errs.ErrStale
		}
		if err := fill(ctx, tx, &c, in); err != nil {
			return err
		}
		if err := s.store(ctx, tx, &c, version, Draft); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `DELETE FROM campaign_vouchers WHERE campaign_id = ?`, c.ID); err != nil {
			return err
		}
		if _, err := tx.Insert(&c.Vouchers).Exec(ctx); err != nil {
			return err
		}
		return trailCampaign(ctx, tx, who, c, "update", nil)
	})
	return c, err
}

// fill copies a draft into the campaign, with the present terms of its types.
func fill(ctx context.Context, tx *db.Tx, c *Campaign, in CampaignDraft) error {
	var bad errs.Fields
	if _, err := fund.Find(ctx, tx, in.BudgetID); errs.Of(err).Kind == errs.NotFound {
		bad.Add("/budgetId", "field.choice")
	} else if err != nil {
		return err
	}
	c.Name, c.Description, c.Mode, c.AutoGrant, c.BudgetID = in.Name, in.Description, in.Mode, (in.AutoGrant || in.Mode == Rush) && !in.Draw, in.BudgetID
	c.Draw, c.Challenge = in.Draw, in.Challenge && in.Mode == Rush
	c.OpensAt, c.ClosesAt, c.PerOrg, c.Rules, c.UpdatedAt = in.OpensAt, in.ClosesAt, in.PerOrg, in.Rules, clock.At(tx.Now())
	c.Vouchers = nil
	for i, v := range in.Vouchers {
		t, err := findType(ctx, tx, v.TypeID)
		if errs.Of(err).Kind == errs.NotFound || err == nil && t.Retired {
			bad.Add("/vouchers/"+strconv.Itoa(i)+"/typeId", "field.choice")
			continue
		}
		if err != nil {
			return err
		}
		c.Vouchers = append(c.Vouchers, CampaignVoucher{
			ID: id.New(), CampaignID: c.ID, TypeID: t.ID, Position: int64(i), Name: t.Name, Description: t.Description,
			FaceValue: t.FaceValue, Terms: t.Terms, Quota: v.Quota, Remaining: v.Quota, OpensAt: c.OpensAt, ClosesAt: c.ClosesAt,
		})
	}
	return bad.Err()
}

// SubmitCampaign hands a draft to the department. From here on its content, its
// vouchers' terms included, does not change.
func (s *Service) SubmitCampaign(ctx context.Context, who account.Principal, campaignID id.ID, version int64) (Campaign, error) {
	var c Campaign
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		var err error
		if c, err = findCampaign(ctx, tx, campaignID); err != nil {
			return err
		}
		to, err := c.Status.Next(Submit)
		switch {
		case err != nil:
			return err
		case c.Version != version:
			return errs.ErrStale
		}
		if err := submittable(ctx, tx, c); err != nil {
			return err
		}
		c.Status, c.Reason, c.UpdatedAt, c.ContentHash = to, "", clock.At(tx.Now()), c.hash()
		opened, err := s.reviews.Open(ctx, tx, who, review.Submission{
			Kind: review.KindCampaign, Variant: VariantNew, SubjectID: c.ID, Title: c.Name, ContentHash: c.ContentHash,
		})
		if err != nil {
			return err
		}
		c.CaseID = opened.ID
		if err := s.store(ctx, tx, &c, version, Draft); err != nil {
			return err
		}
		return trailCampaign(ctx, tx, who, c, "submit", map[string]any{"hash": c.ContentHash})
	})
	return c, err
}

// submittable asks what only time and money can answer.
func submittable(ctx context.Context, tx *db.Tx, c Campaign) error {
	var bad errs.Fields
	if c.ClosesAt <= clock.At(tx.Now()) {
		bad.Add("/closesAt", "field.in_the_past")
	}
	if c.Worth() > money.MaxTotal {
		bad.Add("/vouchers", "field.money_range", "min", money.Fen(1), "max", money.MaxTotal)
	}
	for i, v := range c.Vouchers {
		if _, until := v.Terms.Validity.Of(c.ClosesAt.Time()); until < c.ClosesAt {
			bad.Add("/vouchers/"+strconv.Itoa(i)+"/typeId", "field.expires_before_close")
		}
	}
	b, err := fund.Find(ctx, tx, c.BudgetID)
	if err != nil {
		return err
	}
	if b.Available() < c.Worth() {
		bad.Add("/budgetId", "field.budget_short", "available", b.Available(), "wanted", c.Worth())
	}
	return bad.Err()
}

// hash names exactly what is approved.
func (c Campaign) hash() string {
	type voucher struct {
		Type              id.ID
		Name, Description string
		Face              money.Fen
		Terms             Terms
		Quota             int64
	}
	content := struct {
		Name, Description string
		Mode              Mode
		AutoGrant         bool
		Draw              bool `json:",omitempty"`
		Challenge         bool `json:",omitempty"`
		Budget            id.ID
		OpensAt, ClosesAt clock.Instant
		PerOrg            int64
		Rules             Rules
		Vouchers          []voucher
	}{c.Name, c.Description, c.Mode, c.AutoGrant, c.Draw, c.Challenge, c.BudgetID, c.OpensAt, c.ClosesAt, c.PerOrg, c.Rules, nil}
	for _, v := range c.Vouchers {
		content.Vouchers = append(content.Vouchers, voucher{v.TypeID, v.Name, v.Description, v.FaceValue, v.Terms, v.Quota})
	}
	sum := sha256.Sum256([]byte(jsonText(content)))
	return hex.EncodeToString(sum[:])
}

// store writes the campaign's own columns, guarded by version and state.
func (s *Service) store(ctx context.Context, tx *db.Tx, c *Campaign, version int64, from CampaignStatus) error {
	c.Version = version + 1
	res, err := tx.Update(c).Where("id = ? AND version = ? AND status = ?", c.ID, version, from).Exec(ctx)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return orStale(err)
	}
	campaign := c.ID
	tx.OnCommit(func() { s.gate.forget(campaign) })
	return nil
}

func trailCampaign(ctx context.Context, tx *db.Tx, who account.Principal, c Campaign, verb string, detail map[string]any) error {
	if detail == nil {
		detail = map[string]any{}
	}
	detail["status"] = c.Status
	return audit.Write(ctx, tx, who.Actor(), audit.Entry{Action: "campaign." + verb, ObjectKind: "campaign", ObjectID: c.ID, Detail: detail})
}

func findType(ctx context.Context, r db.Reader, typeID id.ID) (Type, error) {
	var t Type
	err := r.Select(&t).Where("id = ?", typeID).Scan(ctx)
	if db.IsNotFound(err) {
		err = errs.ErrNotFound
	}
	return t, err
}
