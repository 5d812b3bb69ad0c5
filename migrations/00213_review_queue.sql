-- Where cases stand in their queues: how long a stage took lately, and when an
-- applicant last asked for haste.

-- +goose Up
ALTER TABLE review_cases ADD COLUMN hastened_at BIGINT NOT NULL DEFAULT 0;
CREATE INDEX review_steps_at ON review_steps (at);

-- +goose Down
SELECT 1;
