package order

import (
	"errors"
	"testing"

	"smedx/internal/catalog"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
)

// The whole table, the empty cells too.
func TestEveryCellOfTheStateMachine(t *testing.T) {
	type cell struct {
		s Status
		e Event
	}
	want := map[cell]Status{
		{Placed, Pay}: Paid, {Placed, Cancel}: Canceled, {Placed, Expire}: Canceled,
		{Paid, Start}: InDelivery, {Paid, Refund}: Refunding,
		{InDelivery, Submit}: Delivered,
		{Delivered, Accept}:  Completed, {Delivered, Reject}: InDelivery,
		{Refunding, PaidBack}: Refunded,
	}
	check := func(name string, o Order, e Event, expected Status, allowed bool) {
		t.Helper()
		to, err := o.Next(e)
		switch {
		case allowed && (err != nil || to != expected):
			t.Errorf("%s: %s + %s = %s, %v; want %s", name, o.Status, e, to, err, expected)
		case !allowed && (!errors.Is(err, errs.ErrInvalidState) || errs.Of(err).State != string(o.Status)):
			t.Errorf("%s: %s + %s is not refused: %s, %v", name, o.Status, e, to, err)
		}
	}
	for _, s := range Statuses {
		for _, e := range Events {
			to, ok := want[cell{s, e}]
			check("with delivery", Order{Status: s}, e, to, ok)
			if s == Paid && e == Activate || s == Completed && e == Accept {
				to, ok = Completed, true
			}
			check("instant", Order{Status: s, Instant: true}, e, to, ok)
		}
	}
	check("accepted already", Order{Status: Completed, Instant: true, AcceptedAt: 1}, Accept, "", false)
}

// T-MON-28: more lines, pieces or money than the bounds are refused.
func TestGroupSortsByProviderAndRefuses(t *testing.T) {
	item := func(plan, provider id.ID, price money.Fen) catalog.SaleItem {
		return catalog.SaleItem{PlanID: plan, OfferingID: plan * 10, ProviderOrg: provider, Name: "甲", Unit: "year", UnitPrice: price}
	}
	sale := map[catalog.PlanRef]catalog.SaleItem{
		{PlanID: 1, Unit: "year"}: item(1, 100, 300),
		{PlanID: 2, Unit: "year"}: item(2, 200, 0),
		{PlanID: 3, Unit: "year"}: item(3, 100, money.MaxUnitPrice),
	}
	want := func(plan id.ID, n int64) Want { return Want{plan, "year", n} }
	groups, err := group([]Want{want(1, 2), want(2, 1), want(3, 1)}, sale, 7)
	if err != nil || len(groups) != 2 || groups[0].Price() != 600+money.MaxUnitPrice || groups[1].Price() != 0 || len(groups[0].Lines) != 2 {
		t.Errorf("%+v %v", groups, err)
	}
	many := make([]Want, 10_000)
	for i := range many {
		many[i] = want(id.ID(i+1), 1)
	}
	for name, c := range map[string]struct {
		wants []Want
		buyer id.ID
		err   error
	}{
		"nothing":          {nil, 7, ErrNothingChosen},
		"none of it":       {[]Want{want(1, 0)}, 7, ErrQuantity},
		"too many":         {[]Want{want(1, money.MaxQuantity+1)}, 7, ErrQuantity},
		"too many in sum":  {[]Want{want(1, money.MaxQuantity), want(1, 1)}, 7, ErrQuantity},
		"too many lines":   {many, 7, ErrTooMuch},
		"not for sale":     {[]Want{want(9, 1)}, 7, ErrNotForSale},
		"one's own":        {[]Want{want(1, 1)}, 100, ErrOwnOffering},
		"beyond all means": {[]Want{want(3, 101)}, 7, ErrTooMuch},
	} {
		merged, err := checkWants(c.wants)
		if err == nil {
			_, err = group(merged, sale, c.buyer)
		}
		if !errors.Is(err, c.err) {
			t.Errorf("%s: %v, want %v", name, err, c.err)
		}
	}
}
