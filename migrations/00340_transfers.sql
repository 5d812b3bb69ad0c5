-- Uploads that come in pieces. What has arrived is a file of its own; its length
-- says how far the upload is.

-- +goose Up
CREATE TABLE transfers (
    id         BIGINT PRIMARY KEY,
    purpose    TEXT   NOT NULL,
    user_id    BIGINT NOT NULL,
    org_id     BIGINT NOT NULL,
    name       TEXT   NOT NULL,
    size       BIGINT NOT NULL CHECK (size > 0),
    file_id    BIGINT NOT NULL DEFAULT 0, -- once it is whole
    begun_at   BIGINT NOT NULL,
    moved_at   BIGINT NOT NULL -- when something arrived last
);
CREATE INDEX transfers_owner ON transfers (org_id, user_id);
CREATE INDEX transfers_moved ON transfers (moved_at);

-- +goose Down
SELECT 1;
