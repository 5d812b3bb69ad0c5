-- What reviewers said is append-only.

-- +goose Up
-- +goose StatementBegin
CREATE TRIGGER review_steps_no_update BEFORE UPDATE ON review_steps BEGIN
    SELECT RAISE(ABORT, 'review_steps is append-only');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER review_steps_no_delete BEFORE DELETE ON review_steps BEGIN
    SELECT RAISE(ABORT, 'review_steps is append-only');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER review_votes_no_update BEFORE UPDATE ON review_votes BEGIN
    SELECT RAISE(ABORT, 'review_votes is append-only');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER review_votes_no_delete BEFORE DELETE ON review_votes BEGIN
    SELECT RAISE(ABORT, 'review_votes is append-only');
END;
-- +goose StatementEnd
-- +goose Down
SELECT 1;
