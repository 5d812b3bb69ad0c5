-- Companies are found by a part of their name and by region in indexes, not in rows
-- that carry whole forms.

-- +goose Up
CREATE INDEX organizations_named ON organizations (name, uscc);
CREATE INDEX organizations_region ON organizations (region_code);

-- +goose Down
SELECT 1;
