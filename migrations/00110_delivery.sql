-- Delivery of a paid order: the provider's plan and each hand-over with the buyer's answer.

-- +goose Up
CREATE TABLE deliveries (
    order_id     BIGINT PRIMARY KEY,
    provider_org BIGINT NOT NULL,
    buyer_org    BIGINT NOT NULL,
    status       TEXT   NOT NULL CHECK (status IN ('in_progress', 'submitted', 'accepted', 'rejected')),
    round        BIGINT NOT NULL CHECK (round >= 0),
    plan         TEXT   NOT NULL,
    planned_at   BIGINT NOT NULL, -- promised end, exclusive
    started_at   BIGINT NOT NULL,
    ended_at     BIGINT NOT NULL DEFAULT 0,
    version      BIGINT NOT NULL DEFAULT 1
);
CREATE INDEX deliveries_provider ON deliveries (provider_org, status);

CREATE TABLE delivery_rounds (
    order_id     BIGINT NOT NULL REFERENCES deliveries (order_id),
    round        BIGINT NOT NULL CHECK (round > 0),
    note         TEXT   NOT NULL,
    submitted_by BIGINT NOT NULL,
    submitted_at BIGINT NOT NULL,
    answer       TEXT   NOT NULL DEFAULT '' CHECK (answer IN ('', 'accepted', 'rejected')),
    reason       TEXT   NOT NULL DEFAULT '',
    answered_by  BIGINT NOT NULL DEFAULT 0,
    answered_at  BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (order_id, round)
);
CREATE TABLE delivery_files (
    order_id BIGINT NOT NULL,
    round    BIGINT NOT NULL,
    file_id  BIGINT NOT NULL,
    name     TEXT   NOT NULL,
    size     BIGINT NOT NULL,
    sha256   TEXT   NOT NULL,
    PRIMARY KEY (order_id, round, file_id)
);

-- +goose Down
SELECT 1;
