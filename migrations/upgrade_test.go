package migrations

import (
	"path/filepath"
	"slices"
	"testing"

	"smedx/internal/kit/db"
)

// SQLite makes the table of vouchers anew, which others name: vouchers of an older
// version keep their holds, and what the table and its neighbours refuse stays refused.
func TestVouchersOutliveTheirNewTable(t *testing.T) {
	d, err := db.Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "old.db"), db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() }) //nolint:errcheck // a scratch file
	do := func(query string) error {
		_, err := d.Migrator().ExecContext(t.Context(), query)
		return err
	}
	must := func(query string) {
		t.Helper()
		if err := do(query); err != nil {
			t.Fatal(query, err)
		}
	}
	p, err := provider(d)
	if err == nil {
		_, err = p.UpTo(t.Context(), 490)
	}
	if err != nil {
		t.Fatal(err)
	}
	const voucher = `INSERT INTO vouchers (id, campaign_id, campaign_voucher_id, org_id, seq, face_value_fen, available_fen, held_fen, status, valid_from, expires_at, issued_at, company) VALUES `
	must(`INSERT INTO budgets (id, name, year, amount_fen, status, created_by, created_at) VALUES (1, '预算', 2026, 100000, 'pending', 1, 1)`)
	must(`INSERT INTO voucher_types (id, name, face_value_fen, terms, created_by, created_at, updated_at) VALUES (1, '券', 5000, '{}', 1, 1, 1)`)
	must(`INSERT INTO campaigns (id, name, mode, budget_id, opens_at, closes_at, per_org, rules, status, created_by, created_at, updated_at) VALUES (1, '活动', 'rush', 1, 1, 9, 1, '{}', 'draft', 1, 1, 1)`)
	must(`INSERT INTO campaign_vouchers (id, campaign_id, type_id, position, name, face_value_fen, terms, quota, remaining) VALUES (1, 1, 1, 1, '券', 5000, '{}', 10, 9)`)
	must(voucher + `(11, 1, 1, 7, 1, 5000, 3000, 2000, 'active', 1, 9, 1, '{}')`)
	must(`INSERT INTO voucher_holds (id, voucher_id, order_id, org_id, provider_org, amount_fen, status, terms, held_at) VALUES (21, 11, 5, 7, 8, 2000, 'open', '{}', 1)`)

	// 31: a person thawed what a lead froze; 32: of a suspended company, frozen by a person before
	must(`INSERT INTO organizations (id, kind, name, uscc, verification, created_at) VALUES (9, 'enterprise', '企业', '', 'suspended', 1)`)
	must(voucher + `(31, 1, 1, 8, 1, 5000, 5000, 0, 'active', 1, 9, 1, '{}'), (32, 1, 1, 9, 1, 5000, 5000, 0, 'frozen', 1, 9, 1, '{}')`)
	must(`INSERT INTO voucher_measures (id, voucher_id, event, cause, comment, by_user, by_name, at) VALUES
		(41, 31, 'freeze', 'lead', '线索', 0, 'system', 1), (42, 31, 'unfreeze', 'staff', '已核实', 5, 'somebody', 2), (43, 32, 'freeze', 'staff', '核查', 5, 'somebody', 3)`)

	if err := Up(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	var origins []string
	if err := d.Raw(`SELECT voucher_id || ' ' || event || ' ' || origin FROM voucher_measures ORDER BY id`).Scan(t.Context(), &origins); err != nil ||
		!slices.Equal(origins, []string{"31 freeze lead", "31 unfreeze lead", "32 freeze staff", "32 freeze standing"}) {
		t.Errorf("the freezes became %q: %v", origins, err)
	}
	var fen, astray int64
	if err := d.Raw(`SELECT v.available_fen + h.amount_fen FROM vouchers v JOIN voucher_holds h ON h.voucher_id = v.id`).Scan(t.Context(), &fen); err != nil || fen != 5000 {
		t.Errorf("%d fen are left of 5000: %v", fen, err)
	}
	if err := d.Raw(`SELECT count(*) FROM pragma_foreign_key_check`).Scan(t.Context(), &astray); err != nil || astray != 0 {
		t.Errorf("%d rows name what is not there: %v", astray, err)
	}
	for what, query := range map[string]string{
		"a second voucher of one company":   voucher + `(12, 1, 1, 7, 1, 5000, 5000, 0, 'active', 1, 9, 1, '{}')`,
		"a voucher of no campaign":          voucher + `(13, 99, 1, 8, 1, 5000, 5000, 0, 'active', 1, 9, 1, '{}')`,
		"a voucher that has more than face": voucher + `(14, 1, 1, 9, 1, 5000, 6000, 0, 'active', 1, 9, 1, '{}')`,
		"a hold of no voucher":              `INSERT INTO voucher_holds (id, voucher_id, order_id, org_id, provider_org, amount_fen, status, terms, held_at) VALUES (22, 99, 6, 7, 8, 1, 'open', '{}', 1)`,
		"a voucher with holds may not go":   `DELETE FROM vouchers WHERE id = 11`,
	} {
		if do(query) == nil {
			t.Errorf("%s passes", what)
		}
	}
}
