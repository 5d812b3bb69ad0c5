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
