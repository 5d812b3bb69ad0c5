package reconcile

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"smedx/internal/books"
	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
	"smedx/internal/voucher"
)

// lastOfOrigin says of a measure m that it is a freeze that has not been ended.
const lastOfOrigin = `m.event = 'freeze' AND NOT EXISTS (
				SELECT 1 FROM voucher_measures n WHERE n.voucher_id = m.voucher_id AND n.origin = m.origin AND n.id > m.id)`

// checks is everything that must hold at every commit.
func checks() []check {
	all := []check{
		{id: "I1", statement: "every entry has at least two postings and they sum to zero", query: `
			SELECT 'entry ' || CAST(j.id AS TEXT) AS subject,
				CAST(COUNT(p.line) AS TEXT) || ' postings that sum to ' || CAST(COALESCE(SUM(p.amount_fen), 0) AS TEXT) || ' fen' AS what
			FROM journal j LEFT JOIN postings p ON p.entry_id = j.id
			GROUP BY j.id HAVING COUNT(p.line) < 2 OR SUM(p.amount_fen) <> 0`},
		{id: "I1.accounts", statement: "every entry moves money only between accounts that its kind allows", query: accountsQuery()},
		{id: "I1.orphans", statement: "every posting belongs to an entry", query: `
			SELECT 'posting ' || CAST(p.entry_id AS TEXT) || '/' || CAST(p.line AS TEXT) AS subject, 'has no entry' AS what
			FROM postings p LEFT JOIN journal j ON j.id = p.entry_id WHERE j.id IS NULL`},
		{id: "I2", statement: "all balances of a ledger sum to zero", query: `
			SELECT 'ledger ' || j.ledger AS subject, 'sums to ' || CAST(SUM(p.amount_fen) AS TEXT) || ' fen' AS what
			FROM journal j JOIN postings p ON p.entry_id = j.id GROUP BY j.ledger HAVING SUM(p.amount_fen) <> 0`},
		{id: "I2.sign", statement: "no account but the contra accounts is overdrawn", query: `
			SELECT 'account ' || account AS subject, 'has ' || CAST(SUM(amount_fen) AS TEXT) || ' fen' AS what
			FROM postings WHERE account <> 'treasury' AND account NOT LIKE 'gateway:%'
			GROUP BY account HAVING SUM(amount_fen) < 0`},
		{id: "I3", statement: "a campaign's funding equals what is unissued, on its vouchers, redeemed and returned", query: `
			SELECT subject, what FROM (
				SELECT 'campaign ' || CAST(c.id AS TEXT) AS subject, c.funded_fen - CASE WHEN c.status = 'canceled' THEN c.released_fen ELSE 0 END AS funded,
					` + balanceOf("'budget:' || CAST(c.id AS TEXT)") + ` AS unissued, ` + balanceOf("'returned:' || CAST(c.id AS TEXT)") + ` AS returned,
					(SELECT COALESCE(SUM(v.available_fen + v.held_fen + v.redeemed_fen), 0) FROM vouchers v WHERE v.campaign_id = c.id) AS issued,
					'funding, unissued, vouchers and returned disagree' AS what
				FROM campaigns c) AS t WHERE funded <> unissued + issued + returned`},
		{id: "I3.funding", statement: "a campaign and each of its changes were funded once, together with every voucher at face value", query: `
			SELECT 'campaign ' || CAST(c.id AS TEXT) AS subject, 'funding and quota disagree' AS what FROM campaigns c
			WHERE c.status NOT IN ('draft', 'pending') AND c.approved_by <> 0
			  AND (c.funded_fen <> (SELECT COALESCE(SUM(cv.quota * cv.face_value_fen), 0) FROM campaign_vouchers cv WHERE cv.campaign_id = c.id)
			    OR c.funded_fen <> (SELECT COALESCE(SUM(p.amount_fen), 0) FROM journal j JOIN postings p ON p.entry_id = j.id AND p.amount_fen > 0
			                        WHERE j.kind = 'fund' AND j.source_kind = 'campaign' AND j.source_id = c.id AND j.at = c.approved_at)
			                     + (SELECT COALESCE(SUM(ch.extra_fen), 0) FROM campaign_changes ch WHERE ch.campaign_id = c.id AND ch.status = 'applied'))`},
		{id: "I3.changes", statement: "a change's money came into its campaign by one entry, when it was approved, and no other change has any", query: `
			SELECT subject, what FROM (
				SELECT 'change ' || CAST(ch.id AS TEXT) AS subject, 'its entry disagrees with what was approved' AS what,
					CASE WHEN ch.status = 'applied' THEN ch.extra_fen ELSE 0 END AS want,
					(SELECT COALESCE(SUM(p.amount_fen), 0) FROM journal j JOIN postings p ON p.entry_id = j.id
					 WHERE j.kind = 'fund' AND j.source_kind = 'campaign_change' AND j.source_id = ch.id AND j.at = ch.decided_at
					   AND p.account = 'budget:' || CAST(ch.campaign_id AS TEXT)) AS have
				FROM campaign_changes ch) AS t WHERE want <> have
			UNION ALL
			SELECT 'entry ' || CAST(j.id AS TEXT), 'funds a change that was not applied' FROM journal j
			WHERE j.source_kind = 'campaign_change' AND NOT EXISTS (SELECT 1 FROM campaign_changes ch WHERE ch.id = j.source_id AND ch.status = 'applied' AND ch.extra_fen > 0)`},
		{id: "I3.budgets", statement: "a budget's committed amount is what its campaigns took and did not give back, and within the budget", query: `
			SELECT subject, what FROM (
				SELECT 'budget ' || CAST(b.id AS TEXT) AS subject, b.committed_fen, b.amount_fen, b.status,
					(SELECT COALESCE(SUM(c.funded_fen - c.released_fen), 0) FROM campaigns c WHERE c.budget_id = b.id) AS taken,
					'says ' || CAST(b.committed_fen AS TEXT) || ' fen committed of ' || CAST(b.amount_fen AS TEXT) AS what
				FROM budgets b) AS t
			WHERE committed_fen <> taken OR committed_fen > amount_fen OR (committed_fen > 0 AND status <> 'approved')`},
		{id: "I4", statement: "a voucher's available, held, redeemed and returned amounts are not negative and sum to its face value", query: `
			SELECT 'voucher ' || CAST(id AS TEXT) AS subject, 'its amounts do not sum to ' || CAST(face_value_fen AS TEXT) || ' fen' AS what FROM vouchers
			WHERE available_fen + held_fen + redeemed_fen + returned_fen <> face_value_fen
			   OR available_fen < 0 OR held_fen < 0 OR redeemed_fen < 0 OR returned_fen < 0`},
		{id: "I4.states", statement: "a voucher's state agrees with its amounts", query: `
			SELECT 'voucher ' || CAST(id AS TEXT) AS subject, 'is ' || status || ' with ' || CAST(available_fen AS TEXT) || ' fen available and ' || CAST(held_fen AS TEXT) || ' held' AS what
			FROM vouchers
			WHERE (status = 'active' AND available_fen = 0 AND held_fen = 0)
			   OR (status = 'exhausted' AND (available_fen > 0 OR held_fen > 0 OR redeemed_fen + returned_fen = 0))
			   OR (status IN ('expired', 'revoked') AND available_fen > 0)`},
		{id: "I4.stops", statement: "a voucher is frozen exactly as long as something that froze it has not been ended", query: `
			SELECT 'voucher ' || CAST(v.id AS TEXT) AS subject, 'is frozen and nothing stops it' AS what FROM vouchers v
			WHERE v.status = 'frozen' AND NOT EXISTS (SELECT 1 FROM voucher_measures m WHERE m.voucher_id = v.id AND ` + lastOfOrigin + `)
			UNION ALL
			SELECT 'voucher ' || CAST(v.id AS TEXT), 'is ' || v.status || ' though it was frozen (' || m.origin || ')' FROM voucher_measures m JOIN vouchers v ON v.id = m.voucher_id
			WHERE v.status IN ('active', 'exhausted') AND ` + lastOfOrigin},
		{id: "I5", statement: "vouchers issued are exactly what the stock has lost, and never more than the quota", query: `
			SELECT subject, what FROM (
				SELECT 'campaign voucher ' || CAST(cv.id AS TEXT) AS subject, cv.quota, cv.remaining,
					(SELECT COUNT(*) FROM vouchers v WHERE v.campaign_voucher_id = cv.id) AS issued,
					'has a quota of ' || CAST(cv.quota AS TEXT) || ' and ' || CAST(cv.remaining AS TEXT) || ' left, which is not what was issued' AS what
				FROM campaign_vouchers cv) AS t
			WHERE issued <> quota - remaining OR issued > quota`},
		{id: "I5.limit", statement: "no company has more vouchers of a kind than the campaign allows", query: `
			SELECT 'voucher ' || CAST(v.id AS TEXT) AS subject, 'is number ' || CAST(v.seq AS TEXT) || ' of its company, ' || CAST(c.per_org AS TEXT) || ' are allowed' AS what
			FROM vouchers v JOIN campaigns c ON c.id = v.campaign_id WHERE v.seq > c.per_org`},
		{id: "I5.terms", statement: "every voucher has the face value of its kind and belongs to that kind's campaign", query: `
			SELECT 'voucher ' || CAST(v.id AS TEXT) AS subject, 'differs from its campaign voucher' AS what
			FROM vouchers v LEFT JOIN campaign_vouchers cv ON cv.id = v.campaign_voucher_id
			WHERE cv.id IS NULL OR cv.face_value_fen <> v.face_value_fen OR cv.campaign_id <> v.campaign_id`},
		{id: "I10", statement: "a hold belongs to the voucher's company and its lines sum to its amount", query: `
			SELECT subject, what FROM (
				SELECT 'hold ' || CAST(h.id AS TEXT) AS subject, h.amount_fen, h.org_id, v.org_id AS owner,
					(SELECT COALESCE(SUM(l.amount_fen), 0) FROM voucher_hold_lines l WHERE l.hold_id = h.id) AS lines,
					'its company or its lines disagree with the voucher or the amount' AS what
				FROM voucher_holds h LEFT JOIN vouchers v ON v.id = h.voucher_id) AS t
			WHERE owner IS NULL OR owner <> org_id OR lines <> amount_fen`},
		{id: "I10.scope", statement: "every held line fitted the voucher's scope at that time", fn: scopes},
		{id: "I11", statement: "a hold has exactly the entries of its state: one hold, then one redemption or one release", query: holdEntriesQuery},
		{id: "I13.rules", statement: "append-only tables refuse change in the database", fn: triggers},
		{id: "I13.seals", statement: "no sealed journal or audit row was changed, added or removed", fn: seals},
		{id: "I14", statement: "a business event is in the books once", query: `
			SELECT kind || ' of ' || source_kind || ' ' || CAST(source_id AS TEXT) AS subject, CAST(COUNT(*) AS TEXT) || ' entries' AS what
			FROM journal GROUP BY kind, source_kind, source_id HAVING COUNT(*) > 1`},
		{id: "I14.vouchers", statement: "every voucher was granted by one entry of its face value, at its time of issue", query: `
			SELECT 'voucher ' || CAST(v.id AS TEXT) AS subject, 'has no grant of its face value at its time of issue' AS what
			FROM vouchers v LEFT JOIN journal j ON j.kind = 'grant' AND j.source_kind = 'voucher' AND j.source_id = v.id
			LEFT JOIN postings p ON p.entry_id = j.id AND p.account = 'voucher_available:' || CAST(v.id AS TEXT)
			WHERE p.amount_fen IS NULL OR p.amount_fen <> v.face_value_fen OR j.at <> v.issued_at
			UNION ALL
			SELECT 'entry ' || CAST(j.id AS TEXT), j.kind || ' of a voucher that does not exist'
			FROM journal j LEFT JOIN vouchers v ON v.id = j.source_id WHERE j.source_kind = 'voucher' AND v.id IS NULL
			UNION ALL
			SELECT 'entry ' || CAST(j.id AS TEXT), j.kind || ' of a hold that does not exist'
			FROM journal j LEFT JOIN voucher_holds h ON h.id = j.source_id WHERE j.source_kind = 'hold' AND h.id IS NULL`},
		{id: "I18", statement: "vouchers of a rush were issued in its window, holds were made while the voucher was valid", query: `
			SELECT 'voucher ' || CAST(v.id AS TEXT) AS subject, 'was issued outside of the campaign''s window' AS what
			FROM vouchers v JOIN campaigns c ON c.id = v.campaign_id
			WHERE v.issued_at < c.opens_at OR (c.mode = 'rush' AND v.issued_at >= c.closes_at)
			UNION ALL
			SELECT 'hold ' || CAST(h.id AS TEXT), 'was made outside of the voucher''s validity'
			FROM voucher_holds h JOIN vouchers v ON v.id = h.voucher_id WHERE h.held_at < v.valid_from OR h.held_at >= v.expires_at`},
		{id: "I18.due", statement: "no voucher and no campaign is overdue by more than an hour", fn: overdue},
		{id: "I19", statement: "every voucher went to a company that was verified then", fn: verified},
		{id: "I20", statement: "no company paid itself with a voucher", query: `
			SELECT 'hold ' || CAST(id AS TEXT) AS subject, 'pays company ' || CAST(org_id AS TEXT) || ' with its own voucher' AS what
			FROM voucher_holds WHERE org_id = provider_org`},
		{id: "I22", statement: "every voucher, hold and approval left its entry in the audit trail", query: `
			SELECT 'voucher ' || CAST(v.id AS TEXT) AS subject, 'nobody is on record for its issue' AS what FROM vouchers v
			WHERE NOT EXISTS (SELECT 1 FROM audit_entries a WHERE a.object_kind = 'voucher' AND a.object_id = v.id
				AND a.action IN ('voucher.claim', 'voucher.apply', 'voucher.grant', 'voucher.draw'))
			UNION ALL
			SELECT 'voucher ' || CAST(t.voucher_id AS TEXT), 'has ' || CAST(t.n AS TEXT) || ' entries of ' || t.kind || ', the trail has another number'
			FROM (SELECT h.voucher_id, j.kind, COUNT(*) AS n FROM journal j JOIN voucher_holds h ON h.id = j.source_id
			      WHERE j.source_kind = 'hold' GROUP BY h.voucher_id, j.kind) AS t
			WHERE t.n <> (SELECT COUNT(*) FROM audit_entries a WHERE a.object_kind = 'voucher' AND a.object_id = t.voucher_id AND a.action = 'voucher.' || t.kind)
			UNION ALL
			SELECT 'campaign ' || CAST(c.id AS TEXT), 'its approval is not on record' FROM campaigns c
			WHERE c.approved_by <> 0 AND NOT EXISTS (SELECT 1 FROM audit_entries a
				WHERE a.object_kind = 'campaign' AND a.object_id = c.id AND a.action = 'campaign.approve' AND a.user_id = c.approved_by)
			UNION ALL
			SELECT 'change ' || CAST(ch.id AS TEXT), 'its approval is not on record' FROM campaign_changes ch
			WHERE ch.status = 'applied' AND NOT EXISTS (SELECT 1 FROM audit_entries a
				WHERE a.object_kind = 'campaign' AND a.object_id = ch.campaign_id AND a.action = 'campaign.change_apply' AND a.user_id = ch.decided_by AND a.at = ch.decided_at)`},
		{id: "I22.eyes", statement: "nobody approved what they made themselves", query: `
			SELECT 'campaign ' || CAST(id AS TEXT) AS subject, 'was approved by its creator' AS what FROM campaigns WHERE approved_by = created_by
			UNION ALL
			SELECT 'change ' || CAST(id AS TEXT), 'was approved by who asked for it' FROM campaign_changes WHERE status = 'applied' AND decided_by = created_by
			UNION ALL
			SELECT 'budget ' || CAST(id AS TEXT), 'was decided by its creator' FROM budgets WHERE decided_by = created_by
			UNION ALL
			SELECT 'application ' || CAST(id AS TEXT), 'was decided by its applicant' FROM voucher_applications WHERE decided_by = applied_by`},
		{id: "I24", statement: "every voucher's cached balances are the sums of its postings", query: `
			SELECT subject, what FROM (
				SELECT 'voucher ' || CAST(v.id AS TEXT) AS subject, v.available_fen, v.held_fen, v.redeemed_fen,
					` + balanceOf("'voucher_available:' || CAST(v.id AS TEXT)") + ` AS available,
					(SELECT COALESCE(SUM(h.amount_fen), 0) FROM voucher_holds h WHERE h.voucher_id = v.id AND h.status = 'open') AS held,
					(SELECT COALESCE(SUM(h.amount_fen - h.restored_fen - h.reclaimed_fen), 0) FROM voucher_holds h WHERE h.voucher_id = v.id AND h.status = 'redeemed') AS redeemed,
					'says ' || CAST(v.available_fen AS TEXT) || ' fen available, the books differ' AS what
				FROM vouchers v) AS t
			WHERE available <> available_fen OR held <> held_fen OR redeemed <> redeemed_fen`},
		{id: "I24.holds", statement: "an open hold's account has its amount, a resolved one's is empty", query: `
			SELECT subject, what FROM (
				SELECT 'hold ' || CAST(h.id AS TEXT) AS subject, CASE WHEN h.status = 'open' THEN h.amount_fen ELSE 0 END AS want,
					` + balanceOf("'voucher_held:' || CAST(h.id AS TEXT)") + ` AS have, 'its account disagrees with its state ' || h.status AS what
				FROM voucher_holds h) AS t WHERE want <> have`},
		{id: "I24.returned", statement: "a campaign's returned account is what its vouchers and its closing returned", query: `
			SELECT subject, what FROM (
				SELECT 'campaign ' || CAST(c.id AS TEXT) AS subject, ` + balanceOf("'returned:' || CAST(c.id AS TEXT)") + ` AS have,
					(SELECT COALESCE(SUM(v.returned_fen), 0) FROM vouchers v WHERE v.campaign_id = c.id) +
					(SELECT COALESCE(SUM(p.amount_fen), 0) FROM journal j JOIN postings p ON p.entry_id = j.id AND p.amount_fen > 0
					 WHERE j.kind = 'close_budget' AND j.source_kind = 'campaign' AND j.source_id = c.id) AS want,
					'the returned account disagrees with its vouchers' AS what
				FROM campaigns c) AS t WHERE want <> have`},
		{id: "I24.escrow", statement: "an order's voucher escrow took in what its holds redeemed", query: `
			SELECT subject, what FROM (
				SELECT 'order ' || CAST(h.order_id AS TEXT) AS subject, SUM(h.amount_fen) AS want,
					(SELECT COALESCE(SUM(p.amount_fen), 0) FROM postings p JOIN journal j ON j.id = p.entry_id AND j.kind = 'redeem'
					 WHERE p.account = 'escrow_v:' || CAST(h.order_id AS TEXT)) AS have,
					'its escrow disagrees with its holds' AS what
				FROM voucher_holds h WHERE h.status = 'redeemed' GROUP BY h.order_id) AS t WHERE want <> have`},
	}
	all = append(all, check{id: "I24.months", statement: "what is kept of the journal by month is what the journal says", fn: drifts})
	return append(append(all, orderChecks()...), payoutChecks()...)
}

