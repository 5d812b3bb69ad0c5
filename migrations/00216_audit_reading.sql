-- Reading the trail by time and by action.

-- +goose Up
CREATE INDEX audit_entries_at ON audit_entries (at);
CREATE INDEX audit_entries_action ON audit_entries (action, id);

-- +goose Down
SELECT 1;
