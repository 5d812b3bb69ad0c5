package voucher

import (
	"context"
	"slices"

	"smedx/internal/account"
	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
)

// Suspected answers which companies stand in a lead of abuse that holds their
// vouchers, and why in words that the company reads.
type Suspected func(ctx context.Context, r db.Reader, orgIDs ...id.ID) (map[id.ID]string, error)

// HoldSuspects names who knows of leads.
func (s *Service) HoldSuspects(of Suspected) { s.suspected = of }

// leadWords follow why a voucher is held.
const leadWords = "请准备说明材料，联系运营管理员核实；核实无误后自动解冻。"

// watched hands out new vouchers by write, and holds those of companies that stand
// in a lead. It asks for the leads first: a rush writes in one go.
func (s *Service) watched(ctx context.Context, tx *db.Tx, grants []grant, write func() error, claims ...*claimant) error {
	if len(grants) == 0 {
		return nil
	}
	orgs := make([]id.ID, 0, len(grants))
	for _, g := range grants {
		orgs = append(orgs, g.voucher.OrgID)
	}
	why, err := s.suspected(ctx, tx, orgs...)
	if err == nil {
		err = write()
	}
	if err != nil {
		return err
	}
	return s.freezeSuspects(ctx, tx, why, grants, claims)
}

// freezeSuspects freezes new vouchers of companies that stand in a lead. A refusal
// would be simpler, but an honest company would lose its place in the rush while
// somebody looks; frozen, the voucher waits for it and no public money moves.
func (s *Service) freezeSuspects(ctx context.Context, tx *db.Tx, why map[id.ID]string, grants []grant, claims []*claimant) error {
	for _, g := range grants {
		words, held := why[g.voucher.OrgID]
		if !held {
			continue
		}
		if err := s.heldByLead(ctx, tx, g.voucher, words); err != nil {
			return err
		}
		if i := slices.IndexFunc(claims, func(c *claimant) bool { return c.voucher.ID == g.voucher.ID }); i >= 0 {
			claims[i].voucher.Status = Frozen
		}
	}
	return nil
}

func (s *Service) heldByLead(ctx context.Context, tx *db.Tx, v Voucher, why string) error {
	return s.take(ctx, tx, account.System, v, EventFreeze, CauseLead, Ground{Comment: why + leadWords})
}

// FollowLeads freezes the vouchers of companies that have come to stand in a lead,
// and thaws what leads froze where none is left. What a person has thawed since
// stays thawed. It runs in the transaction that changes the lead.
func (s *Service) FollowLeads(ctx context.Context, tx *db.Tx, orgIDs ...id.ID) error {
	for part := range slices.Chunk(orgIDs, 500) {
		why, err := s.suspected(ctx, tx, part...)
		if err != nil {
			return err
		}
		var list []Voucher
		err = selectVouchers(tx, &list).Where("v.org_id IN (?) AND v.status IN (?, ?)", in(part), Active, Frozen).Order("v.id").Scan(ctx)
		if err != nil {
			return err
		}
		for some := range slices.Chunk(list, 500) {
			if err := s.followSome(ctx, tx, some, why); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *Service) followSome(ctx context.Context, tx *db.Tx, list []Voucher, why map[id.ID]string) error {
	var ids, orgs []id.ID
	for _, v := range list {
		ids, orgs = append(ids, v.ID), append(orgs, v.OrgID)
	}
	last, err := LastMeasures(ctx, tx, ids...)
	if err != nil {
		return err
	}
	companies, err := s.companies.Companies(ctx, tx, orgs...)
	if err != nil {
		return err
	}
	for _, v := range list {
		words, held := why[v.OrgID]
		switch m := last[v.ID]; {
		case held && v.Status == Active && m.Event != EventUnfreeze:
			err = s.heldByLead(ctx, tx, v, words)
		case !held && v.Status == Frozen && m.Cause == CauseLead && companies[v.OrgID].Verified:
			err = s.take(ctx, tx, account.System, v, EventUnfreeze, CauseLead, Ground{Comment: "已核实，未发现问题。"})
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// granted writes what a voucher that was asked for leaves behind: V2 and the trail,
// and the hold of a lead.
func (s *Service) granted(ctx context.Context, tx *db.Tx, who account.Principal, v Voucher, action string) error {
	one := []grant{{who, v}}
	return s.watched(ctx, tx, one, func() error { return grantedAll(ctx, tx, action, one) })
}
