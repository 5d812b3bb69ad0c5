-- Companies, the drafts and versions of their profiles.

-- +goose Up
CREATE TABLE organizations (
    id              BIGINT  PRIMARY KEY,
    kind            TEXT    NOT NULL CHECK (kind IN ('enterprise', 'provider')),
    name            TEXT    NOT NULL DEFAULT '', -- in force; before that, of the draft
    uscc            TEXT    NOT NULL DEFAULT '', -- as name
    verification    TEXT    NOT NULL DEFAULT 'draft' CHECK (verification IN ('draft', 'pending', 'returned', 'rejected',
                        'withdrawn', 'verified', 'change_pending', 'suspended', 'revoked', 'expired')),
    region_code     TEXT    NOT NULL DEFAULT '',
    current_version BIGINT  NOT NULL DEFAULT 0, -- profile version in force
    pending_version BIGINT  NOT NULL DEFAULT 0, -- profile version under review
    case_id         BIGINT  NOT NULL DEFAULT 0, -- the last review case
    verdict         TEXT    NOT NULL DEFAULT '', -- JSON: why the last submission was not approved
    draft_form      TEXT    NOT NULL DEFAULT '',
    draft_year      BIGINT  NOT NULL DEFAULT 0,
    draft_values    TEXT    NOT NULL DEFAULT '', -- JSON; '' when there is no draft
    draft_sealed    TEXT    NOT NULL DEFAULT '', -- sealed JSON
    draft_at        BIGINT  NOT NULL DEFAULT 0,
    draft_version   BIGINT  NOT NULL DEFAULT 0,
    verified_at     BIGINT  NOT NULL DEFAULT 0,
    created_at      BIGINT  NOT NULL
);
CREATE INDEX organizations_kind ON organizations (kind, verification, created_at);

-- One submitted state of a profile; what reviewers see is frozen here.
CREATE TABLE profile_versions (
    id           BIGINT PRIMARY KEY,
    org_id       BIGINT NOT NULL REFERENCES organizations (id),
    seq          BIGINT NOT NULL,
    form         TEXT   NOT NULL, -- version of the form
    year         BIGINT NOT NULL,
    answers      TEXT   NOT NULL, -- JSON
    sealed       TEXT   NOT NULL, -- sealed JSON
    facts        TEXT   NOT NULL, -- JSON: what other modules ask of
    name         TEXT   NOT NULL,
    uscc         TEXT   NOT NULL,
    region_code  TEXT   NOT NULL,
    phone_index  TEXT   NOT NULL DEFAULT '',
    content_hash TEXT   NOT NULL,
    submitted_by BIGINT NOT NULL,
    submitted_at BIGINT NOT NULL,
    UNIQUE (org_id, seq)
);
CREATE INDEX profile_versions_name ON profile_versions (name);
CREATE INDEX profile_versions_phone ON profile_versions (phone_index);

-- A credit code stands for one company of each kind, from submission on.
CREATE TABLE org_codes (
    kind   TEXT   NOT NULL,
    uscc   TEXT   NOT NULL,
    org_id BIGINT NOT NULL REFERENCES organizations (id),
    PRIMARY KEY (kind, uscc)
);
CREATE INDEX org_codes_org ON org_codes (org_id);

-- +goose Down
SELECT 1;
