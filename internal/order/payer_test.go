package order

import "testing"

func TestWhoseAccountPaid(t *testing.T) {
	o := Order{BuyerName: "厦门示例机械（集团）有限公司", ProviderName: "示例软件有限公司"}
	for holder, want := range map[string]struct {
		by    PaidBy
		shown string
	}{
		"":   {PaidByUnknown, ""},
		"  ": {PaidByUnknown, ""},
		"厦门示例机械（集团）有限公司":    {PaidByBuyer, "厦门示例机械（集团）有限公司"},
		" 厦门示例机械(集团) 有限公司 ": {PaidByBuyer, "厦门示例机械(集团) 有限公司"},
		"示例软件有限公司":          {PaidByProvider, "示例软件有限公司"},
		"示例机械有限公司":          {PaidByOther, "示例机械有限公司"},
		"张三丰":               {PaidByOther, "张**"},
		"阿不都热依木·买买提":        {PaidByOther, "阿**"},
		"李行所":               {PaidByOther, "李**"},
	} {
		if by := paidBy(o, holder); by != want.by {
			t.Errorf("%q: %q, not %q", holder, by, want.by)
		}
		if want.by != PaidByUnknown && shownHolder(holder) != want.shown {
			t.Errorf("%q is shown as %s", holder, shownHolder(holder))
		}
	}
}
