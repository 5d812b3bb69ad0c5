package settlement_test

import (
	"context"
	"testing"

	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/order/ordertest"
	"smedx/internal/settlement"
	"smedx/internal/voucher"
)

// stopped are companies none of which is verified any more.
type stopped struct{ ordertest.Firms }

func (stopped) RequireVerified(context.Context, db.Reader, id.ID) error { return voucher.ErrUnverified }

// Nothing is paid to a provider whose verification is not in force, whatever was
// prepared before, and the refusal names it.
func TestAStoppedProviderGetsNoBatch(t *testing.T) {
	each(t, func(w *stage) {
		order := w.accepted(1, 20_000)
		w.account("6222 0210 0100 1234")
		w.s.Firms = stopped{}
		_, err := w.s.CreateBatches(w.Context(), preparer, []id.ID{order})
		w.Refused(err, settlement.ErrProviderStopped)
		if name, _ := errs.Of(err).Params["provider"].(string); name == "" {
			w.Errorf("the refusal does not say whose: %+v", errs.Of(err))
		}
		w.s.Firms = ordertest.Firms{}
		b := w.batch(order)
		w.s.Firms = stopped{}
		w.Refused(w.s.SubmitBatch(w.Context(), preparer, b.ID, 1), settlement.ErrProviderStopped)
		w.s.Firms = ordertest.Firms{}
		w.OK(w.s.SubmitBatch(w.Context(), preparer, b.ID, 1))
		w.s.Firms = stopped{}
		w.Refused(w.s.Decide(w.Context(), releaser, b.ID, 2, settlement.Approve, ""), settlement.ErrProviderStopped)
		w.OK(w.s.Decide(w.Context(), releaser, b.ID, 2, settlement.Reject, "认证已暂停"))
	})
}
