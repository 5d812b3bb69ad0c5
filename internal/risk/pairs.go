package risk

import (
	"cmp"
	"context"
	"slices"
	"time"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
)

// crowd is how many companies a network address may serve before it says nothing.
const crowd = 20

// sessionLife is how long after a sign-in a company's user may still act.
const sessionLife = 12 * time.Hour

// together is a thing that an enterprise and a provider have in common.
type together struct {
	Buyer    id.ID
	Provider id.ID
	Kind     string
	Mark     string
	At       clock.Instant
}

// alike are the marks of both sides of a deal; deals is a query of buyer and provider.
func alike(ctx context.Context, r db.Reader, deals string) (list []together, err error) {
	err = r.Raw(`
		SELECT d.buyer, d.provider, b.kind, b.mark FROM (`+deals+`) d
		JOIN org_marks b ON b.org_id = d.buyer JOIN org_marks p ON p.org_id = d.provider AND p.kind = b.kind AND p.mark = b.mark
		WHERE b.kind <> 'related'
		UNION
		SELECT d.buyer, d.provider, 'related', o.uscc FROM (`+deals+`) d
		JOIN organizations o ON o.id = d.buyer JOIN org_marks p ON p.org_id = d.provider AND p.kind = 'related' AND p.mark = o.uscc
		ORDER BY 1, 2, 3, 4 LIMIT ?`, rowsAtOnce).Scan(ctx, &list)
	return list, err
}

const paidWithVouchers = `SELECT DISTINCT buyer_org AS buyer, provider_org AS provider FROM orders WHERE redeemed_fen > 0 AND status <> 'canceled'`

// relatedParty finds deals paid with vouchers between companies that seem to be one.
func relatedParty(ctx context.Context, r db.Reader, _ clock.Instant) ([]finding, error) {
	list, err := alike(ctx, r, paidWithVouchers)
	if err != nil {
		return nil, err
	}
	out := byPair(list)
	return out, withOrders(ctx, r, out, "placed", `SELECT id, buyer_org AS buyer, provider_org AS provider, placed_at AS at FROM orders
		WHERE redeemed_fen > 0 AND status <> 'canceled'`)
}

// ownRating finds ratings by companies that seem to belong to the rated provider.
func ownRating(ctx context.Context, r db.Reader, _ clock.Instant) ([]finding, error) {
	const deals = `SELECT DISTINCT buyer_org AS buyer, provider_org AS provider FROM ratings`
	list, err := alike(ctx, r, deals)
	if err != nil {
		return nil, err
	}
	var seen []together
	err = r.Raw(`
		SELECT DISTINCT d.buyer, d.provider, b.kind, b.mark FROM (`+deals+`) d
		JOIN signin_traces b ON b.org_id = d.buyer AND b.kind = 'device'
		JOIN signin_traces p ON p.org_id = d.provider AND p.kind = b.kind AND p.mark = b.mark ORDER BY 1, 2, 4`).Scan(ctx, &seen)
	if err != nil {
		return nil, err
	}
	out := byPair(append(list, seen...))
	return out, withOrders(ctx, r, out, "rated", `SELECT order_id AS id, buyer_org AS buyer, provider_org AS provider, rated_at AS at FROM ratings WHERE id > 0`)
}

// providerForClient finds enterprises whose vouchers were claimed, or deliveries
// accepted, from where a provider's people sign in, or under a provider's phone.
func providerForClient(ctx context.Context, r db.Reader, _ clock.Instant) ([]finding, error) {
	list, err := besideProviders(ctx, r)
	if err != nil {
		return nil, err
	}
	var phones []together
	err = r.Raw(`
		SELECT m.org_id AS buyer, p.org_id AS provider, m.kind, m.mark, 0 AS at
		FROM organizations op JOIN org_marks p ON p.org_id = op.id AND p.kind = 'phone'
		JOIN org_marks m ON m.kind = p.kind AND m.mark = p.mark
		JOIN organizations oe ON oe.id = m.org_id AND oe.kind = 'enterprise'
		WHERE op.kind = 'provider' AND EXISTS (SELECT 1 FROM vouchers v WHERE v.org_id = m.org_id)
		ORDER BY 1, 2, 4 LIMIT ?`, rowsAtOnce).Scan(ctx, &phones)
	if err != nil {
		return nil, err
	}
	out := byPair(append(list, phones...))
	return out, withOrders(ctx, r, out, "claimed", `SELECT id, org_id AS buyer, 0 AS provider, issued_at AS at FROM vouchers WHERE id > 0`)
}

