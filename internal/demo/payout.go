package demo

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"smedx/internal/account"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/id"
	"smedx/internal/kit/page"
	"smedx/internal/settlement"
)

// payouts puts the settlement on the agenda: accounts, a batch that is paid, one
// that waits for its release, a line on hold, and a claw-back of the paid one.
// What was accepted later is left open.
func (l *loader) payouts() {
	banks := []string{"中国工商银行深圳高新园支行", "中国建设银行广州天河支行", "中国农业银行佛山分行营业部", "招商银行东莞松山湖支行"}
	for i, p := range l.data.Providers {
		l.on(70-float64(i), "account of "+p.Key, func() error {
			who := l.companies[p.Key]
			if who.OrgID == 0 || l.Orgs.RequireVerified(l.ctx, l.DB, who.OrgID) != nil {
				return nil // not a provider yet
			}
			_, err := l.Payouts.ChangeAccount(l.ctx, who, 0, settlement.AccountDraft{Bank: banks[i%len(banks)], Number: "62220210010" + fmt.Sprintf("%08d", 20260100+i*37)})
			return err
		})
	}
	l.on(1.2, "payouts", l.payout)
}

// payout works off what is due, the oldest first.
func (l *loader) payout() error {
	due, _, err := l.Payouts.List(l.ctx, settlement.Filter{Ready: true}, page.Query{})
	if err != nil {
		return err
	}
	slices.Reverse(due)
	byProvider := map[id.ID][]settlement.Item{}
	var order []id.ID
	for _, d := range due {
		if d.VoucherFen == 0 {
			continue
		}
		if list, err := l.Payouts.Accounts(l.ctx, d.ProviderOrg); err != nil || len(list) == 0 {
			if err != nil {
				return err
			}
			continue
		}
		if byProvider[d.ProviderOrg] == nil {
			order = append(order, d.ProviderOrg)
		}
		byProvider[d.ProviderOrg] = append(byProvider[d.ProviderOrg], d)
	}
	prepare, release := l.staff["operator_demo"], l.staff["department_demo"]
	for n, provider := range order {
		lines := byProvider[provider]
		switch n {
		case 0:
			if err := l.paidOut(prepare, release, lines[0]); err != nil {
				return err
			}
		case 1:
			if _, err := l.waiting(prepare, lines[0]); err != nil {
				return err
			}
		case 2:
			if err := l.Payouts.PutOnHold(l.ctx, prepare, lines[0].OrderID, "抽查交付资料，请补充部署记录。"); err != nil {
				return err
			}
		}
	}
	return nil
}

func (l *loader) waiting(who account.Principal, line settlement.Item) (settlement.Batch, error) {
	made, err := l.Payouts.CreateBatches(l.ctx, who, []id.ID{line.OrderID})
	if err != nil {
		return settlement.Batch{}, err
	}
	return made[0], l.Payouts.SubmitBatch(l.ctx, who, made[0].ID, made[0].Version)
}

func (l *loader) paidOut(prepare, release account.Principal, line settlement.Item) error {
	b, err := l.waiting(prepare, line)
	if err != nil {
		return err
	}
	if err := l.Payouts.Decide(l.ctx, release, b.ID, b.Version+1, settlement.Approve, "材料齐全，同意兑付。"); err != nil {
		return err
	}
	if err := l.Payouts.Export(l.ctx, release, b.ID, b.Version+2); err != nil {
		return err
	}
	if _, _, err := l.Payouts.BankFile(l.ctx, release, b.ID); err != nil {
		return err
	}
	day := l.DB.Now().In(clock.Shanghai)
	err = l.Payouts.Record(l.ctx, release, b.ID, []id.ID{line.OrderID}, settlement.Outcome{
		Paid: true, Reference: day.Format("20060102") + strconv.Itoa(1001), PaidOn: day.Format(time.DateOnly),
	})
	if err != nil {
		return err
	}
	amount := max(line.VoucherFen/10, 1)
	c, err := l.Payouts.ProposeClawback(l.ctx, prepare, line.OrderID, amount, "核查发现一项培训未开展，按比例追回。")
	if err != nil {
		return err
	}
	return l.Payouts.DecideClawback(l.ctx, release, c.ID, c.Version, settlement.ClawApprove, "情况属实。")
}
