package voucher

import (
	"testing"
	"time"

	"smedx/internal/kit/id"
)

// As long as every batch that is being served can be served whole, it does not
// matter which is first; else they go one by one.
func TestOnlyWhatIsThereForAllIsPledged(t *testing.T) {
	o := &offer{cv: CampaignVoucher{Remaining: 10}}
	if !o.pledge(6) || o.pledge(5) || !o.pledge(4) {
		t.Error("ten are enough for six and four, and for six and five they are not")
	}
	if o.unpledge(6); !o.pledge(5) {
		t.Error("what was given back cannot be pledged again")
	}
}

// What was read of a campaign before it changed is not trusted after it.
// A batch that was under way when the quota was raised does not hide the new stock.
func TestAnOlderBatchSaysNothingOfNewStock(t *testing.T) {
	o := &offer{claims: map[claimKey]Voucher{}, without: map[claimKey]bool{}}
	now := time.UnixMilli(1_000)
	late, before := &claimant{key: claimKey{1, 1}, result: result{err: ErrSoldOut}}, o.forgotten()
	(&gate{offers: map[id.ID]*offer{1: o}}).forget(7)
	o.keep(Campaign{ID: 7}, CampaignVoucher{Remaining: 5}, o.forgotten(), now)
	o.settled([]*claimant{late}, 0, before)
	if _, cv, _, _, without := o.look(late.key); cv.Remaining != 5 || without {
		t.Errorf("%d are said to be left, refused for good: %v", cv.Remaining, without)
	}
	o.settled([]*claimant{late}, 0, o.forgotten())
	if _, cv, _, _, without := o.look(late.key); cv.Remaining != 0 || !without {
		t.Errorf("%d are said to be left after the last was given, remembered: %v", cv.Remaining, without)
	}
}

func TestWhatChangedWhileItWasReadIsReadAgain(t *testing.T) {
	g := newGate()
	o := g.entry(7, func(*offer) {})
	now := time.Now()
	read := Campaign{ID: 3, Version: 1}
	if o.keep(read, CampaignVoucher{}, o.forgotten(), now); !o.fresh(now) {
		t.Error("what was just read is not trusted")
	}
	before := o.forgotten()
	g.forget(3)
	if o.fresh(now) {
		t.Error("trusted though it changed")
	}
	if o.keep(read, CampaignVoucher{}, before, now); o.fresh(now) {
		t.Error("what was read before the change is trusted after it")
	}
	o.claims[claimKey{5, 1}] = Voucher{ID: 9}
	g.forget(3)
	if _, _, known, claimed, _ := g.entry(7, nil).look(claimKey{5, 1}); !claimed || known.ID != id.ID(9) {
		t.Error("a change of the campaign took a voucher from the memory")
	}
}
