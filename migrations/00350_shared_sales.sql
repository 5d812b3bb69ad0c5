-- The figure of sales that the other processes and kept answers know of.

-- +goose Up
ALTER TABLE offerings ADD COLUMN shared_sales BIGINT NOT NULL DEFAULT 0;
UPDATE offerings SET shared_sales = sales;
-- holds only what is still to be told
CREATE INDEX offerings_unshared ON offerings (id) WHERE sales <> shared_sales;

-- +goose Down
DROP INDEX offerings_unshared;
ALTER TABLE offerings DROP COLUMN shared_sales;
