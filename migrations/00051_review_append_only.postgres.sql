-- What reviewers said is append-only.

-- +goose Up
CREATE TRIGGER review_steps_no_update BEFORE UPDATE ON review_steps FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER review_steps_no_delete BEFORE DELETE ON review_steps FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER review_steps_no_truncate BEFORE TRUNCATE ON review_steps FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER review_votes_no_update BEFORE UPDATE ON review_votes FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER review_votes_no_delete BEFORE DELETE ON review_votes FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER review_votes_no_truncate BEFORE TRUNCATE ON review_votes FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
-- +goose Down
SELECT 1;
