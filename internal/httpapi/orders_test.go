package httpapi

import (
	"testing"

	"smedx/internal/account"
	"smedx/internal/kit/id"
	"smedx/internal/order"
)

// Whose account paid concerns the buyer and who watches over vouchers, not the provider.
func TestTheProviderIsNotToldWhoseAccountPaid(t *testing.T) {
	d := order.Detail{Listed: order.Listed{Order: order.Order{BuyerOrg: 1, ProviderOrg: 2, Payer: "张**", PaidBy: order.PaidByOther}}}
	for orgID, told := range map[id.ID]bool{1: true, 2: false, 0: true} {
		v := orderDetailView(account.Principal{UserID: 9, OrgID: orgID}, d)
		if (v.Payer != "") != told || (v.PaidBy != "") != told {
			t.Errorf("%v is told %q %q", orgID, v.Payer, v.PaidBy)
		}
	}
}
