-- Check-lists kept with decisions, words for each score, tasks passed on to a
-- colleague, and deadlines that were prolonged.

-- +goose Up
ALTER TABLE review_cases ADD COLUMN variant TEXT NOT NULL DEFAULT ''; -- of a listing: its publishing type
ALTER TABLE review_cases ADD COLUMN holder_id BIGINT NOT NULL DEFAULT 0; -- whom the task was passed on to at this stage
ALTER TABLE review_cases ADD COLUMN warned_at BIGINT NOT NULL DEFAULT 0; -- reminded before the stage is due
ALTER TABLE review_cases ADD COLUMN prolonged BIGINT NOT NULL DEFAULT 0; -- how often this panel got more time
ALTER TABLE review_steps ADD COLUMN checks TEXT NOT NULL DEFAULT '[]'; -- JSON: each item as it read then, ok or not, remark
ALTER TABLE review_votes ADD COLUMN comments TEXT NOT NULL DEFAULT '{}'; -- JSON: words by criterion
ALTER TABLE review_seats ADD COLUMN cause TEXT NOT NULL DEFAULT ''; -- code of why recused

CREATE TABLE review_handovers (
    id        BIGINT PRIMARY KEY,
    case_id   BIGINT NOT NULL REFERENCES review_cases (id),
    version   BIGINT NOT NULL, -- of the case then
    stage     TEXT   NOT NULL,
    from_id   BIGINT NOT NULL,
    from_name TEXT   NOT NULL,
    to_id     BIGINT NOT NULL,
    to_name   TEXT   NOT NULL,
    reason    TEXT   NOT NULL CHECK (reason <> ''),
    at        BIGINT NOT NULL
);
CREATE INDEX review_handovers_case ON review_handovers (case_id, id);
CREATE INDEX review_cases_due ON review_cases (status, due_at);

-- +goose Down
SELECT 1;
