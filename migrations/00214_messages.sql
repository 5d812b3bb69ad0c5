-- What a message is about, and which groups a user does not want by SMS or mail.

-- +goose Up
ALTER TABLE messages ADD COLUMN event TEXT NOT NULL DEFAULT '';
CREATE TABLE message_refusals (
    user_id BIGINT NOT NULL,
    topic   TEXT   NOT NULL,
    channel TEXT   NOT NULL CHECK (channel IN ('sms', 'mail')),
    PRIMARY KEY (user_id, topic, channel)
);

-- +goose Down
SELECT 1;
