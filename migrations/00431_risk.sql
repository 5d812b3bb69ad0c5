-- 风险线索: what is compared between companies, and what was found.

-- +goose Up
-- What a company has ever stated of itself, as keyed hashes; equal marks of a kind
-- mean equal statements. related is the credit code of a party that a provider declares.
CREATE TABLE org_marks (
    org_id BIGINT NOT NULL REFERENCES organizations (id),
    kind   TEXT   NOT NULL CHECK (kind IN ('phone', 'address', 'legal_rep', 'bank', 'related')),
    mark   TEXT   NOT NULL,
    shown  TEXT   NOT NULL DEFAULT '', -- sealed: the value masked
    at     BIGINT NOT NULL,
    PRIMARY KEY (org_id, kind, mark)
);
CREATE INDEX org_marks_kind ON org_marks (kind, mark, org_id);
CREATE INDEX org_marks_at ON org_marks (at);
ALTER TABLE organizations ADD COLUMN marked_at BIGINT NOT NULL DEFAULT 0;
CREATE INDEX organizations_unmarked ON organizations (id) WHERE marked_at = 0 AND current_version <> 0;

-- From where a company's people signed in, by day, as keyed hashes.
CREATE TABLE signin_traces (
    org_id   BIGINT NOT NULL,
    kind     TEXT   NOT NULL CHECK (kind IN ('address', 'device')),
    mark     TEXT   NOT NULL,
    day      BIGINT NOT NULL,
    first_at BIGINT NOT NULL,
    last_at  BIGINT NOT NULL,
    shown    TEXT   NOT NULL DEFAULT '', -- sealed: masked
    PRIMARY KEY (org_id, kind, mark, day)
);
CREATE INDEX signin_traces_kind ON signin_traces (kind, mark, org_id);
CREATE INDEX signin_traces_last ON signin_traces (last_at);

-- Prices of plans on sale that went up or down.
CREATE TABLE plan_price_changes (
    id       BIGINT PRIMARY KEY,
    plan_id  BIGINT NOT NULL REFERENCES plans (id),
    unit     TEXT   NOT NULL,
    at       BIGINT NOT NULL,
    from_fen BIGINT NOT NULL,
    to_fen   BIGINT NOT NULL,
    CHECK (from_fen <> to_fen)
);
CREATE INDEX plan_price_changes_at ON plan_price_changes (at);

CREATE INDEX orders_accepted ON orders (accepted_at) WHERE accepted_at > 0;

CREATE TABLE risk_hits (
    id           BIGINT PRIMARY KEY,
    rule         TEXT   NOT NULL,
    subject      TEXT   NOT NULL, -- what the rule looked at: a mark, a pair of companies, an order
    state        TEXT   NOT NULL CHECK (state IN ('new', 'dismissed', 'confirmed')),
    evidence     TEXT   NOT NULL, -- JSON: ids, marks, times; no value in clear
    companies    BIGINT NOT NULL,
    found_at     BIGINT NOT NULL,
    decided_by   BIGINT NOT NULL DEFAULT 0,
    decided_name TEXT   NOT NULL DEFAULT '',
    decided_at   BIGINT NOT NULL DEFAULT 0,
    reason       TEXT   NOT NULL DEFAULT '',
    CHECK ((state = 'new') = (decided_by = 0)),
    CHECK (state = 'new' OR reason <> '')
);
CREATE UNIQUE INDEX risk_hits_open ON risk_hits (rule, subject) WHERE state = 'new';
CREATE INDEX risk_hits_subject ON risk_hits (rule, subject, id);
CREATE INDEX risk_hits_state ON risk_hits (state, id);

-- The companies of a hit.
CREATE TABLE risk_hit_orgs (
    hit_id BIGINT NOT NULL REFERENCES risk_hits (id),
    org_id BIGINT NOT NULL,
    PRIMARY KEY (hit_id, org_id)
);
CREATE INDEX risk_hit_orgs_org ON risk_hit_orgs (org_id, hit_id);

CREATE TABLE risk_checks (
    id       BIGINT PRIMARY KEY,
    at       BIGINT NOT NULL,
    by_name  TEXT   NOT NULL DEFAULT '', -- '': the platform
    found    BIGINT NOT NULL -- new hits
);

-- +goose Down
SELECT 1;
