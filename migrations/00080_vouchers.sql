-- Budgets (fund) and service vouchers (voucher): every rule of money that a
-- single row can state stands here as a CHECK as well.

-- +goose Up
CREATE TABLE budgets (
    id            BIGINT  PRIMARY KEY,
    name          TEXT    NOT NULL,
    year          BIGINT  NOT NULL CHECK (year BETWEEN 2000 AND 2100),
    purpose       TEXT    NOT NULL DEFAULT '',
    amount_fen    BIGINT  NOT NULL CHECK (amount_fen BETWEEN 1 AND 1000000000000),
    committed_fen BIGINT  NOT NULL DEFAULT 0 CHECK (committed_fen BETWEEN 0 AND amount_fen),
    status        TEXT    NOT NULL CHECK (status IN ('pending', 'approved', 'rejected')),
    created_by    BIGINT  NOT NULL,
    created_name  TEXT    NOT NULL DEFAULT '',
    created_at    BIGINT  NOT NULL,
    decided_by    BIGINT  NOT NULL DEFAULT 0,
    decided_name  TEXT    NOT NULL DEFAULT '',
    decided_at    BIGINT  NOT NULL DEFAULT 0,
    comment       TEXT    NOT NULL DEFAULT '',
    version       BIGINT  NOT NULL DEFAULT 1,
    CHECK (committed_fen = 0 OR status = 'approved'),
    CHECK (decided_by <> created_by),
    CHECK ((status = 'pending') = (decided_by = 0))
);
CREATE INDEX budgets_status ON budgets (status, id);

CREATE TABLE voucher_types (
    id             BIGINT  PRIMARY KEY,
    name           TEXT    NOT NULL,
    description    TEXT    NOT NULL DEFAULT '',
    face_value_fen BIGINT  NOT NULL CHECK (face_value_fen BETWEEN 1 AND 10000000000),
    terms          TEXT    NOT NULL, -- JSON: minimum, share, cap, scope, validity, billing, stacking
    retired        BOOLEAN NOT NULL DEFAULT FALSE,
    created_by     BIGINT  NOT NULL,
    created_at     BIGINT  NOT NULL,
    updated_at     BIGINT  NOT NULL,
    version        BIGINT  NOT NULL DEFAULT 1
);

CREATE TABLE campaigns (
    id            BIGINT  PRIMARY KEY,
    name          TEXT    NOT NULL,
    description   TEXT    NOT NULL DEFAULT '',
    mode          TEXT    NOT NULL CHECK (mode IN ('rush', 'application')),
    auto_grant    BOOLEAN NOT NULL DEFAULT TRUE, -- of mode application: without review
    budget_id     BIGINT  NOT NULL REFERENCES budgets (id),
    opens_at      BIGINT  NOT NULL,
    closes_at     BIGINT  NOT NULL,
    per_org       BIGINT  NOT NULL CHECK (per_org BETWEEN 1 AND 100),
    rules         TEXT    NOT NULL,
    status        TEXT    NOT NULL CHECK (status IN ('draft', 'pending', 'scheduled', 'open', 'sold_out', 'paused', 'ended', 'closed', 'canceled')),
    reason        TEXT    NOT NULL DEFAULT '', -- of the last pause or rejection
    funded_fen    BIGINT  NOT NULL DEFAULT 0 CHECK (funded_fen >= 0),
    released_fen  BIGINT  NOT NULL DEFAULT 0 CHECK (released_fen BETWEEN 0 AND funded_fen),
    content_hash  TEXT    NOT NULL DEFAULT '',
    case_id       BIGINT  NOT NULL DEFAULT 0,
    created_by    BIGINT  NOT NULL,
    created_name  TEXT    NOT NULL DEFAULT '',
    created_at    BIGINT  NOT NULL,
    updated_at    BIGINT  NOT NULL,
    approved_by   BIGINT  NOT NULL DEFAULT 0,
    approved_name TEXT    NOT NULL DEFAULT '',
    approved_at   BIGINT  NOT NULL DEFAULT 0,
    version       BIGINT  NOT NULL DEFAULT 1,
    CHECK (closes_at > opens_at),
    CHECK (approved_by <> created_by),
    CHECK (status IN ('draft', 'pending', 'canceled') OR (funded_fen > 0 AND approved_by <> 0))
);
CREATE INDEX campaigns_status ON campaigns (status, opens_at);
CREATE INDEX campaigns_budget ON campaigns (budget_id);

