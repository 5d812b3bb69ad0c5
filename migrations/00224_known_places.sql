-- From which devices and networks a user has signed in, as keyed hashes.

-- +goose Up
CREATE TABLE signin_places (
    user_id BIGINT NOT NULL REFERENCES users (id),
    mark    TEXT   NOT NULL,
    seen_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, mark)
);

-- +goose Down
SELECT 1;
