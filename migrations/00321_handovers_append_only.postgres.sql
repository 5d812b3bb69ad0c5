-- Who passed a task on is append-only.

-- +goose Up
CREATE TRIGGER review_handovers_no_update BEFORE UPDATE ON review_handovers FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER review_handovers_no_delete BEFORE DELETE ON review_handovers FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER review_handovers_no_truncate BEFORE TRUNCATE ON review_handovers FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
-- +goose Down
SELECT 1;
