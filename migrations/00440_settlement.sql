-- 结算兑付: what providers are owed for accepted orders, until it is in their account.

-- +goose Up
-- Whoever changes something of a provider's settlement takes its turn first.
CREATE TABLE payout_turns (
    org_id  BIGINT PRIMARY KEY,
    version BIGINT NOT NULL
);

-- 收款账户, in versions that never change.
CREATE TABLE payout_accounts (
    org_id       BIGINT NOT NULL,
    version      BIGINT NOT NULL CHECK (version > 0),
    holder       TEXT   NOT NULL,
    bank         TEXT   NOT NULL,
    bank_code    TEXT   NOT NULL DEFAULT '',
    number       TEXT   NOT NULL, -- sealed
    created_by   BIGINT NOT NULL,
    created_name TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (org_id, version)
);

CREATE TABLE payout_batches (
    id              BIGINT PRIMARY KEY,
    provider_org    BIGINT NOT NULL,
    status          TEXT   NOT NULL CHECK (status IN ('batched', 'pending_approval', 'approved', 'sent', 'done', 'void')),
    lines           BIGINT NOT NULL CHECK (lines > 0),
    voucher_fen     BIGINT NOT NULL CHECK (voucher_fen >= 0),
    cash_fen        BIGINT NOT NULL CHECK (cash_fen >= 0),
    offset_fen      BIGINT NOT NULL DEFAULT 0 CHECK (offset_fen BETWEEN 0 AND voucher_fen), -- taken off for what must be given back
    account_version BIGINT NOT NULL,
    hash            TEXT   NOT NULL, -- of the lines and the account
    created_by      BIGINT NOT NULL,
    created_name    TEXT   NOT NULL,
    created_at      BIGINT NOT NULL,
    submitted_at    BIGINT NOT NULL DEFAULT 0,
    decided_by      BIGINT NOT NULL DEFAULT 0,
    decided_name    TEXT   NOT NULL DEFAULT '',
    decided_at      BIGINT NOT NULL DEFAULT 0,
    reason          TEXT   NOT NULL DEFAULT '', -- of a rejection, or why it is void
    file_hash       TEXT   NOT NULL DEFAULT '',
    exports         BIGINT NOT NULL DEFAULT 0, -- how often the bank file was taken
    sent_at         BIGINT NOT NULL DEFAULT 0,
    sent_name       TEXT   NOT NULL DEFAULT '',
    closed_at       BIGINT NOT NULL DEFAULT 0,
    version         BIGINT NOT NULL DEFAULT 1,
    CHECK (decided_by <> created_by),
    CHECK (voucher_fen + cash_fen > 0),
    CHECK (status NOT IN ('approved', 'sent', 'done') OR decided_by <> 0),
    CHECK ((file_hash = '') = (sent_at = 0)),
    FOREIGN KEY (provider_org, account_version) REFERENCES payout_accounts (org_id, version)
);
CREATE INDEX payout_batches_status ON payout_batches (status, id);
CREATE INDEX payout_batches_provider ON payout_batches (provider_org, id);

-- A settled order on its way to the provider. An accepted order that nobody has
-- touched yet has no row: it is 待结算.
CREATE TABLE payout_lines (
    order_id     BIGINT PRIMARY KEY REFERENCES orders (id),
    provider_org BIGINT NOT NULL,
    voucher_fen  BIGINT NOT NULL CHECK (voucher_fen >= 0),
    cash_fen     BIGINT NOT NULL CHECK (cash_fen >= 0),
    accepted_at  BIGINT NOT NULL CHECK (accepted_at > 0),
    status       TEXT   NOT NULL CHECK (status IN ('accrued', 'on_hold', 'batched', 'pending_approval', 'approved', 'sent', 'paid', 'failed', 'clawback_due', 'clawed_back', 'written_off')),
    batch_id     BIGINT NOT NULL DEFAULT 0, -- the live or paid one
    reason       TEXT   NOT NULL DEFAULT '', -- why it is on hold, or why the last payment failed
    held_by      BIGINT NOT NULL DEFAULT 0,
    held_name    TEXT   NOT NULL DEFAULT '',
    held_at      BIGINT NOT NULL DEFAULT 0,
    invoice_no   TEXT   NOT NULL DEFAULT '',
    invoice_file BIGINT NOT NULL DEFAULT 0,
    paid_at      BIGINT NOT NULL DEFAULT 0,
    version      BIGINT NOT NULL DEFAULT 1,
    CHECK ((status = 'on_hold') = (held_by <> 0)),
    CHECK ((status IN ('accrued', 'on_hold', 'failed')) = (batch_id = 0)),
    CHECK ((status IN ('paid', 'clawback_due', 'clawed_back', 'written_off')) = (paid_at <> 0))
);
CREATE INDEX payout_lines_provider ON payout_lines (provider_org, status);
CREATE INDEX payout_lines_status ON payout_lines (status, order_id);
CREATE UNIQUE INDEX payout_lines_invoice ON payout_lines (invoice_no) WHERE invoice_no <> '';

