-- Versions of the company forms. Number 1 is built into the program and has no row.

-- +goose Up
CREATE TABLE form_versions (
    id           BIGINT PRIMARY KEY,
    kind         TEXT   NOT NULL CHECK (kind IN ('enterprise', 'provider')),
    number       BIGINT NOT NULL CHECK (number > 1),
    state        TEXT   NOT NULL CHECK (state IN ('draft', 'published')),
    definition   TEXT   NOT NULL, -- YAML, as the built-in forms are written
    note         TEXT   NOT NULL DEFAULT '', -- why it was published
    edits        BIGINT NOT NULL DEFAULT 1, -- counts saves of the draft
    editor       TEXT   NOT NULL, -- user name of who saved or published last
    created_at   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL,
    published_at BIGINT NOT NULL DEFAULT 0,
    UNIQUE (kind, number)
);

-- +goose Down
SELECT 1;