// balanceOf is the balance of an account whose name is an SQL expression.
func balanceOf(account string) string {
	return `(SELECT COALESCE(SUM(p.amount_fen), 0) FROM postings p WHERE p.account = ` + account + `)`
}

// accountsOf says which accounts each kind takes from and gives to; {} is the
// source's id. A kind of several sources has a row for each.
var accountsOf = []struct{ kind, source, from, to string }{
	{"fund", "campaign", "treasury", "budget:{}"},
	{"fund", "campaign_change", "treasury", "budget:%"}, // into its own campaign: I3.changes
	{"unfund", "campaign", "budget:{}", "treasury"},
	{"grant", "voucher", "budget:%", "voucher_available:{}"},
	{"hold", "hold", "voucher_available:%", "voucher_held:{}"},
	{"release", "hold", "voucher_held:{}", "voucher_available:%|returned:%"},
	{"redeem", "hold", "voucher_held:{}", "escrow_v:%"},
	{"restore", "hold", "escrow_v:%", "voucher_available:%|returned:%"},
	{"expire", "voucher", "voucher_available:{}", "returned:%"},
	{"revoke", "voucher", "voucher_available:{}", "returned:%"},
	{"close_budget", "campaign", "budget:{}", "returned:{}"},
	{"settle_v", "", "escrow_v:%", "subsidy_payable:%"},
	{"payout_v", "order", "subsidy_payable:%", "subsidy_paid:%"},
	{"clawback", "clawback", "subsidy_paid:%|clawback_receivable:%", "clawback_receivable:%|subsidy_paid:%|returned:%"},
	{"capture", "", "gateway:%", "escrow_c:%"},
	{"suspense", "", "gateway:%", "suspense:%"},
	{"refund_ask", "", "escrow_c:%|suspense:%", "refund_pending:%"},
	{"refund_done", "", "refund_pending:%", "gateway:%"},
	{"refund_failed", "", "refund_pending:%", "escrow_c:%|suspense:%"},
	{"settle_c", "", "escrow_c:%", "payable_c:%"},
	{"payout_c", "order", "payable_c:%", "paid_c:%"},
}

