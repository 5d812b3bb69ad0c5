-- A company has one main account.

-- +goose Up
CREATE UNIQUE INDEX users_one_owner ON users (org_id) WHERE org_id > 0 AND is_owner AND status <> 'deleted';

-- +goose Down
SELECT 1;
