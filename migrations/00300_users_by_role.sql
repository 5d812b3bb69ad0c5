-- Whoever sits at a desk is found without reading every account: each submission asks.

-- +goose Up
CREATE INDEX users_role ON users (role, status);

-- +goose Down
SELECT 1;