// voucherKinds are the kinds of the ledger of vouchers; the others are cash.
const voucherKinds = `'fund', 'unfund', 'grant', 'hold', 'release', 'redeem', 'restore', 'expire', 'revoke', 'close_budget', 'settle_v', 'payout_v', 'clawback'`

func accountsQuery() string {
	var known, wrong []string
	sources := map[string][]string{}
	for _, a := range accountsOf {
		known = append(known, "'"+a.kind+"'")
		of := fmt.Sprintf("j.kind = '%s'", a.kind)
		if a.source != "" {
			of += fmt.Sprintf(" AND j.source_kind = '%s'", a.source)
			sources[a.kind] = append(sources[a.kind], "'"+a.source+"'")
		}
		wrong = append(wrong, fmt.Sprintf("%s AND p.amount_fen < 0 AND NOT (%s)", of, matches(a.from)))
		wrong = append(wrong, fmt.Sprintf("%s AND p.amount_fen > 0 AND NOT (%s)", of, matches(a.to)))
	}
	for _, kind := range slices.Sorted(maps.Keys(sources)) {
		wrong = append(wrong, fmt.Sprintf("j.kind = '%s' AND j.source_kind NOT IN (%s)", kind, strings.Join(sources[kind], ", ")))
	}
	return `SELECT 'entry ' || CAST(j.id AS TEXT) AS subject, j.kind || ' of ' || j.source_kind || ' ' || CAST(j.source_id AS TEXT) || ' touches ' || p.account AS what
		FROM journal j JOIN postings p ON p.entry_id = j.id
		WHERE j.kind NOT IN (` + strings.Join(known, ", ") + `)
		   OR (j.ledger = 'V') <> (j.kind IN (` + voucherKinds + `))
		   OR (` + strings.Join(wrong, ") OR (") + `)`
}

