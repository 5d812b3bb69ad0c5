-- What was done about single vouchers: frozen, thawed, revoked; and revocations
-- that wait for the second person.

-- +goose Up
CREATE TABLE voucher_measures (
    id         BIGINT PRIMARY KEY,
    voucher_id BIGINT NOT NULL REFERENCES vouchers (id),
    event      TEXT   NOT NULL CHECK (event IN ('freeze', 'unfreeze', 'revoke')),
    cause      TEXT   NOT NULL CHECK (cause IN ('staff', 'standing')), -- standing: follows the company's verification
    reason     TEXT   NOT NULL DEFAULT '',
    comment    TEXT   NOT NULL,
    by_user    BIGINT NOT NULL, -- 0: the platform
    by_name    TEXT   NOT NULL,
    at         BIGINT NOT NULL,
    CHECK ((cause = 'standing') = (by_user = 0))
);
CREATE INDEX voucher_measures_voucher ON voucher_measures (voucher_id, id);

CREATE TABLE voucher_revocations (
    id            BIGINT PRIMARY KEY,
    voucher_id    BIGINT NOT NULL REFERENCES vouchers (id),
    status        TEXT   NOT NULL CHECK (status IN ('proposed', 'confirmed', 'declined')),
    reason        TEXT   NOT NULL,
    comment       TEXT   NOT NULL,
    proposed_by   BIGINT NOT NULL CHECK (proposed_by <> 0),
    proposed_name TEXT   NOT NULL,
    proposed_at   BIGINT NOT NULL,
    decided_by    BIGINT NOT NULL DEFAULT 0,
    decided_name  TEXT   NOT NULL DEFAULT '',
    decided_at    BIGINT NOT NULL DEFAULT 0,
    decision      TEXT   NOT NULL DEFAULT '', -- what the second person said
    CHECK ((status = 'proposed') = (decided_by = 0)),
    CHECK (status <> 'confirmed' OR decided_by <> proposed_by)
);
CREATE UNIQUE INDEX voucher_revocations_open ON voucher_revocations (voucher_id) WHERE status = 'proposed';
CREATE INDEX voucher_revocations_voucher ON voucher_revocations (voucher_id, id);

-- +goose Down
SELECT 1;
