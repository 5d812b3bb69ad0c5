-- Settings that an administrator changes while the platform runs. A setting
-- without a row has the default that the program's table gives it.

-- +goose Up
CREATE TABLE settings (
    key        TEXT   PRIMARY KEY,
    value      TEXT   NOT NULL,
    changed_by BIGINT NOT NULL,
    changed_at BIGINT NOT NULL,
    version    BIGINT NOT NULL CHECK (version > 0)
);
