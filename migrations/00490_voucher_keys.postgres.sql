-- A voucher names its campaign voucher and, to be found by it, that one's campaign.
-- One key for both says more than two that look at each by itself, and is
-- looked up once for each voucher that is written.

-- +goose Up
ALTER TABLE campaign_vouchers ADD CONSTRAINT campaign_vouchers_of UNIQUE (id, campaign_id);
ALTER TABLE vouchers DROP CONSTRAINT vouchers_campaign_id_fkey;
ALTER TABLE vouchers DROP CONSTRAINT vouchers_campaign_voucher_id_fkey;
ALTER TABLE vouchers ADD CONSTRAINT vouchers_of FOREIGN KEY (campaign_voucher_id, campaign_id) REFERENCES campaign_vouchers (id, campaign_id);

-- +goose Down
SELECT 1;
