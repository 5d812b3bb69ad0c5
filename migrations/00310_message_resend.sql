-- To send a failed message again is a right of its own; whoever keeps accounts has it.

-- +goose Up
UPDATE users SET permissions = permissions || ' message.resend' WHERE role = 'admin' AND permissions LIKE '%staff.manage%';

-- +goose Down
SELECT 1;
