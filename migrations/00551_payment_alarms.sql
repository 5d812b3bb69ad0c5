-- When people were last told of payment notices that were refused.

-- +goose Up
CREATE TABLE payment_alarms (
    channel TEXT   NOT NULL,
    doubt   TEXT   NOT NULL CHECK (doubt IN ('forged', 'of_nothing')),
    told_at BIGINT NOT NULL,
    PRIMARY KEY (channel, doubt)
);

-- +goose Down
SELECT 1;