// nearby is how many days a provider's sign-in may be away from an enterprise's.
const nearby = 7

// seen is a day on which somebody's people signed in somewhere.
type seen struct {
	OrgID   id.ID
	Kind    string
	Mark    string
	Day     int64
	FirstAt clock.Instant
}

// besideProviders are the places from which an enterprise claimed, or accepted from
// a provider, and where a provider signs in as well. Both sides are read by
// themselves and paired here: a place of many companies has a great many pairs, and
// is left out before they are made.
func besideProviders(ctx context.Context, r db.Reader) ([]together, error) {
	const ofProviders = `FROM signin_traces p JOIN organizations op ON op.id = p.org_id WHERE op.kind = 'provider'`
	life := sessionLife.Milliseconds()
	var providers, claimed []seen
	var list []together
	err := r.Raw(`SELECT p.org_id, p.kind, p.mark, p.day, p.first_at `+ofProviders+` ORDER BY p.kind, p.mark, p.org_id, p.day`).Scan(ctx, &providers)
	if err != nil {
		return nil, err
	}
	err = r.Raw(`
		SELECT e.org_id, e.kind, e.mark, e.day, e.first_at
		FROM signin_traces e JOIN organizations oe ON oe.id = e.org_id AND oe.kind = 'enterprise'
		WHERE (e.kind, e.mark) IN (SELECT p.kind, p.mark `+ofProviders+`)
			AND EXISTS (SELECT 1 FROM vouchers v WHERE v.org_id = e.org_id AND v.issued_at BETWEEN e.first_at AND e.last_at + ?)
		ORDER BY e.kind, e.mark, e.org_id, e.day`, life).Scan(ctx, &claimed)
	if err != nil {
		return nil, err
	}
	// by the buyer, who has few orders; the plus keeps the planner from the provider's many
	err = r.Raw(`
		SELECT o.buyer_org AS buyer, p.org_id AS provider, e.kind, e.mark, MIN(e.first_at) AS at
		FROM orders o JOIN organizations oe ON oe.id = o.buyer_org AND oe.kind = 'enterprise'
		JOIN signin_traces e ON e.org_id = o.buyer_org AND o.accepted_at BETWEEN e.first_at AND e.last_at + ?
		JOIN signin_traces p ON p.org_id = +o.provider_org AND p.kind = e.kind AND p.mark = e.mark AND p.day BETWEEN e.day - ? AND e.day + ?
		JOIN organizations op ON op.id = p.org_id AND op.kind = 'provider'
		WHERE o.redeemed_fen > 0 AND o.accepted_at > 0
		GROUP BY o.buyer_org, p.org_id, e.kind, e.mark`, life, nearby, nearby).Scan(ctx, &list)
	if err != nil {
		return nil, err
	}
	return pairUp(claimed, providers, list), nil
}

// place is where somebody signs in.
type place struct{ Kind, Mark string }

