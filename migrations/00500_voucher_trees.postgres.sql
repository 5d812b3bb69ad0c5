-- Each index of a voucher is written for every claim of a rush. The unique rule
-- begins with the company, so that it finds a company's vouchers as well; what is
-- due is found by campaign, of which there are few.
--
-- Postings are written by entry and never change, nor do entries go. So one look
-- at all postings of a statement keeps what a foreign key asks of each by itself,
-- and can ask for more: that the entry is whole.

-- +goose Up
ALTER TABLE vouchers DROP CONSTRAINT vouchers_campaign_voucher_id_org_id_seq_key;
ALTER TABLE vouchers ADD CONSTRAINT vouchers_once UNIQUE (org_id, campaign_voucher_id, seq);
DROP INDEX vouchers_org;
DROP INDEX vouchers_due;
DROP INDEX vouchers_campaign;
CREATE INDEX vouchers_campaign ON vouchers (campaign_id, status, expires_at);

ALTER TABLE postings DROP CONSTRAINT postings_entry_id_fkey;
-- +goose StatementBegin
CREATE FUNCTION refuse_half_entries() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off -- its plan is kept from when the journal was short
AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM (SELECT entry_id, sum(amount_fen) AS rest FROM added GROUP BY entry_id) AS e
        WHERE e.rest <> 0 OR (SELECT j.id FROM journal j WHERE j.id = e.entry_id) IS NULL
    ) THEN
        RAISE EXCEPTION 'postings of an entry that is not in the journal, or that do not sum to zero' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END
$$;
-- +goose StatementEnd
CREATE TRIGGER postings_whole AFTER INSERT ON postings REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION refuse_half_entries();

-- +goose Down
SELECT 1;