CREATE TABLE payout_batch_lines (
    batch_id   BIGINT NOT NULL REFERENCES payout_batches (id),
    order_id   BIGINT NOT NULL REFERENCES payout_lines (order_id),
    pay_fen    BIGINT NOT NULL CHECK (pay_fen >= 0), -- what goes through the bank
    offset_fen BIGINT NOT NULL DEFAULT 0 CHECK (offset_fen >= 0),
    status     TEXT   NOT NULL CHECK (status IN ('live', 'paid', 'failed', 'freed')),
    reference  TEXT   NOT NULL DEFAULT '', -- the bank's
    paid_on    TEXT   NOT NULL DEFAULT '',
    proof_file BIGINT NOT NULL DEFAULT 0,
    reason     TEXT   NOT NULL DEFAULT '',
    by_name    TEXT   NOT NULL DEFAULT '',
    at         BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (batch_id, order_id),
    CHECK (status <> 'paid' OR reference <> '')
);
CREATE UNIQUE INDEX payout_batch_lines_live ON payout_batch_lines (order_id) WHERE status IN ('live', 'paid');

-- 追回: of what was paid out, how much must come back.
CREATE TABLE clawbacks (
    id            BIGINT PRIMARY KEY,
    order_id      BIGINT NOT NULL REFERENCES payout_lines (order_id),
    provider_org  BIGINT NOT NULL,
    amount_fen    BIGINT NOT NULL CHECK (amount_fen > 0),
    status        TEXT   NOT NULL CHECK (status IN ('proposed', 'rejected', 'due', 'clawed_back', 'written_off')),
    reason        TEXT   NOT NULL,
    proposed_by   BIGINT NOT NULL,
    proposed_name TEXT   NOT NULL,
    proposed_at   BIGINT NOT NULL,
    decided_by    BIGINT NOT NULL DEFAULT 0,
    decided_name  TEXT   NOT NULL DEFAULT '',
    decided_at    BIGINT NOT NULL DEFAULT 0,
    comment       TEXT   NOT NULL DEFAULT '',
    reserved_fen  BIGINT NOT NULL DEFAULT 0 CHECK (reserved_fen >= 0), -- in live batches
    recovered_fen BIGINT NOT NULL DEFAULT 0 CHECK (recovered_fen >= 0),
    written_fen   BIGINT NOT NULL DEFAULT 0 CHECK (written_fen >= 0),
    waiver_by     BIGINT NOT NULL DEFAULT 0, -- who asked to write the rest off
    waiver_name   TEXT   NOT NULL DEFAULT '',
    waiver_reason TEXT   NOT NULL DEFAULT '',
    waived_by     BIGINT NOT NULL DEFAULT 0,
    waived_name   TEXT   NOT NULL DEFAULT '',
    closed_at     BIGINT NOT NULL DEFAULT 0,
    version       BIGINT NOT NULL DEFAULT 1,
    CHECK (decided_by <> proposed_by),
    CHECK (waived_by = 0 OR waived_by <> waiver_by),
    CHECK (reserved_fen + recovered_fen + written_fen <= amount_fen),
    CHECK ((status IN ('proposed')) = (decided_by = 0))
);
CREATE UNIQUE INDEX clawbacks_open ON clawbacks (order_id) WHERE status IN ('proposed', 'due');
CREATE INDEX clawbacks_provider ON clawbacks (provider_org, status, id);
CREATE INDEX clawbacks_status ON clawbacks (status, id);

-- Which claw-back a batch's line pays off.
CREATE TABLE payout_offsets (
    batch_id    BIGINT NOT NULL,
    order_id    BIGINT NOT NULL,
    clawback_id BIGINT NOT NULL REFERENCES clawbacks (id),
    amount_fen  BIGINT NOT NULL CHECK (amount_fen > 0),
    PRIMARY KEY (batch_id, order_id, clawback_id),
    FOREIGN KEY (batch_id, order_id) REFERENCES payout_batch_lines (batch_id, order_id)
);
CREATE INDEX payout_offsets_clawback ON payout_offsets (clawback_id);

-- Every movement of a claw-back, by the voucher's hold: the source of its entry.
CREATE TABLE clawback_moves (
    id          BIGINT PRIMARY KEY,
    clawback_id BIGINT NOT NULL REFERENCES clawbacks (id),
    hold_id     BIGINT NOT NULL REFERENCES voucher_holds (id),
    kind        TEXT   NOT NULL CHECK (kind IN ('owed', 'recovered', 'written_off')),
    amount_fen  BIGINT NOT NULL CHECK (amount_fen > 0),
    at          BIGINT NOT NULL,
    reference   TEXT   NOT NULL DEFAULT '' -- of a repayment: the bank's; of an offset: the batch
);
CREATE INDEX clawback_moves_clawback ON clawback_moves (clawback_id);
CREATE INDEX clawback_moves_hold ON clawback_moves (hold_id);

ALTER TABLE voucher_holds ADD COLUMN reclaimed_fen BIGINT NOT NULL DEFAULT 0 CHECK (reclaimed_fen >= 0);

-- +goose Down
SELECT 1;
