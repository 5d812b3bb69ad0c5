-- How many lines 结算兑付 has, of which provider, accepted on which day, in which
-- state: what its pages count, sum and turn over. Each change of an order or a line
-- is written down as a row of its own, so that nobody waits for a shared figure; a
-- sweep adds those rows up. Figures and rows together are always right.

-- +goose Up
-- What lines are called, which is what words are sought in.
CREATE TABLE payout_names (
    id            BIGINT PRIMARY KEY, -- an order that is called so
    provider_org  BIGINT NOT NULL,
    provider_name TEXT   NOT NULL,
    title         TEXT   NOT NULL,
    UNIQUE (provider_org, provider_name, title)
);

CREATE TABLE payout_days (
    provider_org BIGINT NOT NULL, -- 0: of all
    name_id      BIGINT NOT NULL, -- 0: whatever they are called
    day          BIGINT NOT NULL, -- of the acceptance: days since 1970 in China; 0: all days
    status       TEXT   NOT NULL,
    lines        BIGINT NOT NULL,
    voucher_fen  BIGINT NOT NULL,
    cash_fen     BIGINT NOT NULL,
    PRIMARY KEY (provider_org, name_id, day, status)
);
CREATE INDEX payout_days_empty ON payout_days (provider_org) WHERE lines = 0;

CREATE TABLE payout_changes (
    id           INTEGER PRIMARY KEY,
    order_id     BIGINT NOT NULL,
    provider_org BIGINT NOT NULL,
    day          BIGINT NOT NULL,
    status       TEXT   NOT NULL,
    lines        BIGINT NOT NULL,
    voucher_fen  BIGINT NOT NULL,
    cash_fen     BIGINT NOT NULL
);

-- +goose StatementBegin
CREATE TRIGGER payout_order_accepted AFTER INSERT ON orders
WHEN NEW.accepted_at > 0 BEGIN
    INSERT INTO payout_changes (order_id, provider_org, day, status, lines, voucher_fen, cash_fen)
    SELECT NEW.id, NEW.provider_org, (NEW.accepted_at + 28800000) / 86400000, 'accrued', 1, NEW.redeemed_fen, NEW.payable_fen WHERE NEW.accepted_at > 0 AND NEW.redeemed_fen + NEW.payable_fen > 0;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER payout_order_changed AFTER UPDATE OF accepted_at, redeemed_fen, payable_fen ON orders
WHEN OLD.accepted_at <> NEW.accepted_at OR NEW.accepted_at > 0 AND (OLD.redeemed_fen <> NEW.redeemed_fen OR OLD.payable_fen <> NEW.payable_fen) BEGIN
    INSERT INTO payout_changes (order_id, provider_org, day, status, lines, voucher_fen, cash_fen)
    SELECT OLD.id, OLD.provider_org, (OLD.accepted_at + 28800000) / 86400000, 'accrued', -1, -OLD.redeemed_fen, -OLD.payable_fen WHERE OLD.accepted_at > 0 AND OLD.redeemed_fen + OLD.payable_fen > 0;
    INSERT INTO payout_changes (order_id, provider_org, day, status, lines, voucher_fen, cash_fen)
    SELECT NEW.id, NEW.provider_org, (NEW.accepted_at + 28800000) / 86400000, 'accrued', 1, NEW.redeemed_fen, NEW.payable_fen WHERE NEW.accepted_at > 0 AND NEW.redeemed_fen + NEW.payable_fen > 0;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER payout_line_made AFTER INSERT ON payout_lines
WHEN NEW.status <> 'accrued' BEGIN
    INSERT INTO payout_changes (order_id, provider_org, day, status, lines, voucher_fen, cash_fen)
    VALUES (NEW.order_id, NEW.provider_org, (NEW.accepted_at + 28800000) / 86400000, 'accrued', -1, -NEW.voucher_fen, -NEW.cash_fen), (NEW.order_id, NEW.provider_org, (NEW.accepted_at + 28800000) / 86400000, NEW.status, 1, NEW.voucher_fen, NEW.cash_fen);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER payout_line_moved AFTER UPDATE OF status ON payout_lines
WHEN OLD.status <> NEW.status BEGIN
    INSERT INTO payout_changes (order_id, provider_org, day, status, lines, voucher_fen, cash_fen)
    VALUES (OLD.order_id, OLD.provider_org, (OLD.accepted_at + 28800000) / 86400000, OLD.status, -1, -OLD.voucher_fen, -OLD.cash_fen), (NEW.order_id, NEW.provider_org, (NEW.accepted_at + 28800000) / 86400000, NEW.status, 1, NEW.voucher_fen, NEW.cash_fen);
END;
-- +goose StatementEnd

-- what there is already
INSERT INTO payout_changes (order_id, provider_org, day, status, lines, voucher_fen, cash_fen)
SELECT o.id, o.provider_org, (o.accepted_at + 28800000) / 86400000, 'accrued', 1, o.redeemed_fen, o.payable_fen FROM orders o WHERE o.accepted_at > 0 AND o.redeemed_fen + o.payable_fen > 0;
INSERT INTO payout_changes (order_id, provider_org, day, status, lines, voucher_fen, cash_fen)
SELECT l.order_id, l.provider_org, (l.accepted_at + 28800000) / 86400000, 'accrued', -1, -l.voucher_fen, -l.cash_fen FROM payout_lines l WHERE l.status <> 'accrued';
INSERT INTO payout_changes (order_id, provider_org, day, status, lines, voucher_fen, cash_fen)
SELECT l.order_id, l.provider_org, (l.accepted_at + 28800000) / 86400000, l.status, 1, l.voucher_fen, l.cash_fen FROM payout_lines l WHERE l.status <> 'accrued';
INSERT INTO payout_names (id, provider_org, provider_name, title)
SELECT MIN(o.id), o.provider_org, o.provider_name, o.title FROM orders o WHERE o.accepted_at > 0 AND o.redeemed_fen + o.payable_fen > 0 GROUP BY o.provider_org, o.provider_name, o.title;
INSERT INTO payout_days (provider_org, name_id, day, status, lines, voucher_fen, cash_fen)
SELECT provider_org, name_id, day, status, SUM(lines), SUM(voucher_fen), SUM(cash_fen) FROM (
    SELECT CASE s.scope WHEN 0 THEN 0 ELSE c.provider_org END AS provider_org, CASE s.scope WHEN 2 THEN n.id ELSE 0 END AS name_id, c.day * d.daily AS day,
        c.status, c.lines, c.voucher_fen, c.cash_fen
    FROM payout_changes c JOIN orders o ON o.id = c.order_id
    JOIN payout_names n ON n.provider_org = o.provider_org AND n.provider_name = o.provider_name AND n.title = o.title
    CROSS JOIN (SELECT 0 AS scope UNION ALL SELECT 1 UNION ALL SELECT 2) AS s CROSS JOIN (SELECT 0 AS daily UNION ALL SELECT 1) AS d) AS t
GROUP BY provider_org, name_id, day, status HAVING SUM(lines) <> 0;
DELETE FROM payout_changes;

-- +goose Down
SELECT 1;
