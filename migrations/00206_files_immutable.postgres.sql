-- What a file is never changes: a new content is a new file.

-- +goose Up
CREATE TRIGGER files_immutable BEFORE UPDATE OF id, purpose, user_id, org_id, mime, size, sha256, store_key ON files
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- +goose Down
SELECT 1;