func matches(pattern string) string {
	var any []string
	for _, p := range strings.Split(pattern, "|") {
		if stem, ok := strings.CutSuffix(p, "{}"); ok {
			any = append(any, "p.account = '"+stem+"' || CAST(j.source_id AS TEXT)")
		} else {
			any = append(any, "p.account LIKE '"+strings.ReplaceAll(p, "_", "!_")+"' ESCAPE '!'")
		}
	}
	return strings.Join(any, " OR ")
}

// holdEntriesQuery compares each hold with its entries: kinds, amounts, times and accounts.
const holdEntriesQuery = `
	SELECT 'hold ' || CAST(h.id AS TEXT) AS subject, 'has no hold entry of its amount, voucher and time' AS what FROM voucher_holds h
	WHERE NOT EXISTS (SELECT 1 FROM journal j JOIN postings p ON p.entry_id = j.id
		WHERE j.kind = 'hold' AND j.source_kind = 'hold' AND j.source_id = h.id AND j.at = h.held_at
		  AND p.account = 'voucher_available:' || CAST(h.voucher_id AS TEXT) AND p.amount_fen = -h.amount_fen)
	UNION ALL
	SELECT 'hold ' || CAST(h.id AS TEXT), 'is redeemed without a redemption of its amount, order and time' FROM voucher_holds h
	WHERE h.status = 'redeemed' AND NOT EXISTS (SELECT 1 FROM journal j JOIN postings p ON p.entry_id = j.id
		WHERE j.kind = 'redeem' AND j.source_kind = 'hold' AND j.source_id = h.id AND j.at = h.resolved_at
		  AND p.account = 'escrow_v:' || CAST(h.order_id AS TEXT) AND p.amount_fen = h.amount_fen)
	UNION ALL
	SELECT 'hold ' || CAST(h.id AS TEXT), 'is released without a release of its amount and time' FROM voucher_holds h
	WHERE h.status = 'released' AND NOT EXISTS (SELECT 1 FROM journal j JOIN postings p ON p.entry_id = j.id
		WHERE j.kind = 'release' AND j.source_kind = 'hold' AND j.source_id = h.id AND j.at = h.resolved_at AND p.amount_fen = h.amount_fen)
	UNION ALL
	SELECT 'hold ' || CAST(h.id AS TEXT), 'is restored without an entry of that amount and time' FROM voucher_holds h
	WHERE h.restored_fen > 0 AND NOT EXISTS (SELECT 1 FROM journal j JOIN postings p ON p.entry_id = j.id
		WHERE j.kind = 'restore' AND j.source_kind = 'hold' AND j.source_id = h.id AND j.at = h.restored_at AND p.amount_fen = h.restored_fen)
	UNION ALL
	SELECT 'hold ' || CAST(h.id AS TEXT), 'is ' || h.status || ' and has an entry of kind ' || j.kind
	FROM voucher_holds h JOIN journal j ON j.source_kind = 'hold' AND j.source_id = h.id
		AND j.kind IN ('redeem', 'release', 'restore')
	WHERE (j.kind = 'redeem' AND h.status <> 'redeemed') OR (j.kind = 'release' AND h.status <> 'released') OR (j.kind = 'restore' AND h.restored_fen = 0)`

