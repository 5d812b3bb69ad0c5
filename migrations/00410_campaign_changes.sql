-- Changes of a campaign that runs: a longer window, a larger quota. Each is
-- decided by a second person; what was approved before stays as it was.

-- +goose Up
CREATE TABLE campaign_changes (
    id           BIGINT PRIMARY KEY,
    campaign_id  BIGINT NOT NULL REFERENCES campaigns (id),
    terms_before TEXT   NOT NULL, -- JSON: the window's end and every quota
    terms_after  TEXT   NOT NULL,
    extra_fen    BIGINT NOT NULL CHECK (extra_fen >= 0), -- what the larger quota asks of the budget
    reason       TEXT   NOT NULL CHECK (reason <> ''),
    status       TEXT   NOT NULL CHECK (status IN ('pending', 'applied', 'rejected', 'withdrawn', 'void')),
    case_id      BIGINT NOT NULL,
    content_hash TEXT   NOT NULL,
    created_by   BIGINT NOT NULL,
    created_name TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    decided_by   BIGINT NOT NULL DEFAULT 0, -- 0 of a void one: the platform
    decided_name TEXT   NOT NULL DEFAULT '',
    decided_at   BIGINT NOT NULL DEFAULT 0,
    comment      TEXT   NOT NULL DEFAULT '',
    told_until   BIGINT NOT NULL DEFAULT 0, -- companies that wait are told in the order of their ids
    told_at      BIGINT NOT NULL DEFAULT 0, -- when all of them were
    CHECK (status <> 'applied' OR (decided_by <> 0 AND decided_by <> created_by)),
    CHECK ((status = 'pending') = (decided_at = 0))
);
-- one at a time
CREATE UNIQUE INDEX campaign_changes_pending ON campaign_changes (campaign_id) WHERE status = 'pending';
CREATE UNIQUE INDEX campaign_changes_case ON campaign_changes (case_id);
CREATE INDEX campaign_changes_campaign ON campaign_changes (campaign_id, id);
CREATE INDEX campaign_changes_untold ON campaign_changes (id) WHERE status = 'applied' AND told_at = 0;

-- cases of campaigns have a check-list by variant now
UPDATE review_cases SET variant = 'new' WHERE kind = 'campaign';

-- +goose Down
SELECT 1;
