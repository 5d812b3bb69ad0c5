-- The lists and sums of 结算兑付 are read from indexes alone.

-- +goose Up
CREATE INDEX clawbacks_order ON clawbacks (order_id);
DROP INDEX orders_accepted;
CREATE INDEX orders_accepted ON orders (accepted_at, id, provider_org, redeemed_fen, payable_fen) WHERE accepted_at > 0;
CREATE INDEX orders_accepted_of ON orders (provider_org, accepted_at, id, redeemed_fen, payable_fen) WHERE accepted_at > 0;
CREATE INDEX payout_lines_sums ON payout_lines (status, accepted_at, order_id, provider_org, voucher_fen, cash_fen);
CREATE INDEX payout_lines_sums_of ON payout_lines (provider_org, status, accepted_at, order_id, voucher_fen, cash_fen);
DROP INDEX payout_lines_provider;

-- +goose Down
SELECT 1;
