-- The second factor of sign-in (TOTP), its recovery codes, and sign-ins that still wait for it.

-- +goose Up
CREATE TABLE second_factors (
    user_id      BIGINT PRIMARY KEY REFERENCES users (id),
    secret       TEXT   NOT NULL, -- sealed
    created_at   BIGINT NOT NULL,
    confirmed_at BIGINT NOT NULL DEFAULT 0, -- 0: enrolment has begun, nothing is demanded yet
    last_step    BIGINT NOT NULL DEFAULT 0  -- codes of this time step and before are used up
);

CREATE TABLE recovery_codes (
    user_id   BIGINT NOT NULL REFERENCES users (id),
    code_hash TEXT   NOT NULL,
    used_at   BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (user_id, code_hash)
);

-- Somebody has proven a password or an SMS code; his session waits for the second factor.
CREATE TABLE signin_steps (
    id         BIGINT PRIMARY KEY,
    token_hash TEXT   NOT NULL UNIQUE,
    user_id    BIGINT NOT NULL REFERENCES users (id),
    way        TEXT   NOT NULL, -- how the first factor was proven
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX signin_steps_user ON signin_steps (user_id);

-- +goose Down
SELECT 1;
