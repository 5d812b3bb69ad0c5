package risk

import (
	"context"
	"slices"
	"strings"

	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
	"smedx/internal/setting"
)

// holding are the rules whose leads may hold the vouchers of their companies, each
// with the switch that says so.
var holding = map[Code]setting.Key{
	"same_phone":         setting.HoldSamePhone,
	"same_legal_rep":     setting.HoldSameLegalRep,
	"same_bank":          setting.HoldSameBank,
	"same_device":        setting.HoldSameDevice,
	"registration_burst": setting.HoldBurst,
}

// MayHold reports whether leads of this rule may hold vouchers, as the settings say.
func (c Code) MayHold() bool {
	_, may := holding[c]
	return may
}

// AboutOrder reports whether leads of this rule are about a deal, whose money waits.
func (c Code) AboutOrder() bool { return slices.Contains(ofOrders, c) }

// Follow is called in the transaction in which leads of companies begin, grow or are decided.
type Follow func(ctx context.Context, tx *db.Tx, orgIDs ...id.ID) error

// OnLeads names who is told of companies whose leads changed.
func (s *Service) OnLeads(follow Follow) { s.follow = follow }

// holdingNow lists the rules that hold vouchers now, in the order of the table.
func (s *Service) holdingNow(ctx context.Context, r db.Reader) (list []Code, err error) {
	keys := make([]setting.Key, 0, len(holding))
	for _, key := range holding {
		keys = append(keys, key)
	}
	on, err := s.settings.AllOn(ctx, r, keys...)
	for _, rule := range Rules {
		for _, key := range on {
			if holding[rule.Code] == key {
				list = append(list, rule.Code)
			}
		}
	}
	return list, err
}

// Suspected answers which of the companies stand in a lead whose rule holds vouchers
// and that nobody has dismissed, and why, in words for the company.
func (s *Service) Suspected(ctx context.Context, r db.Reader, orgIDs ...id.ID) (map[id.ID]string, error) {
	rules, err := s.holdingNow(ctx, r)
	if err != nil || len(rules) == 0 || len(orgIDs) == 0 {
		return nil, err
	}
	var rows []struct {
		OrgID id.ID
		Rule  Code
	}
	err = r.Raw(`
		SELECT DISTINCT o.org_id, h.rule FROM risk_hit_orgs o JOIN risk_hits h ON h.id = o.hit_id
		WHERE o.org_id IN (?) AND h.state <> ? AND h.rule IN (?) ORDER BY o.org_id, h.rule`, in(orgIDs), Dismissed, in(rules)).Scan(ctx, &rows)
	if err != nil {
		return nil, err
	}
	names := map[id.ID][]string{}
	for _, row := range rows {
		names[row.OrgID] = append(names[row.OrgID], row.Rule.Name())
	}
	out := make(map[id.ID]string, len(names))
	for orgID, list := range names {
		out[orgID] = "系统发现需要核实的情况：" + strings.Join(list, "、") + "。"
	}
	return out, nil
}

// followAll tells of the companies of a lead.
func (s *Service) followAll(ctx context.Context, tx *db.Tx, rule Code, hitIDs ...id.ID) error {
	if !rule.MayHold() || len(hitIDs) == 0 {
		return nil
	}
	var orgs []id.ID
	err := tx.Raw(`SELECT DISTINCT org_id FROM risk_hit_orgs WHERE hit_id IN (?) ORDER BY org_id`, in(hitIDs)).Scan(ctx, &orgs)
	if err != nil || len(orgs) == 0 {
		return err
	}
	return s.follow(ctx, tx, orgs...)
}

// ofOrders are the rules whose leads are about a deal.
var ofOrders = []Code{"fast_acceptance", "paid_by_other", "provider_for_client", "related_party", "revoked_voucher"}

// OpenLeadsOf answers the leads about orders that nobody has dismissed: as long as
// there is one, the money of the order should not be paid out.
func (s *Service) OpenLeadsOf(ctx context.Context, r db.Reader, orderIDs ...id.ID) (map[id.ID][]Hit, error) {
	out := map[id.ID][]Hit{}
	if len(orderIDs) == 0 {
		return out, nil
	}
	var orders []struct{ ID, BuyerOrg, ProviderOrg id.ID }
	if err := r.Raw(`SELECT id, buyer_org, provider_org FROM orders WHERE id IN (?)`, in(orderIDs)).Scan(ctx, &orders); err != nil {
		return nil, err
	}
	about := map[string][]id.ID{}
	var subjects []string
	for _, o := range orders {
		for _, subject := range []string{"order:" + o.ID.String(), pair(o.BuyerOrg, o.ProviderOrg)} {
			if about[subject] == nil {
				subjects = append(subjects, subject)
			}
			about[subject] = append(about[subject], o.ID)
		}
	}
	if len(subjects) == 0 {
		return out, nil
	}
	var hits []Hit
	err := r.Select(&hits).Where("h.rule IN (?) AND h.subject IN (?) AND h.state <> ?", in(ofOrders), in(subjects), Dismissed).Order("h.id").Scan(ctx)
	for _, h := range hits {
		for _, orderID := range about[h.Subject] {
			out[orderID] = append(out[orderID], h)
		}
	}
	return out, err
}

// InLeads answers which of some orders stand in a lead that nobody has dismissed.
func (s *Service) InLeads(ctx context.Context, r db.Reader, orderIDs ...id.ID) (map[id.ID]bool, error) {
	leads, err := s.OpenLeadsOf(ctx, r, orderIDs...)
	out := make(map[id.ID]bool, len(leads))
	for orderID := range leads {
		out[orderID] = true
	}
	return out, err
}
