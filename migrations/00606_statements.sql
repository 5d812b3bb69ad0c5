-- What moved on an account is read from the index of accounts alone.

-- +goose Up
DROP INDEX postings_account;
CREATE INDEX postings_account ON postings (account, entry_id, amount_fen);

-- +goose Down
SELECT 1;
