-- Each index of a voucher is written for every claim of a rush. The unique rule
-- begins with the company, so that it finds a company's vouchers as well; what is
-- due is found by campaign, of which there are few.

-- +goose NO TRANSACTION
-- +goose Up
PRAGMA foreign_keys = OFF; -- a table is made anew that others name
BEGIN;
CREATE TABLE vouchers_new (
    id                  BIGINT PRIMARY KEY,
    campaign_id         BIGINT NOT NULL REFERENCES campaigns (id),
    campaign_voucher_id BIGINT NOT NULL REFERENCES campaign_vouchers (id),
    org_id              BIGINT NOT NULL CHECK (org_id > 0),
    seq                 BIGINT NOT NULL CHECK (seq BETWEEN 1 AND 100),
    face_value_fen      BIGINT NOT NULL CHECK (face_value_fen > 0),
    available_fen       BIGINT NOT NULL CHECK (available_fen >= 0),
    held_fen            BIGINT NOT NULL DEFAULT 0 CHECK (held_fen >= 0),
    redeemed_fen        BIGINT NOT NULL DEFAULT 0 CHECK (redeemed_fen >= 0),
    returned_fen        BIGINT NOT NULL DEFAULT 0 CHECK (returned_fen >= 0),
    status              TEXT   NOT NULL CHECK (status IN ('active', 'exhausted', 'frozen', 'expired', 'revoked')),
    valid_from          BIGINT NOT NULL,
    expires_at          BIGINT NOT NULL, -- exclusive
    issued_at           BIGINT NOT NULL,
    company             TEXT   NOT NULL, -- JSON: the facts of the company that the rules were asked on
    UNIQUE (org_id, campaign_voucher_id, seq),
    CHECK (available_fen + held_fen + redeemed_fen + returned_fen = face_value_fen),
    CHECK (expires_at > valid_from),
    CHECK (available_fen = 0 OR status IN ('active', 'frozen')),
    CHECK (status <> 'exhausted' OR held_fen = 0)
);
INSERT INTO vouchers_new (id, campaign_id, campaign_voucher_id, org_id, seq, face_value_fen, available_fen, held_fen, redeemed_fen, returned_fen,
    status, valid_from, expires_at, issued_at, company)
SELECT id, campaign_id, campaign_voucher_id, org_id, seq, face_value_fen, available_fen, held_fen, redeemed_fen, returned_fen,
    status, valid_from, expires_at, issued_at, company FROM vouchers;
DROP TABLE vouchers;
ALTER TABLE vouchers_new RENAME TO vouchers;
CREATE INDEX vouchers_campaign ON vouchers (campaign_id, status, expires_at);
COMMIT;
PRAGMA foreign_keys = ON;

-- +goose Down
SELECT 1;
