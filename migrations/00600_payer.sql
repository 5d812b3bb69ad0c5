-- Whose account paid the cash of an order, as far as the gateway says: the name as
-- it may be shown, and how it compares with buyer and provider.

-- +goose Up
ALTER TABLE orders ADD COLUMN payer TEXT NOT NULL DEFAULT '';
ALTER TABLE orders ADD COLUMN paid_by TEXT NOT NULL DEFAULT '' CHECK (paid_by IN ('', 'buyer', 'provider', 'other'));
CREATE INDEX orders_paid_by_others ON orders (paid_at) WHERE paid_by IN ('provider', 'other');
ALTER TABLE simulated_charges ADD COLUMN payer TEXT NOT NULL DEFAULT '';

-- +goose Down
SELECT 1;
