-- What the journal says of voucher money, by campaign, campaign voucher, month and
-- kind: derived from it and nothing else, so it may be emptied and made again. The
-- row fund_months of versions is the last entry that is counted here.

-- +goose Up
CREATE TABLE fund_months (
    campaign_id         BIGINT NOT NULL, -- 0: an entry that names no campaign
    campaign_voucher_id BIGINT NOT NULL, -- 0: money of the campaign as a whole
    month               BIGINT NOT NULL, -- 202611, of the calendar in China
    kind                TEXT   NOT NULL,
    part                TEXT   NOT NULL, -- the account's kind
    amount_fen          BIGINT NOT NULL,
    PRIMARY KEY (campaign_id, campaign_voucher_id, month, kind, part)
);
INSERT INTO versions (name, value) VALUES ('fund_months', 0);

-- +goose Down
SELECT 1;
