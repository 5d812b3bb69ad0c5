-- Users, password history, sessions, one-time codes, consents.

-- +goose Up
CREATE TABLE users (
    id            BIGINT  PRIMARY KEY,
    org_id        BIGINT  NOT NULL DEFAULT 0, -- 0: staff
    role          TEXT    NOT NULL CHECK (role IN ('enterprise', 'provider', 'expert', 'operator', 'department', 'admin')),
    is_owner      BOOLEAN NOT NULL DEFAULT FALSE, -- the main account of its company
    username      TEXT    NOT NULL,
    username_key  TEXT    NOT NULL UNIQUE, -- canonical form
    phone         TEXT    NOT NULL DEFAULT '', -- sealed
    phone_index   TEXT    NOT NULL DEFAULT '',
    phone_proven_at BIGINT NOT NULL DEFAULT 0,
    email         TEXT    NOT NULL DEFAULT '', -- sealed
    password_hash TEXT    NOT NULL,
    must_change   BOOLEAN NOT NULL DEFAULT FALSE,
    permissions   TEXT    NOT NULL DEFAULT '*', -- '*': all of the role; else words parted by blanks
    status        TEXT    NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'disabled', 'deleted')),
    created_at    BIGINT  NOT NULL,
    version       BIGINT  NOT NULL DEFAULT 1
);
CREATE INDEX users_org ON users (org_id, status);
CREATE INDEX users_phone ON users (phone_index);
-- a phone is one person's within a company
CREATE UNIQUE INDEX users_org_phone ON users (org_id, phone_index) WHERE org_id > 0 AND phone_index <> '' AND status <> 'deleted';

CREATE TABLE password_history (
    user_id    BIGINT NOT NULL REFERENCES users (id),
    at         BIGINT NOT NULL,
    hash       TEXT   NOT NULL,
    PRIMARY KEY (user_id, at)
);

CREATE TABLE sessions (
    id         BIGINT PRIMARY KEY,
    token_hash TEXT   NOT NULL UNIQUE,
    user_id    BIGINT NOT NULL REFERENCES users (id),
    created_at BIGINT NOT NULL,
    seen_at    BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    ip         TEXT   NOT NULL DEFAULT '',
    agent      TEXT   NOT NULL DEFAULT ''
);
CREATE INDEX sessions_user ON sessions (user_id);

CREATE TABLE one_time_codes (
    id          BIGINT  PRIMARY KEY,
    phone_index TEXT    NOT NULL,
    purpose     TEXT    NOT NULL CHECK (purpose IN ('login', 'reset', 'register')),
    code_hash   TEXT    NOT NULL,
    created_at  BIGINT  NOT NULL,
    expires_at  BIGINT  NOT NULL,
    tries       BIGINT  NOT NULL DEFAULT 0 CHECK (tries <= 5),
    used_at     BIGINT  NOT NULL DEFAULT 0,
    ip          TEXT    NOT NULL DEFAULT ''
);
CREATE INDEX one_time_codes_phone ON one_time_codes (phone_index, purpose, created_at);
CREATE INDEX one_time_codes_ip ON one_time_codes (ip, created_at);

-- Wrong passwords of one account, or of a name that is none.
CREATE TABLE signin_failures (
    key          TEXT   PRIMARY KEY,
    failures     BIGINT NOT NULL,
    locked_until BIGINT NOT NULL DEFAULT 0,
    at           BIGINT NOT NULL
);

-- Codes sent to a phone or asked from an address, by day.
CREATE TABLE code_counters (
    key     TEXT   PRIMARY KEY,
    day     TEXT   NOT NULL,
    sent    BIGINT NOT NULL,
    last_at BIGINT NOT NULL
);

CREATE TABLE consents (
    user_id   BIGINT NOT NULL REFERENCES users (id),
    agreement TEXT   NOT NULL,
    version   TEXT   NOT NULL,
    at        BIGINT NOT NULL,
    ip        TEXT   NOT NULL DEFAULT '',
    PRIMARY KEY (user_id, agreement, version)
);

-- +goose Down
SELECT 1;
