-- Ratings: one for each order line.

-- +goose Up
CREATE TABLE ratings (
    id            BIGINT PRIMARY KEY,
    order_line_id BIGINT NOT NULL UNIQUE,
    order_id      BIGINT NOT NULL,
    offering_id   BIGINT NOT NULL,
    buyer_org     BIGINT NOT NULL,
    provider_org  BIGINT NOT NULL,
    user_id       BIGINT NOT NULL,
    login         TEXT   NOT NULL, -- user name as of writing; shown masked
    score         BIGINT NOT NULL CHECK (score BETWEEN 1 AND 5),
    comment       TEXT   NOT NULL,
    rated_at      BIGINT NOT NULL,
    reply         TEXT   NOT NULL DEFAULT '',
    replied_by    BIGINT NOT NULL DEFAULT 0,
    replied_at    BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX ratings_offering ON ratings (offering_id, id);
CREATE INDEX ratings_provider ON ratings (provider_org, id);
CREATE INDEX ratings_buyer ON ratings (buyer_org, id);

-- +goose Down
SELECT 1;
