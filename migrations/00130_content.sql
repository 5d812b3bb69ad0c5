-- Notices of the portal and announcements of the workbench.

-- +goose Up
CREATE TABLE notices (
    id           BIGINT PRIMARY KEY,
    title        TEXT    NOT NULL,
    issuer       TEXT    NOT NULL,
    doc_number   TEXT    NOT NULL DEFAULT '',
    topic        TEXT    NOT NULL DEFAULT '',
    contact      TEXT    NOT NULL DEFAULT '',
    summary      TEXT    NOT NULL DEFAULT '',
    body         TEXT    NOT NULL, -- sanitised
    state        TEXT    NOT NULL CHECK (state IN ('draft', 'published', 'withdrawn')),
    pinned       BOOLEAN NOT NULL DEFAULT FALSE,
    survey_id    BIGINT  NOT NULL DEFAULT 0, -- 0: carries no survey
    published_at BIGINT  NOT NULL DEFAULT 0,
    withdrawn_at BIGINT  NOT NULL DEFAULT 0,
    created_by   BIGINT  NOT NULL,
    created_at   BIGINT  NOT NULL,
    updated_at   BIGINT  NOT NULL,
    version      BIGINT  NOT NULL CHECK (version > 0)
);
CREATE INDEX notices_public ON notices (state, pinned, published_at);

CREATE TABLE notice_files (
    notice_id BIGINT NOT NULL REFERENCES notices (id),
    position  BIGINT NOT NULL,
    file_id   BIGINT NOT NULL,
    name      TEXT   NOT NULL,
    size      BIGINT NOT NULL,
    PRIMARY KEY (notice_id, position)
);

CREATE TABLE announcements (
    id           BIGINT PRIMARY KEY,
    title        TEXT    NOT NULL,
    body         TEXT    NOT NULL,
    audience     TEXT    NOT NULL CHECK (audience IN ('all', 'enterprise', 'provider')),
    pinned       BOOLEAN NOT NULL DEFAULT FALSE,
    state        TEXT    NOT NULL CHECK (state IN ('draft', 'published', 'withdrawn')),
    published_at BIGINT  NOT NULL DEFAULT 0,
    created_by   BIGINT  NOT NULL,
    created_at   BIGINT  NOT NULL,
    updated_at   BIGINT  NOT NULL,
    version      BIGINT  NOT NULL CHECK (version > 0)
);
CREATE INDEX announcements_shown ON announcements (state, audience, published_at);

-- +goose Down
SELECT 1;
