package bench

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
)

// Checkout measures companies that place an order and hold two vouchers for it.
type Checkout struct {
	Buyers      int
	Connections int
	Address     string // of a PostgreSQL server; else SQLite
}

// vouchersEach is how many vouchers each buyer holds; goodsOnSale how many offerings
// there are to choose from.
const (
	vouchersEach = 2
	goodsOnSale  = 200
)

// Run prepares, measures, verifies and removes everything.
func (c Checkout) Run(ctx context.Context, progress io.Writer) (reports []Report, err error) {
	p, err := newPlace(ctx, c.Address)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, p.remove()) }()
	p.config.TestHooks = true // for their cashier: without a payment channel nothing is sold that costs cash
	say(progress, "preparing %d verified companies with two vouchers each, and %d offerings …\n", c.Buyers, goodsOnSale)
	s, shelf, err := c.prepare(ctx, p)
	if err != nil {
		return nil, err
	}
	srv, err := p.serve(ctx)
	if err != nil {
		return nil, err
	}
	running := true
	defer func() {
		if running {
			err = errors.Join(err, srv.stop())
		}
	}()
	say(progress, "asking %s …\n", srv.url)
	all := &buyers{stage: s, url: srv.url, client: client(c.Connections), placed: make([]id.ID, c.Buyers), held: make([][]id.ID, c.Buyers)}
	defer all.client.CloseIdleConnections()
	load := Load{Connections: c.Connections, Requests: c.Buyers * vouchersEach, Limit: 2 * time.Minute}
	if err := errors.Join(refusal(all.claim(ctx, load)), all.choose(ctx, shelf)); err != nil {
		return nil, err
	}
	floor := ceiling(ctx, srv.url, c.Connections)
	load.Requests = c.Buyers
	first := all.place(ctx, load)
	say(progress, "asking again …\n")
	again := all.place(ctx, load)
	running = false
	if err := srv.stop(); err != nil {
		return nil, err
	}
	verified, err := c.verify(ctx, p, all, errors.Join(refusal(first), refusal(again)))
	if err != nil {
		return nil, err
	}
	return []Report{
		{What: fmt.Sprintf("POST /checkouts: %d companies, one order with two vouchers each", c.Buyers), Load: load, Measured: first, Ceiling: floor, Verified: verified},
		{What: "the same with the same keys: each gets the same order", Load: load, Measured: again, Ceiling: floor, Verified: "nothing was placed twice"},
	}, nil
}

func (c Checkout) prepare(ctx context.Context, p *place) (s stage, shelf []string, err error) {
	s, err = Rush{Claimants: c.Buyers, Stock: c.Buyers * vouchersEach, each: vouchersEach}.prepare(ctx, p)
	if err != nil {
		return s, nil, err
	}
	shelf, err = Catalogue{Offerings: goodsOnSale}.prepare(ctx, p)
	return s, shelf, err
}

// good is a plan that costs more than the vouchers of a buyer.
type good struct {
	PlanID id.ID
	Unit   string
	Price  int64
}

// buyers is the companies, what they hold and what they placed.
type buyers struct {
	stage

	url    string
	client *http.Client
	goods  []good
	held   [][]id.ID
	placed []id.ID
}

// claim gives each buyer its vouchers.
func (b *buyers) claim(ctx context.Context, l Load) Figures {
	return run(ctx, l, func(ctx context.Context, n int) error {
		// a buyer's second claim comes long after its first, and never beside it
		turn, n := n/len(b.tokens), n%len(b.tokens)
		said, err := b.ask(ctx, n, http.MethodPost, fmt.Sprintf("/campaign-vouchers/%v/claims?n=%d", b.offer, turn+1), nil, "")
		if err != nil {
			return err
		}
		voucher, ok := givenBy(said)
		if !ok {
			return fmt.Errorf("no voucher: %.200s", said)
		}
		b.held[n] = append(b.held[n], voucher)
		return nil
	})
}

