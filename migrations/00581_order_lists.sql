-- Orders of a state and of a span of time are counted and found in one index, which
-- takes the place of the one for what is due; so do leads by what waits first.

-- +goose Up
CREATE INDEX orders_listed ON orders (status, placed_at, expires_at);
DROP INDEX orders_due;

CREATE INDEX risk_hits_listed ON risk_hits (state, rule, id);
DROP INDEX risk_hits_state;

-- +goose Down
SELECT 1;
