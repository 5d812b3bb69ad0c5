-- Corrections field by field, the reviewer who knows a file already, and how long
-- a verification lasts.

-- +goose Up
ALTER TABLE review_steps ADD COLUMN remarks TEXT NOT NULL DEFAULT '[]'; -- JSON: what was said of single fields
ALTER TABLE review_cases ADD COLUMN preferred_id BIGINT NOT NULL DEFAULT 0; -- who decided the submission before this one
ALTER TABLE organizations ADD COLUMN returned_version BIGINT NOT NULL DEFAULT 0; -- profile version that waits for correction
ALTER TABLE organizations ADD COLUMN valid_until BIGINT NOT NULL DEFAULT 0; -- end of the verification; 0: none set
ALTER TABLE organizations ADD COLUMN expiry_notice BIGINT NOT NULL DEFAULT 0; -- days of the last reminder of that end
CREATE INDEX organizations_valid ON organizations (verification, valid_until);

-- +goose Down
SELECT 1;
