-- Payments, what gateways told us, refunds; and the books of the simulated gateway.

-- +goose Up
CREATE TABLE payments (
    id           BIGINT PRIMARY KEY,
    subject_id   BIGINT NOT NULL, -- the checkout
    org_id       BIGINT NOT NULL,
    user_id      BIGINT NOT NULL,
    channel      TEXT   NOT NULL,
    title        TEXT   NOT NULL,
    status       TEXT   NOT NULL CHECK (status IN ('created', 'pending', 'unknown', 'succeeded', 'failed', 'closed', 'suspense', 'late')),
    amount_fen   BIGINT NOT NULL CHECK (amount_fen > 0),
    captured_fen BIGINT NOT NULL DEFAULT 0 CHECK (captured_fen >= 0),
    applied      BOOLEAN NOT NULL DEFAULT FALSE, -- the money paid the orders; otherwise it lies in suspense
    txn_no       TEXT   NOT NULL DEFAULT '',
    pay_url      TEXT   NOT NULL DEFAULT '',
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    check_at     BIGINT NOT NULL, -- when the gateway is asked next
    checks       BIGINT NOT NULL DEFAULT 0,
    ended_at     BIGINT NOT NULL DEFAULT 0,
    CHECK (NOT applied OR captured_fen = amount_fen),
    CHECK (status <> 'succeeded' OR applied)
);
CREATE UNIQUE INDEX payments_one_open ON payments (subject_id) WHERE status IN ('created', 'pending', 'unknown');
CREATE UNIQUE INDEX payments_one_applied ON payments (subject_id) WHERE applied;
CREATE UNIQUE INDEX payments_txn ON payments (channel, txn_no) WHERE txn_no <> '';
CREATE INDEX payments_subject ON payments (subject_id, id);
CREATE INDEX payments_due ON payments (status, check_at);

-- verified notices of gateways; the unique rule makes a repeated notice harmless
CREATE TABLE payment_notices (
    id         BIGINT PRIMARY KEY,
    payment_id BIGINT NOT NULL,
    channel    TEXT   NOT NULL,
    txn_no     TEXT   NOT NULL,
    outcome    TEXT   NOT NULL CHECK (outcome IN ('succeeded', 'failed', 'closed')),
    amount_fen BIGINT NOT NULL,
    effect     TEXT   NOT NULL, -- the payment's status after it, or ignored
    at         BIGINT NOT NULL,
    UNIQUE (payment_id, txn_no, outcome, amount_fen)
);

CREATE TABLE refunds (
    id         BIGINT PRIMARY KEY,
    payment_id BIGINT NOT NULL REFERENCES payments (id),
    source     TEXT   NOT NULL CHECK (source IN ('order', 'suspense')),
    source_id  BIGINT NOT NULL, -- the order, or the notice whose money lies in suspense
    txn_no     TEXT   NOT NULL,
    org_id     BIGINT NOT NULL,
    amount_fen BIGINT NOT NULL CHECK (amount_fen > 0),
    status     TEXT   NOT NULL CHECK (status IN ('approved', 'submitted', 'unknown', 'done', 'failed')),
    reason     TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    check_at   BIGINT NOT NULL,
    checks     BIGINT NOT NULL DEFAULT 0,
    done_at    BIGINT NOT NULL DEFAULT 0,
    UNIQUE (source, source_id)
);
CREATE INDEX refunds_due ON refunds (status, check_at);
CREATE INDEX refunds_payment ON refunds (payment_id, id);

-- the simulated gateway's own memory; empty unless the program runs as a demo or test
CREATE TABLE simulated_charges (
    payment_id   BIGINT PRIMARY KEY,
    amount_fen   BIGINT NOT NULL CHECK (amount_fen > 0),
    title        TEXT   NOT NULL,
    status       TEXT   NOT NULL CHECK (status IN ('open', 'paid', 'declined', 'closed')),
    txn_no       TEXT   NOT NULL DEFAULT '',
    refunded_fen BIGINT NOT NULL DEFAULT 0 CHECK (refunded_fen BETWEEN 0 AND amount_fen),
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    ended_at     BIGINT NOT NULL DEFAULT 0
);
CREATE TABLE simulated_refunds (
    refund_id  BIGINT PRIMARY KEY,
    payment_id BIGINT NOT NULL,
    amount_fen BIGINT NOT NULL CHECK (amount_fen > 0),
    done_at    BIGINT NOT NULL
);

-- +goose Down
SELECT 1;
