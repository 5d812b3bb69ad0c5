package voucher_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
	"smedx/internal/voucher"
	"smedx/internal/voucher/vouchertest"
)

// A history is what concurrent callers asked and were answered, with the time of
// both. It is right if there is one sequence of all acts, none moved out of its own
// time, in which each answer is what the model says.
type history struct {
	mu   sync.Mutex
	from time.Time
	acts []porcupine.Operation
}

func newHistory() *history { return &history{from: time.Now()} }

// note runs an act and writes it down.
func (h *history) note(asked any, act func() any) any {
	call := time.Since(h.from)
	said := act()
	done := time.Since(h.from)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.acts = append(h.acts, porcupine.Operation{ClientId: len(h.acts), Input: asked, Call: int64(call), Output: said, Return: int64(done)})
	return said
}

func (h *history) check(t *testing.T, model porcupine.Model) {
	t.Helper()
	if got := porcupine.CheckOperationsTimeout(model, h.acts, 30*time.Second); got != porcupine.Ok {
		for _, o := range h.acts {
			t.Logf("%8.3f to %8.3f ms: %+v: %+v", float64(o.Call)/1e6, float64(o.Return)/1e6, o.Input, o.Output)
		}
		t.Errorf("no sequence explains these answers (%v)", got)
	}
}

const (
	rushing   = 6 // companies
	rushStock = 5
	rushMore  = 3
)

// rushAsked is a claim of a company's n-th voucher, or what an operator does.
type rushAsked struct {
	act     string // claim, pause, resume, raise
	company int
	n       int64
}

// rushSaid is a voucher, or why there is none.
type rushSaid struct {
	voucher  id.ID
	replayed bool
	refusal  string
}

type rushState struct {
	left   int
	paused bool
	given  [rushing][2]id.ID
}

var rushModel = porcupine.Model{
	Init: func() any { return rushState{left: rushStock} },
	Step: func(before, asked, said any) (bool, any) {
		s, in, out := before.(rushState), asked.(rushAsked), said.(rushSaid)
		switch in.act {
		case "pause", "resume":
			s.paused = in.act == "pause"
			return true, s
		case "raise":
			s.left += rushMore
			return true, s
		}
		if in.n > 2 {
			return out.refusal == voucher.ErrLimit.Code, s
		}
		has := s.given[in.company][in.n-1]
		switch {
		case has != 0:
			return out.replayed && out.voucher == has, s
		case s.paused:
			return out.refusal == voucher.ErrPaused.Code, s
		case s.left == 0:
			return out.refusal == voucher.ErrSoldOut.Code, s
		case out.voucher == 0 || out.replayed:
			return false, s
		}
		for _, all := range s.given {
			if all[0] == out.voucher || all[1] == out.voucher {
				return false, s // one voucher for two
			}
		}
		s.left--
		s.given[in.company][in.n-1] = out.voucher
		return true, s
	},
}

// T-CONC-13: claims of several companies, each asked for by two people at once,
// between a pause and a raised quota, are answered as if they had come one by one.
func TestClaimsAreAnsweredAsIfOneByOne(t *testing.T) {
	vouchertest.Each(t, func(w *vouchertest.World) {
		c := w.Open(voucher.Rush, rushStock, func(d *voucher.CampaignDraft) { d.PerOrg = 2 }, w.Kind(50000, vouchertest.AnyTerms()))
		h := newHistory()
		var gone sync.Once
		soldOut := make(chan struct{})
		elsewhere := voucher.New(w.DB, w.Companies, vouchertest.Desk{}) // with a memory of its own
		claimAt := func(at *voucher.Service, company int, n int64) {
			said := h.note(rushAsked{"claim", company, n}, func() any {
				v, replayed, err := at.Claim(w.Context(), vouchertest.Company(int64(company+1)), c.Vouchers[0].ID, n)
				if err != nil {
					return rushSaid{refusal: errs.Of(err).Code}
				}
				return rushSaid{voucher: v.ID, replayed: replayed}
			})
			if said.(rushSaid).refusal == voucher.ErrSoldOut.Code {
				gone.Do(func() { close(soldOut) })
			}
		}
		claim := func(company int, n int64) { claimAt(w.Vouchers, company, n) }
		operate := func(act string, do func() error) {
			h.note(rushAsked{act: act}, func() any {
				if err := do(); err != nil {
					w.Errorf("%s: %v", act, err)
				}
				return rushSaid{}
			})
		}
		crowd := func(people *sync.WaitGroup) {
			for company := range rushing {
				for person := range int64(2) {
					people.Go(func() {
						for _, n := range []int64{1 + person, 2 - person, 3} {
							claim(company, n)
						}
					})
				}
			}
		}

		// Two have one each before the others come and the pause with them, of which
		// another process has not heard.
		claim(0, 1)
		claimAt(elsewhere, 1, 1)
		open, err := w.Vouchers.Campaign(w.Context(), c.ID)
		w.OK(err)
		var people sync.WaitGroup
		people.Go(func() {
			operate("pause", func() (err error) {
				open, err = w.Vouchers.PauseCampaign(w.Context(), vouchertest.Operator, c.ID, open.Version, "核查异常领取")
				return err
			})
		})
		people.Go(func() { claim(0, 1); claim(2, 1); claim(1, 2) })
		people.Go(func() { claimAt(elsewhere, 1, 1) })
		people.Wait()
		claimAt(elsewhere, 3, 1)
		people.Go(func() {
			operate("resume", func() (err error) {
				open, err = w.Vouchers.ResumeCampaign(w.Context(), vouchertest.Operator, c.ID, open.Version)
				return err
			})
		})
		crowd(&people)
		people.Wait()
		for company := range rushing { // whoever was refused by the pause comes again
			claim(company, 1)
			claim(company, 2)
		}
		<-soldOut
		raise := w.Asked(open, more(open, rushStock+rushMore))
		people.Go(func() { operate("raise", func() error { return w.ApproveChange(raise) }) })
		crowd(&people)
		people.Wait()
		for company := range rushing { // and as often as there is something left
			claim(company, 1)
			claim(company, 2)
		}
		h.check(w.T, rushModel)

		// The model is one that can say no: a voucher too many is not explained.
		h.note(rushAsked{"claim", rushing - 1, 2}, func() any { return rushSaid{voucher: 1} })
		if rushExplains(h) {
			w.Error("the model explains anything")
		}
	})
}

