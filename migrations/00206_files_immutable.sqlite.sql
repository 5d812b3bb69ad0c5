-- What a file is never changes: a new content is a new file.

-- +goose Up
-- +goose StatementBegin
CREATE TRIGGER files_immutable BEFORE UPDATE OF id, purpose, user_id, org_id, mime, size, sha256, store_key ON files BEGIN
    SELECT RAISE(ABORT, 'a stored file does not change');
END;
-- +goose StatementEnd

-- +goose Down
SELECT 1;