// choose reads what is on sale, and keeps what the vouchers do not cover.
func (b *buyers) choose(ctx context.Context, shelf []string) error {
	for _, one := range shelf {
		said, err := b.ask(ctx, 0, http.MethodGet, "/offerings/"+one, nil, "")
		if err != nil {
			return err
		}
		var o struct {
			Content struct {
				Plans []struct {
					ID     id.ID `json:"id"`
					Prices []struct {
						Unit     string `json:"unit"`
						PriceFen int64  `json:"priceFen"`
					} `json:"prices"`
				} `json:"plans"`
			} `json:"content"`
		}
		if err := json.Unmarshal(said, &o); err != nil {
			return err
		}
		plan := o.Content.Plans[0]
		if price := plan.Prices[0]; price.PriceFen > vouchersEach*int64(face) {
			b.goods = append(b.goods, good{plan.ID, price.Unit, price.PriceFen})
		}
	}
	if len(b.goods) == 0 {
		return errors.New("nothing costs more than two vouchers")
	}
	return nil
}

// place lets every buyer place its order once, under a key of its own.
func (b *buyers) place(ctx context.Context, l Load) Figures {
	return run(ctx, l, func(ctx context.Context, n int) error {
		g := b.goods[n%len(b.goods)]
		said, err := b.ask(ctx, n, http.MethodPost, "/checkouts", map[string]any{
			"lines": []any{map[string]any{"planId": g.PlanID, "unit": g.Unit, "quantity": 1}}, "voucherIds": b.held[n],
			"expectedTotalFen": g.Price, "expectedPayableFen": g.Price - vouchersEach*int64(face),
		}, fmt.Sprint("bench-", n))
		if err != nil {
			return err
		}
		var receipt struct {
			OrderIDs []id.ID `json:"orderIds"`
		}
		if err := json.Unmarshal(said, &receipt); err != nil || len(receipt.OrderIDs) != 1 {
			return fmt.Errorf("no order: %.200s", said)
		}
		if had := b.placed[n]; had != 0 && had != receipt.OrderIDs[0] {
			return fmt.Errorf("company %d was told of order %v, now of %v", n, had, receipt.OrderIDs[0])
		}
		b.placed[n] = receipt.OrderIDs[0]
		return nil
	})
}

// ask sends a request of a buyer, and answers what came with 200 or 201.
func (b *buyers) ask(ctx context.Context, n int, method, path string, body any, key string) ([]byte, error) {
	var raw io.Reader = http.NoBody
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		raw = bytes.NewReader(text)
	}
	req, err := http.NewRequestWithContext(ctx, method, b.url+"/api/v1"+path, raw)
	if err != nil {
		return nil, err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	req.AddCookie(&http.Cookie{Name: "smedx_session", Value: b.tokens[n]})
	res, err := b.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close() //nolint:errcheck // read to its end
	said, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err == nil && res.StatusCode != http.StatusOK && res.StatusCode != http.StatusCreated {
		err = fmt.Errorf("%s %s: %s %.300s", method, path, res.Status, said)
	}
	return said, err
}

// verify reads from the database that every order is there once, with what its
// vouchers hold for it.
func (c Checkout) verify(ctx context.Context, p *place, b *buyers, refused error) (said string, err error) {
	if refused != nil {
		return "", refused
	}
	err = p.look(ctx, func(d *db.DB) error {
		said, err = c.check(ctx, d, b)
		return err
	})
	return said, err
}

func (c Checkout) check(ctx context.Context, d *db.DB, b *buyers) (string, error) {
	var orders []struct {
		ID       id.ID
		Redeemed int64
		Holds    int64
	}
	err := d.Raw(`SELECT o.id, o.redeemed_fen AS redeemed, (SELECT SUM(h.amount_fen) FROM voucher_holds h WHERE h.order_id = o.id AND h.status = 'open') AS holds FROM orders o`).Scan(ctx, &orders)
	if err != nil {
		return "", err
	}
	stored := map[id.ID]bool{}
	for _, o := range orders {
		if want := vouchersEach * int64(face); o.Redeemed != want || o.Holds != want {
			return "", fmt.Errorf("order %v takes %d fen of vouchers, which hold %d for it; want %d", o.ID, o.Redeemed, o.Holds, want)
		}
		stored[o.ID] = true
	}
	if len(orders) != c.Buyers {
		return "", fmt.Errorf("%d orders are in the database, want %d", len(orders), c.Buyers)
	}
	for n, o := range b.placed {
		if !stored[o] {
			return "", fmt.Errorf("company %d was told of order %v, which is not in the database", n, o)
		}
	}
	if err := booksAreRight(ctx, d); err != nil {
		return "", err
	}
	return fmt.Sprintf("%d orders, each acknowledged one is there once, its vouchers hold what it takes, the books are right", len(orders)), nil
}
