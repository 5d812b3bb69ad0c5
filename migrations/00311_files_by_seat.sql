-- Experts read the files of the cases on whose panels they sit, no longer those of every listing.

-- +goose Up
INSERT INTO file_grants (file_id, grantee, created_at)
SELECT DISTINCT g.file_id, 'seat:' || CAST(r.case_id AS TEXT), g.created_at
FROM file_grants g
JOIN files f ON f.id = g.file_id
JOIN offerings o ON o.org_id = f.org_id
JOIN revisions r ON r.offering_id = o.id AND r.case_id > 0 AND r.content LIKE '%"' || CAST(f.id AS TEXT) || '"%'
WHERE g.grantee = 'right:expert.score';
DELETE FROM file_grants WHERE grantee = 'right:expert.score';

-- +goose Down
SELECT 1;
