-- The trail of a company and of a span of time is found by an index. What a company
-- does about itself, such as a claim in a rush, is not written into the new one.

-- +goose Up
CREATE INDEX audit_entries_actor_org ON audit_entries (org_id, id) WHERE org_id <> subject_org;
DROP INDEX audit_entries_at;
CREATE INDEX audit_entries_at ON audit_entries (at, id);

-- +goose Down
SELECT 1;
