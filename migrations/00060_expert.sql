-- Experts: nominated by providers or the platform, admitted to the committee by the operator.

-- +goose Up
CREATE TABLE experts (
    id              BIGINT PRIMARY KEY,
    org_id          BIGINT NOT NULL, -- the provider that nominated; 0: the platform
    user_id         BIGINT NOT NULL DEFAULT 0, -- the account, from admission on
    status          TEXT   NOT NULL CHECK (status IN ('nominated', 'admitted', 'declined', 'suspended')),
    personal        TEXT   NOT NULL, -- sealed: name, age, gender, education, phone
    phone_index     TEXT   NOT NULL DEFAULT '',
    iiot_field      TEXT   NOT NULL,
    industry_field  TEXT   NOT NULL,
    operation_field TEXT   NOT NULL,
    iiot_years      BIGINT NOT NULL,
    industry_years  BIGINT NOT NULL,
    achievements    TEXT   NOT NULL,
    position        TEXT   NOT NULL,
    photo_file      BIGINT NOT NULL,
    bio             TEXT   NOT NULL,
    note            TEXT   NOT NULL DEFAULT '', -- why declined or suspended
    version         BIGINT NOT NULL CHECK (version > 0),
    created_by      BIGINT NOT NULL,
    created_at      BIGINT NOT NULL,
    updated_at      BIGINT NOT NULL,
    CHECK (status NOT IN ('admitted', 'suspended') OR user_id <> 0)
);
CREATE INDEX experts_org ON experts (org_id, id);
CREATE INDEX experts_status ON experts (status, id);
CREATE UNIQUE INDEX experts_user ON experts (user_id) WHERE user_id <> 0;

-- +goose Down
SELECT 1;