-- A claim guards on this one row: stock, switch and window stand here, so that a
-- pause waits for claims on their way and stops every later one.
CREATE TABLE campaign_vouchers (
    id             BIGINT  PRIMARY KEY,
    campaign_id    BIGINT  NOT NULL REFERENCES campaigns (id),
    type_id        BIGINT  NOT NULL REFERENCES voucher_types (id),
    position       BIGINT  NOT NULL,
    name           TEXT    NOT NULL,
    description    TEXT    NOT NULL DEFAULT '',
    face_value_fen BIGINT  NOT NULL CHECK (face_value_fen > 0),
    terms          TEXT    NOT NULL, -- of the type, frozen when the campaign is submitted
    quota          BIGINT  NOT NULL CHECK (quota BETWEEN 1 AND 1000000),
    remaining      BIGINT  NOT NULL CHECK (remaining BETWEEN 0 AND quota),
    claimable      BOOLEAN NOT NULL DEFAULT FALSE,
    opens_at       BIGINT  NOT NULL DEFAULT 0,
    closes_at      BIGINT  NOT NULL DEFAULT 0,
    UNIQUE (campaign_id, type_id)
);

CREATE TABLE vouchers (
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
    UNIQUE (campaign_voucher_id, org_id, seq),
    CHECK (available_fen + held_fen + redeemed_fen + returned_fen = face_value_fen),
    CHECK (expires_at > valid_from),
    CHECK (available_fen = 0 OR status IN ('active', 'frozen')),
    CHECK (status <> 'exhausted' OR held_fen = 0)
);
CREATE INDEX vouchers_org ON vouchers (org_id, status, expires_at);
CREATE INDEX vouchers_due ON vouchers (status, expires_at);
CREATE INDEX vouchers_campaign ON vouchers (campaign_id, status);

CREATE TABLE voucher_holds (
    id           BIGINT PRIMARY KEY,
    voucher_id   BIGINT NOT NULL REFERENCES vouchers (id),
    order_id     BIGINT NOT NULL CHECK (order_id > 0),
    org_id       BIGINT NOT NULL,
    provider_org BIGINT NOT NULL,
    amount_fen   BIGINT NOT NULL CHECK (amount_fen > 0),
    restored_fen BIGINT NOT NULL DEFAULT 0 CHECK (restored_fen BETWEEN 0 AND amount_fen),
    status       TEXT   NOT NULL CHECK (status IN ('open', 'redeemed', 'released')),
    terms        TEXT   NOT NULL, -- what the voucher fitted when it was held
    held_at      BIGINT NOT NULL,
    resolved_at  BIGINT NOT NULL DEFAULT 0,
    restored_at  BIGINT NOT NULL DEFAULT 0,
    UNIQUE (voucher_id, order_id),
    CHECK (org_id <> provider_org),
    CHECK ((status = 'open') = (resolved_at = 0)),
    CHECK (restored_fen = 0 OR status = 'redeemed')
);
CREATE INDEX voucher_holds_order ON voucher_holds (order_id, status);
CREATE INDEX voucher_holds_provider ON voucher_holds (provider_org, status, resolved_at);

CREATE TABLE voucher_hold_lines (
    hold_id      BIGINT NOT NULL REFERENCES voucher_holds (id),
    line_key     BIGINT NOT NULL,
    offering_id  BIGINT NOT NULL,
    categories   TEXT   NOT NULL, -- JSON, what made the line fit
    industries   TEXT   NOT NULL,
    tags         TEXT   NOT NULL,
    eligible_fen BIGINT NOT NULL CHECK (eligible_fen > 0),
    amount_fen   BIGINT NOT NULL CHECK (amount_fen BETWEEN 1 AND eligible_fen),
    PRIMARY KEY (hold_id, line_key)
);

CREATE TABLE voucher_applications (
    id                  BIGINT PRIMARY KEY,
    campaign_id         BIGINT NOT NULL REFERENCES campaigns (id),
    campaign_voucher_id BIGINT NOT NULL REFERENCES campaign_vouchers (id),
    org_id              BIGINT NOT NULL CHECK (org_id > 0),
    statement           TEXT   NOT NULL DEFAULT '',
    status              TEXT   NOT NULL CHECK (status IN ('applied', 'granted', 'rejected', 'withdrawn', 'lapsed')),
    reason              TEXT   NOT NULL DEFAULT '',
    voucher_id          BIGINT NOT NULL DEFAULT 0,
    applied_by          BIGINT NOT NULL,
    applied_at          BIGINT NOT NULL,
    decided_by          BIGINT NOT NULL DEFAULT 0,
    decided_name        TEXT   NOT NULL DEFAULT '',
    decided_at          BIGINT NOT NULL DEFAULT 0,
    CHECK ((status = 'granted') = (voucher_id <> 0)),
    CHECK (decided_by = 0 OR decided_by <> applied_by)
);
CREATE UNIQUE INDEX voucher_applications_open ON voucher_applications (campaign_voucher_id, org_id) WHERE status = 'applied';
CREATE INDEX voucher_applications_campaign ON voucher_applications (campaign_id, status, id);
CREATE INDEX voucher_applications_org ON voucher_applications (org_id, id);

-- +goose Down
SELECT 1;
