package reconcile

// orderChecks is what must hold of orders, their payments and ratings.
func orderChecks() []check {
	escrowV := balanceOf("'escrow_v:' || CAST(o.id AS TEXT)")
	escrowC := balanceOf("'escrow_c:' || CAST(o.id AS TEXT)")
	const held = `(SELECT COALESCE(SUM(h.amount_fen), 0) FROM voucher_holds h WHERE h.order_id = o.id AND h.status = 'open')`
	moved := func(kind string) string {
		return `(SELECT COALESCE(SUM(p.amount_fen), 0) FROM journal j JOIN postings p ON p.entry_id = j.id AND p.amount_fen > 0
			WHERE j.kind = '` + kind + `' AND j.source_kind = 'order' AND j.source_id = o.id)`
	}
	return []check{
		{id: "I6", statement: "an order's lines, and what vouchers pay of them, sum to the order exactly", query: `
			SELECT subject, what FROM (
				SELECT 'order ' || CAST(o.id AS TEXT) AS subject, o.price_fen, o.redeemed_fen, o.payable_fen,
					(SELECT COALESCE(SUM(l.price_fen), 0) FROM order_lines l WHERE l.order_id = o.id) AS prices,
					(SELECT COALESCE(SUM(l.unit_price_fen * l.quantity), 0) FROM order_lines l WHERE l.order_id = o.id) AS counted,
					(SELECT COALESCE(SUM(l.redeemed_fen), 0) FROM order_lines l WHERE l.order_id = o.id) AS parts,
					(SELECT COALESCE(SUM(r.amount_fen), 0) FROM order_redemptions r WHERE r.order_id = o.id) AS redemptions,
					(SELECT COALESCE(SUM(h.amount_fen), 0) FROM voucher_holds h WHERE h.order_id = o.id) AS holds,
					'its parts do not sum to ' || CAST(o.price_fen AS TEXT) || ' fen' AS what
				FROM orders o) AS t
			WHERE prices <> price_fen OR counted <> price_fen OR parts <> redeemed_fen OR redemptions <> redeemed_fen
			   OR holds <> redeemed_fen OR redeemed_fen + payable_fen <> price_fen`},
		{id: "I6.checkouts", statement: "a checkout's price is the sum of its orders", query: `
			SELECT subject, what FROM (
				SELECT 'checkout ' || CAST(c.id AS TEXT) AS subject, c.price_fen, 'its orders do not sum to its price' AS what,
					(SELECT COALESCE(SUM(o.price_fen), 0) FROM orders o WHERE o.checkout_id = c.id) AS orders
				FROM checkouts c) AS t WHERE orders <> price_fen`},
		{id: "I7", statement: "the cash captured for an order is all that it cost, or nothing", query: `
			SELECT subject, what FROM (
				SELECT 'order ' || CAST(o.id AS TEXT) AS subject, CASE WHEN o.paid_at > 0 THEN o.payable_fen ELSE 0 END AS want,
					` + moved("capture") + ` AS have, 'captured another amount than was due' AS what FROM orders o) AS t
			WHERE want <> have`},
		{id: "I7.suspense", statement: "money that paid for nothing lies in suspense until it goes back", query: `
			SELECT subject, what FROM (
				SELECT 'payment ' || CAST(y.id AS TEXT) AS subject, 'its suspense account disagrees with what came in' AS what,
					` + balanceOf("'suspense:' || CAST(y.id AS TEXT)") + ` AS have,
					(SELECT COALESCE(SUM(n.amount_fen), 0) FROM payment_notices n WHERE n.payment_id = y.id AND n.outcome = 'succeeded' AND n.effect <> 'ignored')
					- CASE WHEN y.applied THEN y.captured_fen ELSE 0 END
					- (SELECT COALESCE(SUM(f.amount_fen), 0) FROM refunds f WHERE f.payment_id = y.id AND f.source = 'suspense') AS want
				FROM payments y) AS t WHERE want <> have`},
		{id: "I8", statement: "no more is refunded than came in, and each refund's account has what is still on its way", query: `
			SELECT subject, what FROM (
				SELECT 'refund ' || CAST(f.id AS TEXT) AS subject, 'exceeds its source or disagrees with the books' AS what, f.amount_fen,
					CASE WHEN f.source = 'order' THEN (SELECT o.payable_fen FROM orders o WHERE o.id = f.source_id)
					     ELSE (SELECT n.amount_fen FROM payment_notices n WHERE n.id = f.source_id) END AS most,
					CASE WHEN f.status = 'done' THEN 0 ELSE f.amount_fen END AS want,
					` + balanceOf("'refund_pending:' || CAST(f.id AS TEXT)") + ` AS have
				FROM refunds f) AS t WHERE most IS NULL OR amount_fen > most OR want <> have`},
		{id: "I9", statement: "a checkout is paid by one payment, of what its orders cost", query: `
			SELECT subject, what FROM (
				SELECT 'checkout ' || CAST(c.id AS TEXT) AS subject, 'its payment and its paid orders disagree' AS what,
					(SELECT COALESCE(SUM(y.captured_fen), 0) FROM payments y WHERE y.subject_id = c.id AND y.applied) AS have,
					(SELECT COALESCE(SUM(o.payable_fen), 0) FROM orders o WHERE o.checkout_id = c.id AND o.paid_at > 0) AS want
				FROM checkouts c) AS t WHERE want <> have
			UNION ALL
			SELECT 'checkout ' || CAST(subject_id AS TEXT), 'is paid more than once' FROM payments WHERE applied GROUP BY subject_id HAVING COUNT(*) > 1`},
		{id: "I12", statement: "an order's state agrees with what it holds and has in escrow", query: `
			SELECT subject, what FROM (
				SELECT 'order ' || CAST(o.id AS TEXT) AS subject, 'is ' || o.status || ', its holds or escrow say otherwise' AS what,
					o.status, o.accepted_at, o.redeemed_fen, o.payable_fen, ` + held + ` AS held, ` + escrowV + ` AS escrow_v, ` + escrowC + ` AS escrow_c
				FROM orders o) AS t
			WHERE NOT CASE
				WHEN status = 'placed' THEN held = redeemed_fen AND escrow_v = 0 AND escrow_c = 0
				WHEN status IN ('paid', 'in_delivery', 'delivered') OR (status = 'completed' AND accepted_at = 0)
					THEN held = 0 AND escrow_v = redeemed_fen AND escrow_c = payable_fen
				ELSE held = 0 AND escrow_v = 0 AND escrow_c = 0 END`},
		{id: "I15", statement: "an order is settled once, with exactly its amounts", query: `
			SELECT subject, what FROM (
				SELECT 'order ' || CAST(o.id AS TEXT) AS subject, 'is settled with other amounts than it has' AS what, o.accepted_at, o.redeemed_fen, o.payable_fen,
					` + moved("settle_v") + ` AS settled_v, ` + moved("settle_c") + ` AS settled_c FROM orders o) AS t
			WHERE settled_v <> CASE WHEN accepted_at > 0 THEN redeemed_fen ELSE 0 END
			   OR settled_c <> CASE WHEN accepted_at > 0 THEN payable_fen ELSE 0 END`},
		{id: "I16", statement: "nothing is settled without the buyer's acceptance", query: `
			SELECT 'entry ' || CAST(j.id AS TEXT) AS subject, 'settles order ' || CAST(j.source_id AS TEXT) || ', which its buyer did not accept then' AS what
			FROM journal j WHERE j.kind IN ('settle_v', 'settle_c') AND NOT EXISTS (
				SELECT 1 FROM orders o JOIN order_events e ON e.order_id = o.id AND e.event = 'accept' AND e.org_id = o.buyer_org
				WHERE j.source_kind = 'order' AND o.id = j.source_id AND o.accepted_at = j.at AND e.at = j.at)`},
		{id: "I17", statement: "what costs nothing has no payment", query: `
			SELECT 'payment ' || CAST(y.id AS TEXT) AS subject, 'is for a checkout that vouchers cover' AS what FROM payments y
			WHERE NOT EXISTS (SELECT 1 FROM orders o WHERE o.checkout_id = y.subject_id AND o.payable_fen > 0)`},
		{id: "I10.orders", statement: "every hold is of its order's company and provider", query: `
			SELECT 'hold ' || CAST(h.id AS TEXT) AS subject, 'and order ' || CAST(h.order_id AS TEXT) || ' name different companies' AS what
			FROM voucher_holds h JOIN orders o ON o.id = h.order_id WHERE h.org_id <> o.buyer_org OR h.provider_org <> o.provider_org`},
		{id: "I20.orders", statement: "nobody buys from themselves", query: `
			SELECT 'order ' || CAST(id AS TEXT) AS subject, 'buyer and provider are one company' AS what FROM orders WHERE buyer_org = provider_org`},
		{id: "I22.orders", statement: "every step of an order left its entry in the audit trail", query: `
			SELECT 'order ' || CAST(t.order_id AS TEXT) AS subject, 'has ' || CAST(t.n AS TEXT) || ' steps ' || t.event || ', the trail has another number' AS what
			FROM (SELECT e.order_id, e.event, COUNT(*) AS n FROM order_events e GROUP BY e.order_id, e.event) AS t
			WHERE t.n <> (SELECT COUNT(*) FROM audit_entries a WHERE a.object_kind = 'order' AND a.object_id = t.order_id AND a.action = 'order.' || t.event)
			UNION ALL
			SELECT 'order ' || CAST(o.id AS TEXT), 'its last step is not its state' FROM orders o
			WHERE o.status <> (SELECT e.to_status FROM order_events e WHERE e.order_id = o.id ORDER BY e.id DESC LIMIT 1)`},
		{id: "I23", statement: "a rating is of a completed order's line, by its buyer", query: `
			SELECT 'rating ' || CAST(r.id AS TEXT) AS subject, 'is not of a completed line of its company' AS what FROM ratings r
			WHERE NOT EXISTS (SELECT 1 FROM order_lines l JOIN orders o ON o.id = l.order_id
				WHERE l.id = r.order_line_id AND o.status = 'completed' AND o.buyer_org = r.buyer_org AND o.provider_org = r.provider_org)`},
	}
}
