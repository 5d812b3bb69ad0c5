-- How many days before its end a voucher was last warned of; 0: never.

-- +goose Up
ALTER TABLE vouchers ADD COLUMN warned_days BIGINT NOT NULL DEFAULT 0;

-- +goose Down
SELECT 1;
