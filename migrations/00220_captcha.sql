-- Challenges that tell people from machines: the answer's keyed hash, used once.

-- +goose Up
CREATE TABLE captchas (
    id          BIGINT PRIMARY KEY,
    answer_hash TEXT   NOT NULL,
    expires_at  BIGINT NOT NULL
);
CREATE INDEX captchas_expiry ON captchas (expires_at);

-- +goose Down
SELECT 1;
