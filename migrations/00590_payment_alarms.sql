-- Refused payment notices that nobody was told of yet are counted here too, so that a
-- restart does not forget them; and notices to a channel that is not set up count.

-- +goose Up
CREATE TABLE payment_alarms_counted (
    channel TEXT   NOT NULL, -- '': none of ours
    doubt   TEXT   NOT NULL CHECK (doubt IN ('forged', 'of_nothing', 'no_channel')),
    told_at BIGINT NOT NULL,
    waiting BIGINT NOT NULL DEFAULT 0 CHECK (waiting >= 0),
    PRIMARY KEY (channel, doubt),
    CHECK ((channel = '') = (doubt = 'no_channel'))
);
INSERT INTO payment_alarms_counted (channel, doubt, told_at) SELECT channel, doubt, told_at FROM payment_alarms;
DROP TABLE payment_alarms;
ALTER TABLE payment_alarms_counted RENAME TO payment_alarms;

-- +goose Down
SELECT 1;
