-- Files are opened to a permission instead of a whole role.

-- +goose Up
UPDATE file_grants SET grantee = (
    SELECT CASE f.purpose
        WHEN 'license' THEN 'right:verification.review'
        WHEN 'qualification' THEN 'right:verification.review'
        WHEN 'expert_photo' THEN 'right:expert.admit'
        WHEN 'delivery_doc' THEN 'right:order.oversee'
        WHEN 'survey_file' THEN 'right:survey.manage'
        ELSE 'right:listing.review' END
    FROM files f WHERE f.id = file_grants.file_id)
WHERE grantee = 'role:operator' AND EXISTS (SELECT 1 FROM files f WHERE f.id = file_grants.file_id);
UPDATE file_grants SET grantee = 'right:listing.decide' WHERE grantee = 'role:department';
UPDATE file_grants SET grantee = 'right:expert.score' WHERE grantee = 'role:expert';

-- +goose Down
SELECT 1;
