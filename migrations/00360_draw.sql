-- 抽签: a campaign of mode application whose vouchers are drawn by lot after it
-- has ended. The seed is secret until then; its hash is published before.

-- +goose Up
ALTER TABLE campaigns ADD COLUMN draw            BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE campaigns ADD COLUMN draw_seed       TEXT    NOT NULL DEFAULT '';
ALTER TABLE campaigns ADD COLUMN draw_commitment TEXT    NOT NULL DEFAULT '';
ALTER TABLE campaigns ADD COLUMN drawn_at        BIGINT  NOT NULL DEFAULT 0;

-- +goose Down
SELECT 1;
