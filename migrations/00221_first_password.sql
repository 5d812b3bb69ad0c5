-- Until when a first password made by the command line opens the account; 0: no end.

-- +goose Up
ALTER TABLE users ADD COLUMN first_password_until BIGINT NOT NULL DEFAULT 0;

-- +goose Down
SELECT 1;
