-- What stops a voucher is kept apart: a person, the standing of its company and a
-- lead each freeze it and let go of it by themselves. origin says whose freeze a
-- measure is about; cause says what the measure itself follows from.

-- +goose Up
CREATE TABLE voucher_measures_by_origin (
    id         BIGINT PRIMARY KEY,
    voucher_id BIGINT NOT NULL REFERENCES vouchers (id),
    event      TEXT   NOT NULL CHECK (event IN ('freeze', 'unfreeze', 'revoke')),
    origin     TEXT   NOT NULL CHECK (origin IN ('', 'staff', 'standing', 'lead')),
    cause      TEXT   NOT NULL CHECK (cause IN ('staff', 'standing', 'lead')),
    reason     TEXT   NOT NULL DEFAULT '',
    comment    TEXT   NOT NULL,
    by_user    BIGINT NOT NULL, -- 0: the platform
    by_name    TEXT   NOT NULL,
    at         BIGINT NOT NULL,
    CHECK ((cause <> 'staff') = (by_user = 0)),
    CHECK ((event = 'revoke') = (origin = '')),
    CHECK (event <> 'freeze' OR origin = cause)
);
-- Until now there was one freeze at a time: a thaw was about the last one.
INSERT INTO voucher_measures_by_origin (id, voucher_id, event, origin, cause, reason, comment, by_user, by_name, at)
SELECT m.id, m.voucher_id, m.event,
    CASE m.event WHEN 'revoke' THEN '' WHEN 'freeze' THEN m.cause ELSE COALESCE(
        (SELECT f.cause FROM voucher_measures f WHERE f.voucher_id = m.voucher_id AND f.event = 'freeze' AND f.id < m.id ORDER BY f.id DESC LIMIT 1), m.cause) END,
    m.cause, m.reason, m.comment, m.by_user, m.by_name, m.at
FROM voucher_measures m;
DROP TABLE voucher_measures;
ALTER TABLE voucher_measures_by_origin RENAME TO voucher_measures;
CREATE INDEX voucher_measures_voucher ON voucher_measures (voucher_id, id);

-- A suspension passed over what was frozen already: it holds that from now on.
INSERT INTO voucher_measures (id, voucher_id, event, origin, cause, comment, by_user, by_name, at)
SELECT (SELECT MAX(id) FROM voucher_measures) + ROW_NUMBER() OVER (ORDER BY v.id), v.id, 'freeze', 'standing', 'standing',
    CASE o.verification WHEN 'revoked' THEN '贵企业的认证已被取消。' ELSE '贵企业的认证已被暂停，恢复认证后自动解冻。' END,
    0, 'system', (SELECT MAX(at) FROM voucher_measures)
FROM vouchers v JOIN organizations o ON o.id = v.org_id
WHERE v.status = 'frozen' AND o.verification IN ('suspended', 'revoked')
  AND 'standing' <> (SELECT m.cause FROM voucher_measures m WHERE m.voucher_id = v.id ORDER BY m.id DESC LIMIT 1);

-- +goose Down
SELECT 1;
