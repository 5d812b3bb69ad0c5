-- 保存搜索: what a user of a company asked the catalogue, kept under a name.

-- +goose Up
CREATE TABLE saved_searches (
    id       BIGINT PRIMARY KEY,
    user_id  BIGINT NOT NULL REFERENCES users (id),
    place    BIGINT NOT NULL CHECK (place BETWEEN 1 AND 20), -- bounds how many one user has
    name     TEXT   NOT NULL CHECK (name <> ''),
    terms    TEXT   NOT NULL, -- JSON
    saved_at BIGINT NOT NULL,
    UNIQUE (user_id, place),
    UNIQUE (user_id, name)
);

-- +goose Down
SELECT 1;
