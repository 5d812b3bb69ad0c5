-- Cases on their way through stages, with every step, seat and ballot.

-- +goose Up
CREATE TABLE review_cases (
    id             BIGINT PRIMARY KEY,
    kind           TEXT   NOT NULL CHECK (kind IN ('enterprise_verification', 'provider_verification', 'listing', 'campaign')),
    subject_id     BIGINT NOT NULL,
    title          TEXT   NOT NULL,
    submitter_id   BIGINT NOT NULL,
    submitter_name TEXT   NOT NULL,
    submitter_org  BIGINT NOT NULL DEFAULT 0, -- 0: handed in by staff
    stage          TEXT   NOT NULL CHECK (stage IN ('operator', 'experts', 'department')),
    status         TEXT   NOT NULL CHECK (status IN ('pending', 'approved', 'returned', 'rejected', 'withdrawn')),
    version        BIGINT NOT NULL CHECK (version > 0),
    content_hash   TEXT   NOT NULL,
    round          BIGINT NOT NULL DEFAULT 0,
    created_at     BIGINT NOT NULL,
    stage_at       BIGINT NOT NULL,
    due_at         BIGINT NOT NULL DEFAULT 0,
    decided_at     BIGINT NOT NULL DEFAULT 0,
    reminded_at    BIGINT NOT NULL DEFAULT 0
);
-- a subject is under one review at a time
CREATE UNIQUE INDEX review_cases_pending ON review_cases (kind, subject_id) WHERE status = 'pending';
CREATE INDEX review_cases_desk ON review_cases (status, kind, stage, created_at);
CREATE INDEX review_cases_org ON review_cases (submitter_org, created_at);
CREATE INDEX review_cases_submitter ON review_cases (submitter_id, created_at);
CREATE INDEX review_cases_subject ON review_cases (subject_id, kind);

CREATE TABLE review_steps (
    id        BIGINT PRIMARY KEY,
    case_id   BIGINT NOT NULL REFERENCES review_cases (id),
    version   BIGINT NOT NULL,
    stage     TEXT   NOT NULL,
    action    TEXT   NOT NULL CHECK (action IN ('submit', 'approve', 'reject', 'return', 'send_back', 'pass', 'fail', 'withdraw')),
    user_id   BIGINT NOT NULL, -- 0: the platform, for the result of a panel
    user_name TEXT   NOT NULL,
    role      TEXT   NOT NULL,
    reason    TEXT   NOT NULL,
    comment   TEXT   NOT NULL,
    fields    TEXT   NOT NULL,
    at        BIGINT NOT NULL,
    UNIQUE (case_id, version) -- one step for each version: a transition happens once
);
CREATE INDEX review_steps_user ON review_steps (user_id, case_id);

CREATE TABLE review_seats (
    case_id  BIGINT NOT NULL REFERENCES review_cases (id),
    round    BIGINT NOT NULL,
    user_id  BIGINT NOT NULL,
    state    TEXT   NOT NULL CHECK (state IN ('asked', 'declared', 'voted', 'recused', 'released')),
    reason   TEXT   NOT NULL DEFAULT '',
    asked_at BIGINT NOT NULL,
    ended_at BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (case_id, round, user_id)
);
CREATE INDEX review_seats_user ON review_seats (user_id, state);

CREATE TABLE review_votes (
    id      BIGINT PRIMARY KEY,
    case_id BIGINT NOT NULL,
    round   BIGINT NOT NULL,
    user_id BIGINT NOT NULL,
    scores  TEXT   NOT NULL,
    score   BIGINT NOT NULL CHECK (score BETWEEN 0 AND 10000), -- weighted, hundredths
    passed  BOOLEAN NOT NULL,
    comment TEXT   NOT NULL,
    at      BIGINT NOT NULL,
    UNIQUE (case_id, round, user_id),
    FOREIGN KEY (case_id, round, user_id) REFERENCES review_seats (case_id, round, user_id)
);

-- +goose Down
SELECT 1;
