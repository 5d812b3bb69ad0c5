-- Experts on leave are not drawn; why somebody was declined or suspended has a code.

-- +goose Up
ALTER TABLE experts ADD COLUMN reason TEXT NOT NULL DEFAULT ''; -- code beside the note
ALTER TABLE experts ADD COLUMN leave_from BIGINT NOT NULL DEFAULT 0;
ALTER TABLE experts ADD COLUMN leave_until BIGINT NOT NULL DEFAULT 0; -- exclusive; 0: not on leave

-- +goose Down
SELECT 1;
