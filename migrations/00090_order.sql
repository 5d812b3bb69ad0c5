-- Cart, checkouts and orders. One checkout holds one order for each provider.

-- +goose Up
CREATE TABLE cart_lines (
    id          BIGINT PRIMARY KEY,
    org_id      BIGINT NOT NULL,
    offering_id BIGINT NOT NULL,
    plan_id     BIGINT NOT NULL,
    unit        TEXT   NOT NULL CHECK (unit IN ('year', 'month', 'unit')),
    quantity    BIGINT NOT NULL CHECK (quantity BETWEEN 1 AND 9999),
    selected    BOOLEAN NOT NULL,
    added_at    BIGINT NOT NULL,
    UNIQUE (org_id, plan_id, unit)
);

CREATE TABLE checkouts (
    id         BIGINT PRIMARY KEY,
    buyer_org  BIGINT NOT NULL,
    user_id    BIGINT NOT NULL,
    price_fen  BIGINT NOT NULL CHECK (price_fen >= 0),
    placed_at  BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    turns      BIGINT NOT NULL DEFAULT 0 -- counts attempts to pay or cancel, which take turns on this row
);
CREATE INDEX checkouts_buyer ON checkouts (buyer_org, id);

CREATE TABLE orders (
    id            BIGINT PRIMARY KEY,
    checkout_id   BIGINT NOT NULL REFERENCES checkouts (id),
    buyer_org     BIGINT NOT NULL,
    buyer_user    BIGINT NOT NULL,
    buyer_name    TEXT   NOT NULL, -- company, as of placing
    buyer_login   TEXT   NOT NULL, -- user name, as of placing
    provider_org  BIGINT NOT NULL,
    provider_name TEXT   NOT NULL,
    title         TEXT   NOT NULL, -- names of what was bought, for lists and search
    kind          TEXT   NOT NULL CHECK (kind IN ('new')),
    status        TEXT   NOT NULL CHECK (status IN ('placed', 'paid', 'in_delivery', 'delivered', 'completed', 'canceled', 'refunding', 'refunded')),
    instant       BOOLEAN NOT NULL,
    price_fen     BIGINT NOT NULL CHECK (price_fen BETWEEN 0 AND 1000000000000),
    redeemed_fen  BIGINT NOT NULL CHECK (redeemed_fen >= 0),
    payable_fen   BIGINT NOT NULL CHECK (payable_fen >= 0),
    placed_at     BIGINT NOT NULL,
    expires_at    BIGINT NOT NULL,
    paid_at       BIGINT NOT NULL DEFAULT 0,
    delivered_at  BIGINT NOT NULL DEFAULT 0,
    completed_at  BIGINT NOT NULL DEFAULT 0,
    accepted_at   BIGINT NOT NULL DEFAULT 0, -- the buyer's acceptance: the money is the provider's from here on
    accepted_by   BIGINT NOT NULL DEFAULT 0,
    canceled_at   BIGINT NOT NULL DEFAULT 0,
    refunded_at   BIGINT NOT NULL DEFAULT 0,
    version       BIGINT NOT NULL DEFAULT 1,
    CHECK (price_fen = redeemed_fen + payable_fen),
    CHECK (buyer_org <> provider_org),
    CHECK (status NOT IN ('paid', 'in_delivery', 'delivered', 'completed', 'refunding', 'refunded') OR paid_at > 0),
    CHECK (status NOT IN ('placed', 'canceled') OR paid_at = 0),
    CHECK (status <> 'completed' OR accepted_at > 0 OR instant),
    CHECK (accepted_at = 0 OR status = 'completed')
);
CREATE INDEX orders_buyer ON orders (buyer_org, id);
CREATE INDEX orders_provider ON orders (provider_org, id);
CREATE INDEX orders_checkout ON orders (checkout_id, id);
CREATE INDEX orders_due ON orders (status, expires_at);

CREATE TABLE order_lines (
    id             BIGINT PRIMARY KEY,
    order_id       BIGINT NOT NULL REFERENCES orders (id),
    line_no        BIGINT NOT NULL,
    offering_id    BIGINT NOT NULL,
    revision_id    BIGINT NOT NULL,
    plan_id        BIGINT NOT NULL,
    name           TEXT   NOT NULL,
    plan_name      TEXT   NOT NULL,
    attributes     TEXT   NOT NULL,
    unit           TEXT   NOT NULL CHECK (unit IN ('year', 'month', 'unit')),
    cover_file     BIGINT NOT NULL DEFAULT 0,
    instant        BOOLEAN NOT NULL,
    scope          TEXT   NOT NULL, -- JSON: categories, industries, tags, as the vouchers were matched with
    unit_price_fen BIGINT NOT NULL CHECK (unit_price_fen >= 0),
    quantity       BIGINT NOT NULL CHECK (quantity BETWEEN 1 AND 9999),
    price_fen      BIGINT NOT NULL,
    redeemed_fen   BIGINT NOT NULL CHECK (redeemed_fen BETWEEN 0 AND price_fen),
    UNIQUE (order_id, line_no),
    CHECK (price_fen = unit_price_fen * quantity)
);
CREATE INDEX order_lines_offering ON order_lines (offering_id, id);

-- what each voucher pays of each line
CREATE TABLE order_redemptions (
    order_id          BIGINT NOT NULL REFERENCES orders (id),
    hold_id           BIGINT NOT NULL,
    line_no           BIGINT NOT NULL,
    voucher_id        BIGINT NOT NULL,
    name              TEXT   NOT NULL,
    amount_fen        BIGINT NOT NULL CHECK (amount_fen > 0),
    balance_after_fen BIGINT NOT NULL,
    PRIMARY KEY (order_id, hold_id, line_no)
);
CREATE INDEX order_redemptions_voucher ON order_redemptions (voucher_id, order_id);

-- the timeline: every change of status
CREATE TABLE order_events (
    id          BIGINT PRIMARY KEY,
    order_id    BIGINT NOT NULL REFERENCES orders (id),
    at          BIGINT NOT NULL,
    event       TEXT   NOT NULL,
    from_status TEXT   NOT NULL,
    to_status   TEXT   NOT NULL,
    user_id     BIGINT NOT NULL,
    org_id      BIGINT NOT NULL,
    role        TEXT   NOT NULL,
    note        TEXT   NOT NULL DEFAULT ''
);
CREATE INDEX order_events_order ON order_events (order_id, id);

-- +goose Down
SELECT 1;
