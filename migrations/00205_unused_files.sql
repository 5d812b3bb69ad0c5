-- Finding uploads that nothing uses.

-- +goose Up
CREATE INDEX files_unused ON files (id) WHERE used_at = 0;

-- +goose Down
SELECT 1;
