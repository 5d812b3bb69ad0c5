-- What providers offer: offerings, their revisions, and the plans on sale.

-- +goose Up
CREATE TABLE offerings (
    id            BIGINT PRIMARY KEY,
    org_id        BIGINT NOT NULL,
    kind          TEXT   NOT NULL,
    status        TEXT   NOT NULL CHECK (status IN ('draft', 'in_review', 'rejected', 'withdrawn', 'listed', 'delisted')),
    work          TEXT   NOT NULL CHECK (work IN ('', 'draft', 'in_review', 'rejected', 'withdrawn')),
    work_revision BIGINT NOT NULL DEFAULT 0,
    work_note     TEXT   NOT NULL DEFAULT '',
    work_fields   TEXT   NOT NULL DEFAULT '[]',
    live_revision BIGINT NOT NULL DEFAULT 0,
    name          TEXT   NOT NULL DEFAULT '',
    cover_file    BIGINT NOT NULL DEFAULT 0,
    version       BIGINT NOT NULL CHECK (version > 0),
    last_number   BIGINT NOT NULL DEFAULT 0,
    created_by    BIGINT NOT NULL,
    created_at    BIGINT NOT NULL,
    updated_at    BIGINT NOT NULL,
    listed_at     BIGINT NOT NULL DEFAULT 0,
    delisted_at   BIGINT NOT NULL DEFAULT 0,
    delisted_by   TEXT   NOT NULL DEFAULT '',
    delist_reason TEXT   NOT NULL DEFAULT '',
    sales         BIGINT NOT NULL DEFAULT 0 CHECK (sales >= 0),
    score_sum     BIGINT NOT NULL DEFAULT 0 CHECK (score_sum >= 0),
    score_count   BIGINT NOT NULL DEFAULT 0 CHECK (score_count >= 0),
    index_version BIGINT NOT NULL DEFAULT 0,
    -- an offering that was never listed stands as its working copy
    CHECK (status IN ('listed', 'delisted') OR status = work),
    CHECK (status NOT IN ('listed', 'delisted') OR live_revision <> 0)
);
CREATE INDEX offerings_org ON offerings (org_id, updated_at);
CREATE INDEX offerings_index ON offerings (index_version);

CREATE TABLE revisions (
    id           BIGINT PRIMARY KEY,
    offering_id  BIGINT NOT NULL REFERENCES offerings (id),
    number       BIGINT NOT NULL CHECK (number > 0),
    status       TEXT   NOT NULL CHECK (status IN ('draft', 'in_review', 'rejected', 'returned', 'withdrawn', 'live', 'archived')),
    content      TEXT   NOT NULL,
    personal     TEXT   NOT NULL, -- sealed
    hash         TEXT   NOT NULL DEFAULT '',
    version      BIGINT NOT NULL CHECK (version > 0),
    case_id      BIGINT NOT NULL DEFAULT 0,
    created_at   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL,
    submitted_at BIGINT NOT NULL DEFAULT 0,
    approved_at  BIGINT NOT NULL DEFAULT 0,
    UNIQUE (offering_id, number)
);
CREATE UNIQUE INDEX revisions_draft ON revisions (offering_id) WHERE status = 'draft';
CREATE UNIQUE INDEX revisions_live ON revisions (offering_id) WHERE status = 'live';
CREATE INDEX revisions_case ON revisions (case_id);

-- the plans of live revisions; a plan that a newer revision left out stays, not active
CREATE TABLE plans (
    id          BIGINT PRIMARY KEY,
    offering_id BIGINT NOT NULL REFERENCES offerings (id),
    revision_id BIGINT NOT NULL REFERENCES revisions (id),
    position    BIGINT NOT NULL,
    name        TEXT   NOT NULL,
    attributes  TEXT   NOT NULL,
    instant     BOOLEAN NOT NULL,
    active      BOOLEAN NOT NULL
);
CREATE INDEX plans_offering ON plans (offering_id, position);
CREATE TABLE plan_prices (
    plan_id   BIGINT NOT NULL REFERENCES plans (id),
    unit      TEXT   NOT NULL CHECK (unit IN ('year', 'month', 'unit')),
    price_fen BIGINT NOT NULL CHECK (price_fen >= 0),
    PRIMARY KEY (plan_id, unit)
);

INSERT INTO versions (name, value) VALUES ('catalog', 0);

-- +goose Down
SELECT 1;