func drifts(ctx context.Context, r db.Reader, _ *db.DB) ([]Violation, string, error) {
	found, err := books.Drifts(ctx, r)
	var out []Violation
	for _, d := range found {
		if len(out) < most {
			out = append(out, Violation{Subject: "campaign " + d.Campaign.String(), What: d.What})
		}
	}
	return out, "", err
}

// scopes asks the rule itself whether each held line fitted.
func scopes(ctx context.Context, r db.Reader, _ *db.DB) ([]Violation, string, error) {
	var out []Violation
	const chunk = 2000
	var after id.ID
	for {
		var rows []struct {
			ID, OfferingID, ProviderOrg  id.ID
			LineKey                      int64
			Terms, Frozen                voucher.Terms
			Categories, Industries, Tags []string
			Eligible                     money.Fen
		}
		err := r.Raw(`
			SELECT h.id, l.offering_id, h.provider_org, l.line_key, h.terms, cv.terms AS frozen, l.categories, l.industries, l.tags, l.eligible_fen AS eligible
			FROM voucher_holds h JOIN voucher_hold_lines l ON l.hold_id = h.id
			JOIN vouchers v ON v.id = h.voucher_id JOIN campaign_vouchers cv ON cv.id = v.campaign_voucher_id
			WHERE h.id IN (SELECT id FROM voucher_holds WHERE id > ? ORDER BY id LIMIT ?) ORDER BY h.id`, after, chunk).Scan(ctx, &rows)
		if err != nil || len(rows) == 0 {
			return out, "", err
		}
		for _, row := range rows {
			line := voucher.Line{
				ProviderOrg: row.ProviderOrg, OfferingID: row.OfferingID, Categories: row.Categories, Industries: row.Industries, Tags: row.Tags, Amount: row.Eligible,
			}
			fits := row.Terms.Scope.Fits(line)
			same := fmt.Sprint(row.Terms) == fmt.Sprint(row.Frozen)
			if (!fits || !same) && len(out) < most {
				out = append(out, Violation{Subject: "hold " + row.ID.String(), What: fmt.Sprintf("line %d does not fit the voucher's scope (fits %v, terms as approved %v)", row.LineKey, fits, same)})
			}
		}
		after = rows[len(rows)-1].ID
	}
}

