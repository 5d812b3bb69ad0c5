// Package workbench answers questions that no single module can: figures over
// several of them. It only reads, and holds no rule.
package workbench

import (
	"context"

	"smedx/internal/kit/db"
	"smedx/internal/kit/money"
)

// Figures are the key figures of the portal's home page.
type Figures struct {
	Offerings int64     `json:"offerings" doc:"Solutions on sale"`
	Providers int64     `json:"providers" doc:"Providers with something on sale"`
	Issued    money.Fen `json:"issuedFen" doc:"Face value of all vouchers issued"`
	Served    int64     `json:"served" doc:"Enterprises that have bought and paid"`
}

// Portal counts what the home page shows.
func Portal(ctx context.Context, r db.Reader) (f Figures, err error) {
	var n struct{ Offerings, Providers, Issued, Served int64 }
	err = r.Raw(`SELECT
		(SELECT count(*) FROM offerings WHERE status = 'listed') AS offerings,
		(SELECT count(DISTINCT org_id) FROM offerings WHERE status = 'listed') AS providers,
		(SELECT CAST(COALESCE(sum(face_value_fen), 0) AS BIGINT) FROM vouchers WHERE status <> 'revoked') AS issued,
		(SELECT count(DISTINCT buyer_org) FROM orders WHERE status IN ('paid', 'in_delivery', 'delivered', 'completed')) AS served`).Scan(ctx, &n)
	return Figures{Offerings: n.Offerings, Providers: n.Providers, Issued: money.Fen(n.Issued), Served: n.Served}, err
}
