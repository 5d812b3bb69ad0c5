package reconcile

// payoutChecks is what must hold of payouts to providers and of claw-backs.
func payoutChecks() []check {
	const closed = `('paid', 'clawback_due', 'clawed_back', 'written_off')`
	posted := func(kind, from string) string {
		return `(SELECT COALESCE(SUM(p.amount_fen), 0) FROM journal j JOIN postings p ON p.entry_id = j.id AND p.account = '` + from + `:' || CAST(l.provider_org AS TEXT)
			WHERE j.kind = '` + kind + `' AND j.source_kind = 'order' AND j.source_id = l.order_id AND j.at = l.paid_at)`
	}
	moved := func(kind string) string {
		return `(SELECT COALESCE(SUM(m.amount_fen), 0) FROM clawback_moves m WHERE m.clawback_id = c.id AND m.kind = '` + kind + `')`
	}
	return []check{
		{id: "I15.lines", statement: "a line has its order's settled amounts, and is in the batch that it names and in no other live one", query: `
			SELECT 'line ' || CAST(l.order_id AS TEXT) AS subject, 'disagrees with its order or its batch' AS what
			FROM payout_lines l JOIN orders o ON o.id = l.order_id
			WHERE o.redeemed_fen <> l.voucher_fen OR o.payable_fen <> l.cash_fen OR o.provider_org <> l.provider_org OR o.accepted_at <> l.accepted_at
			   OR (SELECT COUNT(*) FROM payout_batch_lines p WHERE p.order_id = l.order_id AND p.status IN ('live', 'paid')) <> CASE WHEN l.batch_id = 0 THEN 0 ELSE 1 END
			   OR (l.batch_id <> 0 AND NOT EXISTS (SELECT 1 FROM payout_batch_lines p JOIN payout_batches b ON b.id = p.batch_id
			       WHERE p.order_id = l.order_id AND p.batch_id = l.batch_id AND p.pay_fen + p.offset_fen = l.voucher_fen + l.cash_fen AND b.provider_org = l.provider_org
			         AND CASE WHEN l.status IN ` + closed + ` THEN p.status = 'paid' AND b.status IN ('sent', 'done') ELSE p.status = 'live' AND b.status = l.status END))`},
		{id: "I15.days", statement: "the figures of settlement's lists are those of its lines", query: `
			SELECT 'day ' || CAST(day AS TEXT) || ' of provider ' || CAST(provider AS TEXT) AS subject, 'counts other lines that are ' || status AS what FROM (
				SELECT d.provider_org AS provider, d.day, d.status, d.lines AS n, d.voucher_fen AS v, d.cash_fen AS c FROM payout_days d WHERE d.provider_org <> 0 AND d.name_id = 0 AND d.day <> 0
				UNION ALL SELECT h.provider_org, h.day, h.status, h.lines, h.voucher_fen, h.cash_fen FROM payout_changes h
				UNION ALL SELECT o.provider_org, (o.accepted_at + 28800000) / 86400000, COALESCE(l.status, 'accrued'), -1, -o.redeemed_fen, -o.payable_fen
					FROM orders o LEFT JOIN payout_lines l ON l.order_id = o.id WHERE o.accepted_at > 0 AND o.redeemed_fen + o.payable_fen > 0) AS t
			GROUP BY provider, day, status HAVING SUM(n) <> 0 OR SUM(v) <> 0 OR SUM(c) <> 0
			UNION ALL
			SELECT 'figures of ' || status, 'differ between all, providers and names' FROM payout_days
			GROUP BY status HAVING SUM(CASE WHEN provider_org = 0 AND day <> 0 THEN lines ELSE 0 END) <> SUM(CASE WHEN provider_org = 0 AND day = 0 THEN lines ELSE 0 END)
				OR SUM(CASE WHEN provider_org = 0 AND day = 0 THEN lines ELSE 0 END) <> SUM(CASE WHEN provider_org <> 0 AND name_id = 0 AND day = 0 THEN lines ELSE 0 END)
				OR SUM(CASE WHEN provider_org = 0 AND day = 0 THEN lines ELSE 0 END) <> SUM(CASE WHEN name_id <> 0 AND day = 0 THEN lines ELSE 0 END)
				OR SUM(CASE WHEN provider_org = 0 AND day = 0 THEN lines ELSE 0 END) <> SUM(CASE WHEN name_id <> 0 AND day <> 0 THEN lines ELSE 0 END)`},
		{id: "I15.batches", statement: "a batch's sums are those of its lines, and it was approved before it went to the bank", query: `
			SELECT subject, what FROM (
				SELECT 'batch ' || CAST(b.id AS TEXT) AS subject, 'disagrees with its lines' AS what, b.lines, b.offset_fen, b.voucher_fen + b.cash_fen - b.offset_fen AS pay,
					(SELECT COUNT(*) FROM payout_batch_lines p WHERE p.batch_id = b.id) AS n,
					(SELECT COALESCE(SUM(p.pay_fen), 0) FROM payout_batch_lines p WHERE p.batch_id = b.id) AS pays,
					(SELECT COALESCE(SUM(p.offset_fen), 0) FROM payout_batch_lines p WHERE p.batch_id = b.id) AS offsets,
					(SELECT COALESCE(SUM(f.amount_fen), 0) FROM payout_offsets f WHERE f.batch_id = b.id) AS named
				FROM payout_batches b) AS t
			WHERE n <> lines OR pays <> pay OR offsets <> offset_fen OR named <> offset_fen
			UNION ALL
			SELECT 'batch ' || CAST(b.id AS TEXT), 'its approval is not on record' FROM payout_batches b
			WHERE b.status IN ('approved', 'sent', 'done') AND NOT EXISTS (SELECT 1 FROM audit_entries a
				WHERE a.object_kind = 'payout_batch' AND a.object_id = b.id AND a.action = 'settlement.batch_approve' AND a.user_id = b.decided_by AND a.at = b.decided_at)
			UNION ALL
			SELECT 'batch ' || CAST(b.id AS TEXT), 'its first approval is not on record' FROM payout_batches b
			WHERE b.first_by <> 0 AND NOT EXISTS (SELECT 1 FROM audit_entries a
				WHERE a.object_kind = 'payout_batch' AND a.object_id = b.id AND a.action = 'settlement.batch_approve_first' AND a.user_id = b.first_by AND a.at = b.first_at)`},
		{id: "I15.payouts", statement: "every line that is paid has its entries, of its amounts and time, and nothing else was paid out", query: `
			SELECT subject, what FROM (
				SELECT 'line ' || CAST(l.order_id AS TEXT) AS subject, 'its entries disagree with its state ' || l.status AS what,
					CASE WHEN l.status IN ` + closed + ` THEN l.voucher_fen ELSE 0 END AS want_v, CASE WHEN l.status IN ` + closed + ` THEN l.cash_fen ELSE 0 END AS want_c,
					` + posted("payout_v", "subsidy_paid") + ` AS have_v, ` + posted("payout_c", "paid_c") + ` AS have_c
				FROM payout_lines l) AS t WHERE want_v <> have_v OR want_c <> have_c
			UNION ALL
			SELECT 'entry ' || CAST(j.id AS TEXT), 'pays order ' || CAST(j.source_id AS TEXT) || ', which is not paid' FROM journal j
			WHERE j.kind IN ('payout_v', 'payout_c') AND NOT EXISTS (SELECT 1 FROM payout_lines l WHERE l.order_id = j.source_id AND l.status IN ` + closed + `)`},
		{id: "I15.totals", statement: "a provider has been paid what was settled and paid, less what was clawed back", query: `
			SELECT subject, what FROM (
				SELECT 'provider ' || CAST(t.org_id AS TEXT) AS subject, 'its accounts disagree with its lines and claw-backs' AS what,
					` + balanceOf("'subsidy_paid:' || CAST(t.org_id AS TEXT)") + ` AS paid, ` + balanceOf("'paid_c:' || CAST(t.org_id AS TEXT)") + ` AS cash,
					` + balanceOf("'clawback_receivable:' || CAST(t.org_id AS TEXT)") + ` AS receivable,
					(SELECT COALESCE(SUM(l.voucher_fen), 0) FROM payout_lines l WHERE l.provider_org = t.org_id AND l.paid_at > 0) AS lines_v,
					(SELECT COALESCE(SUM(l.cash_fen), 0) FROM payout_lines l WHERE l.provider_org = t.org_id AND l.paid_at > 0) AS lines_c,
					(SELECT COALESCE(SUM(c.recovered_fen), 0) FROM clawbacks c WHERE c.provider_org = t.org_id) AS recovered,
					(SELECT COALESCE(SUM(c.amount_fen - c.recovered_fen - c.written_fen), 0) FROM clawbacks c WHERE c.provider_org = t.org_id AND c.status = 'due') AS owed
				FROM payout_turns t) AS t
			WHERE paid <> lines_v - owed - recovered OR cash <> lines_c OR receivable <> owed`},
		{id: "I15.clawbacks", statement: "a claw-back's amounts are its movements, each in the books, and what batches keep of it", query: `
			SELECT subject, what FROM (
				SELECT 'claw-back ' || CAST(c.id AS TEXT) AS subject, 'is ' || c.status || ', its movements say otherwise' AS what, c.*,
					` + moved("owed") + ` AS owed, ` + moved("recovered") + ` AS recovered, ` + moved("written_off") + ` AS written,
					(SELECT COALESCE(SUM(f.amount_fen), 0) FROM payout_offsets f JOIN payout_batch_lines p ON p.batch_id = f.batch_id AND p.order_id = f.order_id
					 WHERE f.clawback_id = c.id AND p.status = 'live') AS kept
				FROM clawbacks c) AS t
			WHERE owed <> CASE WHEN status IN ('proposed', 'rejected') THEN 0 ELSE amount_fen END OR recovered <> recovered_fen OR written <> written_fen OR kept <> reserved_fen
			   OR (status = 'clawed_back' AND recovered_fen <> amount_fen) OR (status = 'written_off' AND recovered_fen + written_fen <> amount_fen)
			UNION ALL
			SELECT 'move ' || CAST(m.id AS TEXT), 'has no entry of its amount and time' FROM clawback_moves m
			WHERE NOT EXISTS (SELECT 1 FROM journal j JOIN postings p ON p.entry_id = j.id AND p.amount_fen = m.amount_fen
				WHERE j.kind = 'clawback' AND j.source_kind = 'clawback' AND j.source_id = m.id AND j.at = m.at)
			UNION ALL
			SELECT 'entry ' || CAST(j.id AS TEXT), 'is of no claw-back' FROM journal j
			WHERE j.source_kind = 'clawback' AND NOT EXISTS (SELECT 1 FROM clawback_moves m WHERE m.id = j.source_id)
			UNION ALL
			SELECT 'hold ' || CAST(h.id AS TEXT), 'says another amount was reclaimed than its movements' FROM voucher_holds h
			WHERE h.reclaimed_fen <> (SELECT COALESCE(SUM(m.amount_fen), 0) FROM clawback_moves m WHERE m.hold_id = h.id AND m.kind = 'recovered')`},
		{id: "I16.payouts", statement: "nothing is paid out without the buyer's acceptance", query: `
			SELECT 'line ' || CAST(l.order_id AS TEXT) AS subject, 'is paid, its buyer accepted nothing then' AS what FROM payout_lines l
			WHERE l.paid_at > 0 AND NOT EXISTS (SELECT 1 FROM orders o JOIN order_events e ON e.order_id = o.id AND e.event = 'accept' AND e.org_id = o.buyer_org
				WHERE o.id = l.order_id AND e.at = l.accepted_at AND e.at <= l.paid_at)`},
		{id: "I22.payouts", statement: "no money was released by who prepared it", query: `
			SELECT 'batch ' || CAST(id AS TEXT) AS subject, 'was decided by its creator' AS what FROM payout_batches WHERE decided_by = created_by
			UNION ALL
			SELECT 'batch ' || CAST(id AS TEXT), 'was not approved by two persons beside its creator' FROM payout_batches
			WHERE first_by <> 0 AND (first_by = created_by OR (first_by = decided_by AND status <> 'void'))
			UNION ALL
			SELECT 'claw-back ' || CAST(id AS TEXT), 'was decided by who proposed it' FROM clawbacks WHERE decided_by = proposed_by OR (waived_by <> 0 AND waived_by = waiver_by)`},
	}
}