// overdue allows the sweeps an hour: it shows that they have stopped.
func overdue(ctx context.Context, r db.Reader, _ *db.DB) ([]Violation, string, error) {
	hourAgo := r.Now().UnixMilli() - 3_600_000
	found, err := ask(ctx, r, check{args: []any{hourAgo, hourAgo}, query: `
		SELECT 'voucher ' || CAST(id AS TEXT) AS subject, 'should have expired' AS what FROM vouchers
		WHERE campaign_id IN (SELECT id FROM campaigns) AND status IN ('active', 'frozen') AND expires_at < ?
		UNION ALL
		SELECT 'campaign ' || CAST(id AS TEXT), 'should have ended' FROM campaigns
		WHERE status IN ('scheduled', 'open', 'sold_out', 'paused') AND closes_at < ?`})
	return found, "", err
}

// verified reads the facts stored with each voucher.
func verified(ctx context.Context, r db.Reader, _ *db.DB) ([]Violation, string, error) {
	found, err := ask(ctx, r, check{query: `
		SELECT 'voucher ' || CAST(id AS TEXT) AS subject, 'its company was not verified' AS what FROM vouchers
		WHERE company NOT LIKE '%"verified":true%' OR company LIKE '%"versionId":"0"%'`})
	return found, "", err
}
