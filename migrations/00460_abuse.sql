-- Vouchers that a lead of abuse holds, codes for the acceptance of orders, and
-- campaigns that ask a challenge.

-- +goose Up
CREATE TABLE voucher_measures_new (
    id         BIGINT PRIMARY KEY,
    voucher_id BIGINT NOT NULL REFERENCES vouchers (id),
    event      TEXT   NOT NULL CHECK (event IN ('freeze', 'unfreeze', 'revoke')),
    cause      TEXT   NOT NULL CHECK (cause IN ('staff', 'standing', 'lead')), -- standing: follows the company's verification; lead: follows a lead
    reason     TEXT   NOT NULL DEFAULT '',
    comment    TEXT   NOT NULL,
    by_user    BIGINT NOT NULL, -- 0: the platform
    by_name    TEXT   NOT NULL,
    at         BIGINT NOT NULL,
    CHECK ((cause <> 'staff') = (by_user = 0))
);
INSERT INTO voucher_measures_new (id, voucher_id, event, cause, reason, comment, by_user, by_name, at)
SELECT id, voucher_id, event, cause, reason, comment, by_user, by_name, at FROM voucher_measures;
DROP TABLE voucher_measures;
ALTER TABLE voucher_measures_new RENAME TO voucher_measures;
CREATE INDEX voucher_measures_voucher ON voucher_measures (voucher_id, id);

-- Codes live for five minutes; the open ones need not be kept.
DROP TABLE one_time_codes;
CREATE TABLE one_time_codes (
    id          BIGINT  PRIMARY KEY,
    phone_index TEXT    NOT NULL,
    purpose     TEXT    NOT NULL CHECK (purpose IN ('login', 'reset', 'register', 'acceptance')),
    code_hash   TEXT    NOT NULL,
    created_at  BIGINT  NOT NULL,
    expires_at  BIGINT  NOT NULL,
    tries       BIGINT  NOT NULL DEFAULT 0 CHECK (tries <= 5),
    used_at     BIGINT  NOT NULL DEFAULT 0,
    ip          TEXT    NOT NULL DEFAULT ''
);
CREATE INDEX one_time_codes_phone ON one_time_codes (phone_index, purpose, created_at);
CREATE INDEX one_time_codes_ip ON one_time_codes (ip, created_at);

-- Campaigns that ask a challenge before a claim, and who has solved it.
ALTER TABLE campaigns ADD COLUMN challenge BOOLEAN NOT NULL DEFAULT FALSE;
CREATE TABLE campaign_challenges (
    campaign_id BIGINT NOT NULL REFERENCES campaigns (id),
    org_id      BIGINT NOT NULL,
    at          BIGINT NOT NULL,
    PRIMARY KEY (campaign_id, org_id)
);

-- +goose Down
SELECT 1;
