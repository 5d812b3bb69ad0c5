-- Orders that revoked vouchers pay are looked for once an hour, beginning at the
-- revocations, of which there are few.

-- +goose Up
CREATE INDEX voucher_measures_revoked ON voucher_measures (at) WHERE event = 'revoke';

-- +goose Down
SELECT 1;
