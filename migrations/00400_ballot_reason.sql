-- A ballot against names a reason of the list review_reason, as every refusal does.

-- +goose Up
ALTER TABLE review_votes ADD COLUMN reason TEXT NOT NULL DEFAULT '';

-- +goose Down
SELECT 1;
