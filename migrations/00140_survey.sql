-- Demand surveys. Answers hold contact data, so they are stored sealed.

-- +goose Up
CREATE TABLE surveys (
    id           BIGINT PRIMARY KEY,
    token        TEXT   NOT NULL UNIQUE, -- the unguessable part of the address
    title        TEXT   NOT NULL,
    intro        TEXT   NOT NULL,
    questions    TEXT   NOT NULL,
    state        TEXT   NOT NULL CHECK (state IN ('draft', 'open', 'closed')),
    closes_at    BIGINT NOT NULL DEFAULT 0, -- 0: no end; exclusive
    published_at BIGINT NOT NULL DEFAULT 0,
    created_by   BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL,
    version      BIGINT NOT NULL CHECK (version > 0)
);

CREATE TABLE survey_answers (
    id         BIGINT PRIMARY KEY,
    survey_id  BIGINT NOT NULL REFERENCES surveys (id),
    org_id     BIGINT NOT NULL DEFAULT 0, -- 0: nobody was signed in
    user_id    BIGINT NOT NULL DEFAULT 0,
    label      TEXT   NOT NULL,           -- the answer to the first text question
    sealed     TEXT   NOT NULL,
    ip_index   TEXT   NOT NULL,
    submit_key TEXT   NOT NULL,           -- made by the page: a repeated request is one answer
    at         BIGINT NOT NULL,
    UNIQUE (survey_id, submit_key)
);
CREATE UNIQUE INDEX survey_answers_org ON survey_answers (survey_id, org_id) WHERE org_id <> 0;
CREATE INDEX survey_answers_ip ON survey_answers (survey_id, ip_index, at);
CREATE INDEX survey_answers_at ON survey_answers (survey_id, at);

-- +goose Down
SELECT 1;
