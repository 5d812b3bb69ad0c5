-- Whether the demonstration data were loaded; never a second time.

-- +goose Up
CREATE TABLE demo_loads (
    id          BIGINT PRIMARY KEY CHECK (id = 1),
    finished_at BIGINT NOT NULL
);

-- +goose Down
SELECT 1;
