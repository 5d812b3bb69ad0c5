-- Orders are found by words in the names that they bear, of which there are far fewer
-- than orders. A title of many products is too long for an index: those are read one
-- by one.

-- +goose Up
CREATE TABLE order_names (
    field TEXT NOT NULL CHECK (field IN ('title', 'buyer', 'provider')),
    name  TEXT NOT NULL,
    PRIMARY KEY (field, name)
) WITHOUT ROWID;
CREATE INDEX orders_titled ON orders (title, status, placed_at) WHERE length(title) <= 200;
CREATE INDEX orders_titled_long ON orders (length(title)) WHERE length(title) > 200;
CREATE INDEX orders_buyer_named ON orders (buyer_name, status, placed_at);
CREATE INDEX orders_provider_named ON orders (provider_name, status, placed_at);

INSERT INTO order_names (field, name)
SELECT DISTINCT 'title', title FROM orders WHERE length(title) <= 200
UNION ALL SELECT DISTINCT 'buyer', buyer_name FROM orders
UNION ALL SELECT DISTINCT 'provider', provider_name FROM orders;

-- +goose StatementBegin
CREATE TRIGGER orders_are_named AFTER INSERT ON orders BEGIN
    INSERT INTO order_names (field, name) SELECT 'title', NEW.title WHERE length(NEW.title) <= 200 ON CONFLICT DO NOTHING;
    INSERT INTO order_names (field, name) VALUES ('buyer', NEW.buyer_name), ('provider', NEW.provider_name) ON CONFLICT DO NOTHING;
END;
-- +goose StatementEnd

-- +goose Down
SELECT 1;
