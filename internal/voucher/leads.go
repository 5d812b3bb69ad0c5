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
	return s.take(ctx, tx, account.System, v, EventFreeze, CauseLead, CauseLead, Ground{Comment: why + leadWords})
}

// The words of what thaws when no lead holds it any more.
const (
	dismissedWords = "已核实，未发现问题。"
	releasedWords  = "该情况不再需要先行冻结服务券。"
)

// FollowLeads freezes the vouchers of companies that have come to stand in a lead,
// and thaws what leads froze where none is left. What a person has thawed since
// stays thawed. It runs in the transaction that changes the lead.
func (s *Service) FollowLeads(ctx context.Context, tx *db.Tx, orgIDs ...id.ID) error {
	for part := range slices.Chunk(orgIDs, 500) {
		why, err := s.suspected(ctx, tx, part...)
		if err != nil {
			return err
		}
		if err := s.holdOf(ctx, tx, part, why); err != nil {
			return err
		}
		if err := s.thawOf(ctx, tx, part, why, dismissedWords); err != nil {
			return err
		}
	}
	return nil
}

// holdOf freezes the vouchers of companies that stand in a lead.
func (s *Service) holdOf(ctx context.Context, tx *db.Tx, orgIDs []id.ID, why map[id.ID]string) error {
	list, err := toHold(ctx, tx, orgIDs, why)
	if err != nil {
		return err
	}
	for _, v := range list {
		if err := s.heldByLead(ctx, tx, v, why[v.OrgID]); err != nil {
			return err
		}
	}
	return nil
}

// toHold lists the vouchers of companies in a lead that no lead holds yet and that
// nobody has let go.
func toHold(ctx context.Context, r db.Reader, orgIDs []id.ID, why map[id.ID]string) ([]Voucher, error) {
	list, stops, err := vouchersIn(ctx, r, standing(orgIDs, why, true), Active, Frozen)
	if err != nil {
		return nil, err
	}
	freed, err := freedByStaff(ctx, r, list)
	return slices.DeleteFunc(list, func(v Voucher) bool {
		_, stands := StopOf(stops[v.ID], CauseLead)
		return stands || freed[v.ID]
	}), err
}

// WouldHold answers which vouchers of the companies FollowLeads would freeze now:
// what follows when a lead of theirs is confirmed.
func (s *Service) WouldHold(ctx context.Context, orgIDs ...id.ID) (map[id.ID]bool, error) {
	why, err := s.suspected(ctx, s.db, orgIDs...)
	if err != nil {
		return nil, err
	}
	list, err := toHold(ctx, s.db, orgIDs, why)
	out := make(map[id.ID]bool, len(list))
	for _, v := range list {
		out[v.ID] = true
	}
	return out, err
}

// thawOf ends the freezes of leads of companies that stand in none.
func (s *Service) thawOf(ctx context.Context, tx *db.Tx, orgIDs []id.ID, why map[id.ID]string, words string) error {
	list, stops, err := vouchersIn(ctx, tx, standing(orgIDs, why, false), Frozen)
	if err != nil {
		return err
	}
	for _, v := range list {
		if _, stands := StopOf(stops[v.ID], CauseLead); !stands {
			continue
		}
		if err := s.take(ctx, tx, account.System, v, EventUnfreeze, CauseLead, CauseLead, Ground{Comment: words}); err != nil {
			return err
		}
	}
	return nil
}

// standing picks the companies that stand in a lead, or those that do not.
func standing(orgIDs []id.ID, why map[id.ID]string, held bool) []id.ID {
	return slices.DeleteFunc(slices.Clone(orgIDs), func(orgID id.ID) bool {
		_, stands := why[orgID]
		return stands != held
	})
}

// freedByStaff answers which vouchers a person let go of that a lead had frozen.
func freedByStaff(ctx context.Context, r db.Reader, list []Voucher) (map[id.ID]bool, error) {
	out := map[id.ID]bool{}
	for some := range slices.Chunk(list, 500) {
		var freed []id.ID
		err := r.Raw(`
			SELECT voucher_id FROM voucher_measures WHERE event = ? AND cause = ? AND id IN (
				SELECT MAX(id) FROM voucher_measures WHERE voucher_id IN (?) AND origin = ? GROUP BY voucher_id)`,
			EventUnfreeze, CauseStaff, in(numbers(some)), CauseLead).Scan(ctx, &freed)
		if err != nil {
			return nil, err
		}
		for _, v := range freed {
			out[v] = true
		}
	}
	return out, nil
}

func numbers(list []Voucher) []id.ID {
	out := make([]id.ID, len(list))
	for i, v := range list {
		out[i] = v.ID
	}
	return out
}

// ThawReleased thaws what leads froze and hold no more without a decision: a switch
// of the settings was turned off. It never freezes.
func (s *Service) ThawReleased(ctx context.Context) error {
	var held []id.ID
	err := s.db.Raw(`
		SELECT DISTINCT v.org_id FROM vouchers v JOIN voucher_measures m ON m.voucher_id = v.id AND m.origin = ? AND m.event = ?
		WHERE v.campaign_id IN (SELECT id FROM campaigns) AND v.status = ?
			AND NOT EXISTS (SELECT 1 FROM voucher_measures n WHERE n.voucher_id = m.voucher_id AND n.origin = m.origin AND n.id > m.id)
		ORDER BY v.org_id`, CauseLead, EventFreeze, Frozen).Scan(ctx, &held)
	if err != nil {
		return err
	}
	for part := range slices.Chunk(held, 500) {
		why, err := s.suspected(ctx, s.db, part...)
		if err != nil {
			return err
		}
		free := standing(part, why, false)
		if len(free) == 0 {
			continue
		}
		err = s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
			why, err := s.suspected(ctx, tx, free...)
			if err != nil {
				return err
			}
			return s.thawOf(ctx, tx, free, why, releasedWords)
		})
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
