-- Who passed a task on is append-only.

-- +goose Up
-- +goose StatementBegin
CREATE TRIGGER review_handovers_no_update BEFORE UPDATE ON review_handovers BEGIN
    SELECT RAISE(ABORT, 'review_handovers is append-only');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER review_handovers_no_delete BEFORE DELETE ON review_handovers BEGIN
    SELECT RAISE(ABORT, 'review_handovers is append-only');
END;
-- +goose StatementEnd
-- +goose Down
SELECT 1;