func rushExplains(h *history) bool {
	return porcupine.CheckOperationsTimeout(rushModel, h.acts, 30*time.Second) != porcupine.Illegal
}

const (
	purseRounds = 3
	purseEach   = 4 // orders in a round
	purseOrders = purseRounds * purseEach
	purseFace   = money.Fen(1000)
	purseWant   = money.Fen(300)
)

// purseAsked is what an order does with the one voucher, or a look at it.
type purseAsked struct {
	act   string // hold, release, redeem, restore, look
	order int
}

// purseSaid is what a hold took and left, or what a look saw.
type purseSaid struct{ amount, available, held, redeemed money.Fen }

type purseState struct {
	available money.Fen
	held      [purseOrders]money.Fen
	redeemed  [purseOrders]money.Fen
}

func total(parts [purseOrders]money.Fen) (sum money.Fen) {
	for _, p := range parts {
		sum += p
	}
	return sum
}

var purseModel = porcupine.Model{
	Init: func() any { return purseState{available: purseFace} },
	Step: func(before, asked, said any) (bool, any) {
		s, in, out := before.(purseState), asked.(purseAsked), said.(purseSaid)
		switch n := in.order; in.act {
		case "hold":
			takes := min(purseWant, s.available)
			s.available -= takes
			s.held[n] += takes
			return out.amount == takes && (takes == 0 || out.available == s.available), s
		case "release":
			s.available += s.held[n]
			s.held[n] = 0
		case "redeem":
			s.redeemed[n] += s.held[n]
			s.held[n] = 0
		case "restore":
			s.available += s.redeemed[n]
			s.redeemed[n] = 0
		case "look":
			return out == purseSaid{0, s.available, total(s.held), total(s.redeemed)}, s
		}
		return true, s
	},
}

// T-CONC-13: holds, releases, redemptions and restorations of one voucher by
// several orders at once, and several people at each order, are those of one purse.
func TestAVoucherIsOnePurse(t *testing.T) {
	vouchertest.Each(t, func(w *vouchertest.World) {
		c := w.Open(voucher.Rush, 1, nil, w.Kind(purseFace, vouchertest.AnyTerms()))
		v := w.Claim(1, c)
		h := newHistory()
		do := func(act string, n int) {
			order := id.ID(71 + n)
			h.note(purseAsked{act, n}, func() any {
				var err error
				switch act {
				case "hold":
					var uses []voucher.Use
					if uses, err = w.Hold(1, order, purseWant, v.ID); err == nil {
						return purseSaid{amount: uses[0].Amount, available: uses[0].BalanceAfter}
					}
					if errs.Of(err).Kind == errs.Conflict {
						err = nil // nothing is left to take
					}
				case "release":
					err = w.Do(w.Vouchers.Release, order)
				case "redeem":
					err = w.Do(w.Vouchers.Redeem, order)
				case "restore":
					if err = w.Do(w.Vouchers.Restore, order); errors.Is(err, errs.ErrInvalidState) {
						err = nil // somebody else has just done it
					}
				case "look":
					var got voucher.Voucher
					if got, err = w.Vouchers.Voucher(w.Context(), v.ID); err == nil {
						return purseSaid{0, got.Available, got.Held, got.Redeemed}
					}
				}
				if err != nil {
					w.Errorf("%s: %v", act, err)
				}
				return purseSaid{}
			})
		}
		for round := range purseRounds {
			// Each order holds; then it is paid and canceled twice at once; then what was
			// paid is given back by two.
			for _, acts := range [][]string{{"hold"}, {"redeem", "release", "release"}, {"restore", "restore", "look"}} {
				var people sync.WaitGroup
				for n := range purseEach {
					for _, act := range acts {
						people.Go(func() { do(act, round*purseEach+n) })
					}
				}
				people.Wait()
			}
			do("look", 0)
		}
		h.check(w.T, purseModel)
		w.Amounts(v) // and its page tells it so
	})
}
