-- Which companies were warned of a voucher, and how many days before its end.

-- +goose Up
CREATE TABLE voucher_warnings (
    voucher_id BIGINT NOT NULL REFERENCES vouchers (id),
    days       BIGINT NOT NULL,
    at         BIGINT NOT NULL,
    PRIMARY KEY (voucher_id, days)
);

-- +goose Down
SELECT 1;
