-- What every module stands on: audit trail, ledger, outbox, idempotency,
-- versions that other processes watch, leases of timed work.
-- Instants are BIGINT milliseconds UTC, money is BIGINT fen, ids are made by the program.

-- +goose Up
CREATE TABLE audit_entries (
    id          BIGINT PRIMARY KEY,
    at          BIGINT NOT NULL,
    user_id     BIGINT NOT NULL DEFAULT 0,
    org_id      BIGINT NOT NULL DEFAULT 0,
    role        TEXT   NOT NULL DEFAULT '',
    actor_name  TEXT   NOT NULL DEFAULT '',
    ip          TEXT   NOT NULL DEFAULT '',
    request_id  TEXT   NOT NULL DEFAULT '',
    action      TEXT   NOT NULL,
    object_kind TEXT   NOT NULL,
    object_id   BIGINT NOT NULL DEFAULT 0,
    subject_org BIGINT NOT NULL DEFAULT 0,
    detail      TEXT   NOT NULL DEFAULT '{}'
);
CREATE INDEX audit_entries_object ON audit_entries (object_kind, object_id, id);
CREATE INDEX audit_entries_subject ON audit_entries (subject_org, id);
CREATE INDEX audit_entries_user ON audit_entries (user_id, id);

-- ledger: V = voucher money (public), C = cash.
CREATE TABLE journal (
    id          BIGINT PRIMARY KEY,
    ledger      TEXT   NOT NULL CHECK (ledger IN ('V', 'C')),
    at          BIGINT NOT NULL,
    kind        TEXT   NOT NULL,
    source_kind TEXT   NOT NULL,
    source_id   BIGINT NOT NULL,
    reverses    BIGINT NOT NULL DEFAULT 0,
    UNIQUE (kind, source_kind, source_id)
);
CREATE TABLE postings (
    entry_id   BIGINT NOT NULL REFERENCES journal (id),
    line       BIGINT NOT NULL,
    account    TEXT   NOT NULL,
    amount_fen BIGINT NOT NULL CHECK (amount_fen <> 0),
    PRIMARY KEY (entry_id, line)
) /* sqlite: WITHOUT ROWID */;
CREATE INDEX postings_account ON postings (account, entry_id);
CREATE TABLE seals (
    id        BIGINT PRIMARY KEY,
    book      TEXT   NOT NULL CHECK (book IN ('journal', 'audit')),
    seq       BIGINT NOT NULL CHECK (seq > 0),
    first_id  BIGINT NOT NULL,
    last_id   BIGINT NOT NULL,
    row_count BIGINT NOT NULL CHECK (row_count > 0),
    prev_hash TEXT   NOT NULL,
    hash      TEXT   NOT NULL,
    at        BIGINT NOT NULL,
    UNIQUE (book, seq)
);

CREATE TABLE outbox (
    id         BIGINT PRIMARY KEY,
    channel    TEXT   NOT NULL CHECK (channel IN ('sms', 'mail')),
    recipient  TEXT   NOT NULL, -- sealed
    template   TEXT   NOT NULL,
    params     TEXT   NOT NULL, -- sealed JSON
    status     TEXT   NOT NULL CHECK (status IN ('queued', 'sent', 'failed', 'off')),
    attempts   BIGINT NOT NULL DEFAULT 0,
    due_at     BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    sent_at    BIGINT NOT NULL DEFAULT 0,
    error      TEXT   NOT NULL DEFAULT ''
);
CREATE INDEX outbox_due ON outbox (status, due_at);

-- in-app messages (站内信)
CREATE TABLE messages (
    id         BIGINT PRIMARY KEY,
    user_id    BIGINT NOT NULL,
    title      TEXT   NOT NULL,
    body       TEXT   NOT NULL,
    link       TEXT   NOT NULL DEFAULT '',
    created_at BIGINT NOT NULL,
    read_at    BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX messages_user ON messages (user_id, read_at, id);

CREATE TABLE idempotency_keys (
    scope        TEXT   NOT NULL, -- org or user that acts
    operation    TEXT   NOT NULL,
    key          TEXT   NOT NULL,
    request_hash TEXT   NOT NULL,
    body         TEXT   NOT NULL DEFAULT '',
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (scope, operation, key)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys (created_at);

CREATE TABLE versions (
    name  TEXT   PRIMARY KEY,
    value BIGINT NOT NULL
);
CREATE TABLE leases (
    name       TEXT   PRIMARY KEY,
    holder     TEXT   NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE TABLE files (
    id         BIGINT PRIMARY KEY,
    purpose    TEXT   NOT NULL,
    user_id    BIGINT NOT NULL,
    org_id     BIGINT NOT NULL,
    name       TEXT   NOT NULL,
    mime       TEXT   NOT NULL,
    size       BIGINT NOT NULL CHECK (size > 0),
    sha256     TEXT   NOT NULL,
    width      BIGINT NOT NULL DEFAULT 0,
    height     BIGINT NOT NULL DEFAULT 0,
    store_key  TEXT   NOT NULL UNIQUE,
    created_at BIGINT NOT NULL,
    used_at    BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX files_owner ON files (org_id, purpose, id);
-- who may read a file besides the company that owns it
CREATE TABLE file_grants (
    file_id    BIGINT NOT NULL REFERENCES files (id),
    grantee    TEXT   NOT NULL, -- public | org:ID | role:NAME
    created_at BIGINT NOT NULL,
    PRIMARY KEY (file_id, grantee)
);

-- +goose Down
SELECT 1;
