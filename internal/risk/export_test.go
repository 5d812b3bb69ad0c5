package risk

import (
	"context"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
)

// Unmatched are rules without code, or code without words.
func Unmatched() (out []Code) {
	listed := map[Code]bool{}
	for _, r := range Rules {
		listed[r.Code] = true
		if finders[r.Code] == nil || r.Name == "" || r.Means == "" || r.Weight < 1 || r.Weight > 3 {
			out = append(out, r.Code)
		}
	}
	for code := range finders {
		if !listed[code] {
			out = append(out, code)
		}
	}
	return out
}

// Beside is what besideProviders finds, and the same asked of the database in one
// query over all pairs: slow where many companies meet, but easy to read.
func Beside(ctx context.Context, r db.Reader) (fast, plain []together, err error) {
	if fast, err = besideProviders(ctx, r); err != nil {
		return nil, nil, err
	}
	life := sessionLife.Milliseconds()
	err = r.Raw(`
		WITH pairs AS (
			SELECT e.org_id AS buyer, p.org_id AS provider, e.kind, e.mark, MIN(e.first_at) AS at
			FROM organizations op JOIN signin_traces p ON p.org_id = op.id
			JOIN signin_traces e ON e.kind = p.kind AND e.mark = p.mark AND e.day BETWEEN p.day - 7 AND p.day + 7
			JOIN organizations oe ON oe.id = e.org_id AND oe.kind = 'enterprise'
			WHERE op.kind = 'provider' AND (
				EXISTS (SELECT 1 FROM vouchers v WHERE v.org_id = e.org_id AND v.issued_at BETWEEN e.first_at AND e.last_at + ?)
				OR EXISTS (SELECT 1 FROM orders o WHERE o.buyer_org = e.org_id AND o.provider_org = p.org_id AND o.redeemed_fen > 0
					AND o.accepted_at BETWEEN e.first_at AND e.last_at + ?))
			GROUP BY e.org_id, p.org_id, e.kind, e.mark
		), crowded AS (SELECT mark FROM pairs WHERE kind = 'address' GROUP BY mark HAVING COUNT(DISTINCT buyer) > 20)
		SELECT buyer, provider, CASE WHEN kind = 'address' THEN 'ip' ELSE kind END AS kind, mark, at FROM pairs
		WHERE mark NOT IN (SELECT mark FROM crowded) ORDER BY 1, 2, 3, 4`, life, life).Scan(ctx, &plain)
	return fast, plain, err
}

// Find asks one rule.
func Find(ctx context.Context, r db.Reader, code Code) error {
	_, err := finders[code](ctx, r, clock.At(r.Now()))
	return err
}
