-- Payout batches above a sum take two approvals: the first of them.

-- +goose Up
ALTER TABLE payout_batches ADD COLUMN first_name TEXT NOT NULL DEFAULT '';
ALTER TABLE payout_batches ADD COLUMN first_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE payout_batches ADD COLUMN first_reason TEXT NOT NULL DEFAULT '';
ALTER TABLE payout_batches ADD COLUMN first_by BIGINT NOT NULL DEFAULT 0
    CHECK (first_by = 0 OR (first_by <> created_by AND (first_by <> decided_by OR status = 'void')));

-- +goose Down
SELECT 1;