func pairUp(claimed, providers []seen, accepted []together) []together {
	there := map[place][]seen{}
	for _, p := range providers {
		at := place{p.Kind, p.Mark}
		there[at] = append(there[at], p)
	}
	near := func(e, p seen) bool { return p.Day >= e.Day-nearby && p.Day <= e.Day+nearby }
	users := map[string]map[id.ID]bool{}
	use := func(kind, mark string, buyer id.ID) {
		if kind != "address" {
			return
		}
		if users[mark] == nil {
			users[mark] = map[id.ID]bool{}
		}
		users[mark][buyer] = true
	}
	for _, e := range claimed {
		if slices.ContainsFunc(there[place{e.Kind, e.Mark}], func(p seen) bool { return near(e, p) }) {
			use(e.Kind, e.Mark, e.OrgID)
		}
	}
	for _, t := range accepted {
		use(t.Kind, t.Mark, t.Buyer)
	}
	first := map[together]clock.Instant{}
	add := func(t together, at clock.Instant) {
		t.At = 0
		if len(users[t.Mark]) > crowd {
			return
		}
		if t.Kind == "address" {
			t.Kind = "ip" // as evidence names it
		}
		if was, ok := first[t]; !ok || at < was {
			first[t] = at
		}
	}
	for _, t := range accepted {
		add(t, t.At)
	}
	for _, e := range claimed {
		if len(first) >= rowsAtOnce {
			break
		}
		if len(users[e.Mark]) > crowd {
			continue
		}
		for _, p := range there[place{e.Kind, e.Mark}] {
			if near(e, p) {
				add(together{Buyer: e.OrgID, Provider: p.OrgID, Kind: e.Kind, Mark: e.Mark}, e.FirstAt)
			}
		}
	}
	out := make([]together, 0, len(first))
	for t, at := range first {
		t.At = at
		out = append(out, t)
	}
	slices.SortFunc(out, func(a, b together) int {
		return cmp.Or(cmp.Compare(a.Buyer, b.Buyer), cmp.Compare(a.Provider, b.Provider), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Mark, b.Mark))
	})
	return out
}

// byPair makes one finding of each pair.
func byPair(list []together) []finding {
	slices.SortStableFunc(list, func(a, b together) int {
		return cmp.Or(cmp.Compare(a.Buyer, b.Buyer), cmp.Compare(a.Provider, b.Provider))
	})
	var out []finding
	for i := 0; i < len(list); {
		f := finding{subject: pair(list[i].Buyer, list[i].Provider)}
		f.with(list[i].Buyer)
		f.with(list[i].Provider)
		n := i
		for ; n < len(list) && list[n].Buyer == list[i].Buyer && list[n].Provider == list[i].Provider; n++ {
			f.Shared = append(f.Shared, Shared{list[n].Kind, list[n].Mark})
			if list[n].At != 0 {
				f.line(Line{Note: "signed_in", OrgID: list[n].Buyer, At: list[n].At})
			}
		}
		f.Basis = basis(f.Shared)
		out = append(out, f)
		i = n
	}
	return out
}

// withOrders adds to each pair when it dealt; query answers id, buyer, provider
// (0: with anybody) and at, and ends in a condition.
func withOrders(ctx context.Context, r db.Reader, found []finding, note, query string) error {
	byBuyer := map[id.ID][]int{}
	var buyers []id.ID
	for i, f := range found {
		if _, ok := byBuyer[f.Orgs[0]]; !ok {
			buyers = append(buyers, f.Orgs[0])
		}
		byBuyer[f.Orgs[0]] = append(byBuyer[f.Orgs[0]], i)
	}
	object, buyer := "order", "buyer_org"
	if note == "claimed" {
		object, buyer = "voucher", "org_id"
	}
	for part := range slices.Chunk(buyers, 500) {
		var rows []struct {
			ID, Buyer, Provider id.ID
			At                  clock.Instant
		}
		if err := r.Raw(query+` AND `+buyer+` IN (?) ORDER BY id LIMIT ?`, in(part), rowsAtOnce).Scan(ctx, &rows); err != nil {
			return err
		}
		for _, row := range rows {
			for _, i := range byBuyer[row.Buyer] {
				if row.Provider == 0 || row.Provider == found[i].Orgs[1] {
					found[i].line(Line{Note: note, Object: object, ID: row.ID, OrgID: row.Buyer, At: row.At})
				}
			}
		}
	}
	return nil
}
