package demo

import (
	"fmt"
	"slices"
	"time"

	"smedx/internal/account"
	"smedx/internal/catalog"
	"smedx/internal/file"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
	"smedx/internal/order"
)

// purchases puts every order on the agenda, with what follows from it.
func (l *loader) purchases() {
	for i, o := range l.data.Orders {
		days := float64(o.DaysAgo)
		if o.Until == "placed" {
			days = .004 + float64(i%5)*.001 // an unpaid order lives for half an hour
		}
		l.on(days, "order of "+o.Buyer+" for "+o.Solution, func() error { return l.buy(o) })
	}
}

func (l *loader) buy(o Order) error {
	who := l.companies[o.Buyer]
	want := order.Want{PlanID: l.offerings[o.Solution].plans[o.Plan], Unit: catalog.BillingUnit(o.Unit), Quantity: o.Quantity}
	quote, err := l.Orders.Quote(l.ctx, who, []order.Want{want}, nil)
	if err != nil {
		return err
	}
	var vouchers []id.ID
	if o.Pay == "voucher" {
		for _, c := range quote.Choices {
			vouchers = append(vouchers, c.VoucherID)
		}
		if quote, err = l.Orders.Quote(l.ctx, who, []order.Want{want}, vouchers); err != nil {
			return err
		}
	}
	receipt, _, err := l.Orders.Place(l.ctx, who, "demo-"+o.Buyer+"-"+o.Solution, order.Intent{
		Lines: []order.Want{want}, VoucherIDs: vouchers, ExpectedTotal: quote.Totals.Price, ExpectedPayable: quote.Totals.Payable,
	})
	if err != nil {
		return err
	}
	orderID := receipt.OrderIDs[0]
	switch o.Until {
	case "placed":
		return nil
	case "canceled":
		l.after(l.later(.3), "cancel", func() error {
			_, err := l.Orders.Cancel(l.ctx, who, orderID)
			return err
		})
		return nil
	}
	if receipt.Payable > 0 {
		paid, err := l.Payments.Start(l.ctx, who, receipt.CheckoutID, "")
		if err != nil {
			return err
		}
		placed, err := l.Orders.Get(l.ctx, who, orderID)
		if err != nil {
			return err
		}
		if err := l.Cashier.Pay(l.ctx, paid.ID, placed.BuyerName); err != nil {
			return err
		}
	}
	return l.carryOn(o, who, orderID)
}

// carryOn takes a paid order as far as the data set says. Each step takes a share
// of the time until now, some days at most.
func (l *loader) carryOn(o Order, who account.Principal, orderID id.ID) error {
	got, err := l.Orders.Get(l.ctx, who, orderID)
	if err != nil {
		return err
	}
	placed := l.DB.Now()
	span := l.now.Sub(placed)
	step := func(share float64, days int) time.Time {
		return placed.Add(min(time.Duration(share*float64(span)), time.Duration(days)*24*time.Hour))
	}
	if got.Order.Instant {
		if o.Until == "rated" {
			l.after(step(.2, 5), "accept", func() error {
				_, err := l.Orders.AcceptInstant(l.ctx, who, orderID)
				return err
			})
			l.rate(step(.3, 12), who, got.Lines[0].ID, o)
		}
		return nil
	}
	provider := l.companies[l.solution(o.Solution).Provider]
	switch o.Until {
	case "paid":
		return nil
	case "refunding":
		l.after(step(.3, 6), "refund", func() error {
			_, err := l.Orders.Refund(l.ctx, who, "demo-refund-"+o.Buyer, orderID, money.Fen(got.Order.PriceFen-got.Order.RedeemedFen), "项目计划调整，双方协商后暂缓实施，申请退款。")
			return err
		})
		return nil
	}
	l.after(step(.1, 2), "start delivery", func() error {
		return l.Deliveries.Start(l.ctx, provider, orderID, "安排实施顾问对接需求，完成资料收集、部署配置与培训，随后提交验收。", clock.At(step(.6, 30)))
	})
	if o.Until == "in_delivery" {
		return nil
	}
	l.after(step(.5, 20), "hand over", func() error {
		class := l.solution(o.Solution).Categories[0]
		paper, err := l.picture(provider, file.DeliveryDoc, "交付报告.pdf", "case-"+class)
		if err != nil {
			return err
		}
		return l.Deliveries.Submit(l.ctx, provider, orderID, "已完成部署、数据初始化和人员培训，请查收交付报告并验收。", []id.ID{paper})
	})
	if o.Until == "delivered" {
		return nil
	}
	accepted := step(.6, 24)
	if o.Hasty {
		accepted = step(.5, 20).Add(3 * time.Minute)
	}
	l.after(accepted, "accept delivery", func() error {
		return l.Deliveries.Accept(l.ctx, who, orderID, "功能与约定一致，使用正常，同意验收。")
	})
	if o.Until == "rated" {
		l.rate(step(.7, 30), who, got.Lines[0].ID, o)
	}
	return nil
}

// rate lets the buyer rate, and the provider answer some days later.
func (l *loader) rate(at time.Time, who account.Principal, lineID id.ID, o Order) {
	l.after(at, "rate "+o.Solution, func() error {
		r := l.opinion(l.solution(o.Solution))
		made, err := l.Ratings.Rate(l.ctx, who, lineID, r.Score, r.Text)
		if err != nil || r.Reply == "" {
			return err
		}
		provider := l.companies[l.solution(o.Solution).Provider]
		l.after(l.later(30), "reply", func() error {
			_, err := l.Ratings.Reply(l.ctx, provider, made.ID, r.Reply)
			return err
		})
		return nil
	})
}

// opinion deals out the texts: first one that was written for such a solution,
// then the general ones, the least used first.
func (l *loader) opinion(s Solution) Rating {
	best, uses := -1, 0
	for i, r := range l.data.Ratings {
		fits := len(r.For) == 0
		for _, class := range r.For {
			fits = fits || slices.Contains(s.Categories, class)
		}
		n := 2 * l.ratingsUsed[i]
		if len(r.For) == 0 {
			n++
		}
		if fits && (best < 0 || n < uses) {
			best, uses = i, n
		}
	}
	l.ratingsUsed[best]++
	return l.data.Ratings[best]
}

func (l *loader) solution(key string) Solution {
	for _, s := range l.data.Solutions {
		if s.Key == key {
			return s
		}
	}
	panic(fmt.Sprintf("no solution %q in the data set", key)) // the data test keeps keys right
}

func dateIn(y int, m time.Month, d, hour int) time.Time {
	return time.Date(y, m, d, hour, 0, 0, 0, clock.Shanghai)
}
