package books

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/uptrace/bun"

	"smedx/internal/account"
	"smedx/internal/audit"
	"smedx/internal/codelist"
	"smedx/internal/delivery"
	"smedx/internal/file"
	"smedx/internal/fund"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/mask"
	"smedx/internal/ledger"
	"smedx/internal/order"
	"smedx/internal/review"
	"smedx/internal/voucher"
)

// Papers collects everything that is on record about one voucher, for an auditor.
type Papers struct {
	DB         *db.DB
	Funds      *fund.Service
	Vouchers   *voucher.Service
	Orders     *order.Service
	Deliveries *delivery.Service
	Files      *file.Service
}

// Dossier is what a package contains; Write sends it.
type Dossier struct {
	Title    string        `json:"title"`
	MadeAt   clock.Instant `json:"madeAt"`
	MadeBy   string        `json:"madeBy"`
	Masked   bool          `json:"masked" doc:"User names of companies and addresses are masked"`
	OK       bool          `json:"booksAgree"`
	Sections []Section     `json:"sections"`

	evidence []evidence
	files    *file.Service
	viewer   file.Viewer
}

// Section is one part of a dossier: facts, then tables.
type Section struct {
	Title  string  `json:"title"`
	Note   string  `json:"note,omitempty"`
	Facts  []Fact  `json:"facts,omitempty"`
	Tables []Table `json:"tables,omitempty"`
}

// Fact is one line of a section.
type Fact struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Table is rows with a heading. A cell of Links is the path of a file in the package.
type Table struct {
	Title string     `json:"title"`
	Head  []string   `json:"head"`
	Rows  [][]string `json:"rows"`
	Links []string   `json:"links,omitempty"` // for each row: a file of this package
	CSV   string     `json:"csv,omitempty"`   // a file of this package with the same rows
}

type evidence struct {
	path   string
	fileID id.ID
	sha256 string // as it was handed over
}

// Collect reads everything about a voucher. Who may read the audit trail sees it
// unmasked.
func (p Papers) Collect(ctx context.Context, who account.Principal, voucherID id.ID) (*Dossier, error) {
	c := collector{Papers: p, ctx: ctx, who: who, clear: who.Has(account.AuditRead)}
	d, err := c.collect(voucherID)
	if err != nil {
		return nil, err
	}
	return d, nil
}

type collector struct {
	Papers

	ctx   context.Context
	who   account.Principal
	clear bool
	d     *Dossier
	watch []watched // whose audit trail belongs to the dossier
}

type watched struct {
	kind string
	id   id.ID
}

func (c *collector) collect(voucherID id.ID) (*Dossier, error) {
	life, err := LifeOf(c.ctx, c.DB, voucherID)
	if err != nil {
		return nil, err
	}
	c.d = &Dossier{
		Title: "服务券审计资料 " + voucherID.String(), MadeAt: clock.At(c.DB.Now()), MadeBy: c.who.Username, Masked: !c.clear, OK: life.OK,
		files: c.Files, viewer: file.Viewer{UserID: c.who.UserID, Rights: []string{string(account.OrderOversee)}},
	}
	v, err := c.Vouchers.Voucher(c.ctx, voucherID)
	if err != nil {
		return nil, err
	}
	campaign, err := c.Vouchers.Campaign(c.ctx, v.CampaignID)
	if err != nil {
		return nil, err
	}
	c.watch = []watched{{"voucher", v.ID}, {"campaign", campaign.ID}, {"budget", campaign.BudgetID}}
	c.facts(v, life)
	for _, step := range []func() error{
		func() error { return c.budget(campaign.BudgetID) },
		func() error { return c.campaign(campaign) },
		func() error { return c.claim(v, campaign) },
		func() error { return c.orders(life) },
	} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	if err := c.payouts(life); err != nil {
		return nil, err
	}
	c.journal(life)
	return c.d, c.trail()
}

func (c *collector) section(s Section) { c.d.Sections = append(c.d.Sections, s) }

// person is a user of a company, as this reader may see him.
func (c *collector) person(name string) string {
	if c.clear {
		return name
	}
	return mask.Name(name)
}

func (c *collector) facts(v voucher.Voucher, life Life) {
	p := life.Parts
	agree := "各项合计等于面值，与流水账一致"
	var notes []string
	for _, one := range life.Problems {
		notes = append(notes, one.What)
	}
	if !life.OK {
		agree = "不一致：" + strings.Join(notes, "；")
	}
	c.section(Section{Title: "服务券", Facts: []Fact{
		{"服务券", v.Name}, {"编号", v.ID.String()}, {"企业", life.OrgName}, {"企业编号", v.OrgID.String()}, {"地区", life.Region},
		{"状态", audit.StateWord("voucher", string(life.Status))}, {"面值", yuan(v.FaceValue)}, {"发放时间", v.IssuedAt.Local()},
		{"有效期", v.ValidFrom.Local() + " 至 " + v.ExpiresAt.LastSecond()}, {"说明", v.Description},
	}})
	c.section(Section{Title: "资金去向", Facts: []Fact{
		{"券上可用", yuan(p.Available)}, {"订单占用", yuan(p.Held)}, {"待验收", yuan(p.Escrow)}, {"待兑付", yuan(p.Payable)}, {"已兑付", yuan(p.Paid)},
		{"已退回", yuan(p.Returned)}, {"待追回", yuan(p.Clawback)}, {"核对结果", agree},
	}})
}

func (c *collector) budget(budgetID id.ID) error {
	b, err := c.Funds.Get(c.ctx, budgetID)
	if err != nil {
		return err
	}
	c.section(Section{Title: "预算与审批", Facts: []Fact{
		{"预算", b.Name}, {"编号", b.ID.String()}, {"年度", strconv.FormatInt(b.Year, 10)}, {"金额", yuan(b.Amount)}, {"用途", b.Purpose},
		{"创建", b.CreatedName + " " + b.CreatedAt.Local()}, {"审批", b.DecidedName + " " + b.DecidedAt.Local()},
		{"结果", audit.StateWord("budget", string(b.Status))}, {"审批意见", b.Comment},
	}})
	return nil
}

func modeWord(k voucher.Campaign) string {
	if k.Draw {
		return "抽签"
	}
	return modeWords[k.Mode]
}

func (c *collector) campaign(k voucher.Campaign) error {
	s := Section{Title: "活动与审批", Facts: []Fact{
		{"活动", k.Name}, {"编号", k.ID.String()}, {"方式", modeWord(k)}, {"开始", k.OpensAt.Local()}, {"结束", k.ClosesAt.LastSecond()},
		{"状态", audit.StateWord("campaign", string(k.Status))}, {"注资", yuan(k.Funded)}, {"每家企业限领", strconv.FormatInt(k.PerOrg, 10) + " 张"},
		{"创建", k.CreatedName + " " + k.CreatedAt.Local()}, {"审批", k.ApprovedName + " " + k.ApprovedAt.Local()}, {"审批内容校验码", k.ContentHash},
	}}
	types := Table{Title: "活动的券种", Head: []string{"券种", "面值", "数量", "剩余"}}
	for _, cv := range k.Vouchers {
		types.Rows = append(types.Rows, []string{cv.Name, yuan(cv.FaceValue), strconv.FormatInt(cv.Quota, 10), strconv.FormatInt(cv.Remaining, 10)})
	}
	s.Tables = append(s.Tables, types)
	if k.CaseID != 0 {
		var steps []review.Step
		if err := c.DB.Select(&steps).Where("case_id = ?", k.CaseID).Order("id").Scan(c.ctx); err != nil {
			return err
		}
		t := Table{Title: "审批过程", Head: []string{"时间", "环节", "动作", "办理人", "原因", "意见"}}
		for _, st := range steps {
			t.Rows = append(t.Rows, []string{
				st.At.Local(), audit.StateWord("review_case", string(st.Stage)), audit.ActionWord("review." + string(st.Action)), st.UserName, st.Reason, st.Comment,
			})
		}
		s.Tables = append(s.Tables, t)
		c.watch = append(c.watch, watched{"review_case", k.CaseID})
	}
	changes, err := c.Vouchers.Changes(c.ctx, k.ID, "")
	if err != nil {
		return err
	}
	if len(changes) > 0 {
		s.Tables = append(s.Tables, changesTable(changes))
	}
	c.section(s)
	return nil
}

// changesTable is what was changed of the campaign after its approval, why and by whom, the oldest first.
func changesTable(changes []voucher.Change) Table {
	t := Table{Title: "活动变更", Head: []string{"申请时间", "申请人", "变更内容", "追加资金", "变更原因", "结果", "审批人", "审批时间", "审批意见"}}
	for _, ch := range slices.Backward(changes) {
		var what []string
		if ch.After.ClosesAt != ch.Before.ClosesAt {
			what = append(what, "结束时间由 "+ch.Before.ClosesAt.LastSecond()+" 延长至 "+ch.After.ClosesAt.LastSecond())
		}
		for i, q := range ch.After.Quotas {
			if was := ch.Before.Quotas[i].Quota; q.Quota != was {
				what = append(what, q.Name+"由 "+strconv.FormatInt(was, 10)+" 张增加至 "+strconv.FormatInt(q.Quota, 10)+" 张")
			}
		}
		t.Rows = append(t.Rows, []string{
			ch.CreatedAt.Local(), ch.CreatedName, strings.Join(what, "；"), yuan(ch.Extra), ch.Reason,
			audit.StateWord("campaign_change", string(ch.Status)), ch.DecidedName, ch.DecidedAt.Local(), ch.Comment,
		})
	}
	return t
}

func (c *collector) claim(v voucher.Voucher, k voucher.Campaign) error {
	s := Section{Title: "领取与资格", Note: "资格按发放时在用的企业认证资料判定，结果随券保存。", Facts: []Fact{
		{"当时的认证资料版本", v.Company.VersionID.String()}, {"企业规模", codelist.Label("enterprise_scale", v.Company.Size)},
		{"地区", codelist.FullLabelOf("region", v.Company.RegionCode)}, {"行业", labels(codelist.Industry, v.Company.Industries)},
	}}
	answers := Table{Title: "资格条件", Head: []string{"条件", "要求", "企业情况", "结果"}}
	for _, a := range k.Rules.Explain(v.Company) {
		result := "符合"
		if !a.Met {
			result = "不符合"
		}
		list := ruleLists[a.Rule]
		answers.Rows = append(answers.Rows, []string{ruleWords[a.Rule], labels(list, a.Want), labels(list, a.Have), result})
	}
	s.Tables = append(s.Tables, answers)
	var applications []voucher.Application
	if err := c.DB.Select(&applications).Where("a.voucher_id = ?", v.ID).Order("a.id").Scan(c.ctx); err != nil {
		return err
	}
	for _, a := range applications {
		s.Facts = append(s.Facts, Fact{"申请时间", a.AppliedAt.Local()}, Fact{"申请说明", a.Statement})
		if k.Draw {
			if err := c.draw(&s, v, a); err != nil {
				return err
			}
		} else {
			s.Facts = append(s.Facts, Fact{"办理人", a.DecidedName}, Fact{"办理时间", a.DecidedAt.Local()}, Fact{"办理意见", a.Reason})
		}
		c.watch = append(c.watch, watched{"voucher_application", a.ID})
	}
	claims, err := audit.About(c.ctx, c.DB, "voucher", v.ID, "voucher.claim", "voucher.apply", "voucher.grant", "voucher.draw")
	for _, r := range claims {
		s.Facts = append(s.Facts, Fact{audit.ActionWord(r.Action), r.At.Local() + " " + c.actor(r)})
	}
	c.section(s)
	return err
}

// draw is how the company's lot was drawn, and what proves it.
func (c *collector) draw(s *Section, v voucher.Voucher, a voucher.Application) error {
	s.Facts = append(s.Facts, Fact{"报名编号", a.ID.String()}, Fact{"中签时间", a.DecidedAt.Local()})
	d, err := c.Vouchers.DrawOf(c.ctx, c.who, v.CampaignVoucherID)
	if errors.Is(err, errs.ErrNotFound) { // it is still going on, and its seed secret
		return nil
	}
	if err != nil {
		return err
	}
	for i, l := range d.Lots {
		if l.Number == a.ID {
			s.Facts = append(s.Facts, Fact{"次序", fmt.Sprintf("第 %d 位，共 %d 家企业报名", i+1, len(d.Lots))}, Fact{"签号", l.Ticket})
		}
	}
	s.Facts = append(s.Facts, Fact{"开奖时间", d.At.Local()}, Fact{"抽签种子（开奖后公布）", d.Seed}, Fact{"种子指纹（报名前公布）", d.Commitment})
	return nil
}

func (c *collector) orders(life Life) error {
	var ids []id.ID
	seen := map[id.ID]bool{}
	for _, l := range life.Lines {
		if l.OrderID != 0 && !seen[l.OrderID] {
			seen[l.OrderID] = true
			ids = append(ids, l.OrderID)
		}
	}
	if len(ids) == 0 {
		c.section(Section{Title: "订单", Note: "这张券还没有用于任何订单。"})
	}
	// Whoever may have this package may see its orders; another permission does not count here.
	overseer := c.who
	overseer.OrgID, overseer.Permissions = 0, []account.Permission{account.OrderOversee}
	for _, orderID := range ids {
		o, err := c.Orders.Get(c.ctx, overseer, orderID)
		if err != nil {
			return err
		}
		if err := c.order(o, life.ID); err != nil {
			return err
		}
		c.watch = append(c.watch, watched{"order", orderID})
	}
	return nil
}

func (c *collector) order(o order.Detail, voucherID id.ID) error {
	invoice := []string{}
	err := c.DB.Raw(`SELECT invoice_no FROM payout_lines WHERE order_id = ? AND invoice_no <> ''`, o.ID).Scan(c.ctx, &invoice)
	if err != nil {
		return err
	}
	if len(invoice) == 0 {
		invoice = []string{"服务商没有登记"}
	}
	s := Section{Title: "订单 " + o.ID.String(), Facts: []Fact{
		{"商品", o.Title}, {"购买企业", o.BuyerName}, {"下单人", c.person(o.BuyerLogin)}, {"服务商", o.ProviderName}, {"状态", audit.StateWord("order", string(o.Status))},
		{"总价", yuan(o.PriceFen)}, {"服务券抵扣", yuan(o.RedeemedFen)}, {"现金应付", yuan(o.PayableFen)}, {"下单时间", o.PlacedAt.Local()},
		{"支付时间", o.PaidAt.Local()}, {"验收时间", o.AcceptedAt.Local()}, {"取消时间", o.CanceledAt.Local()}, {"退款时间", o.RefundedAt.Local()},
		{"付款账户户名", o.Payer}, {"发票", invoice[0]},
	}}
	lines := Table{Title: "商品快照（下单时的内容，之后的修改不影响）", Head: []string{"商品", "规格", "属性", "单价", "数量", "总价", "服务券抵扣", "商品版本", "版本校验码"}}
	for _, l := range o.Lines {
		var hash []string
		if err := c.DB.Raw(`SELECT hash FROM revisions WHERE id = ?`, l.RevisionID).Scan(c.ctx, &hash); err != nil {
			return err
		}
		lines.Rows = append(lines.Rows, []string{
			l.Name, l.PlanName, l.Attributes, yuan(l.UnitPriceFen), strconv.FormatInt(l.Quantity, 10) + unitWords[string(l.Unit)], yuan(l.PriceFen), yuan(l.RedeemedFen),
			l.RevisionID.String(), strings.Join(hash, ""),
		})
	}
	uses := Table{Title: "服务券抵扣", Head: []string{"服务券", "编号", "明细行", "金额", "本券"}}
	for _, r := range o.Redemptions {
		own := ""
		if r.VoucherID == voucherID {
			own = "是"
		}
		uses.Rows = append(uses.Rows, []string{r.Name, r.VoucherID.String(), strconv.FormatInt(r.LineNo, 10), yuan(r.AmountFen), own})
	}
	steps := Table{Title: "订单过程", Head: []string{"时间", "事项", "办理方", "之后的状态", "备注"}}
	for _, st := range o.Steps {
		steps.Rows = append(steps.Rows, []string{st.At.Local(), audit.ActionWord("order." + st.Event), roleOf(st.Role), audit.StateWord("order", string(st.ToStatus)), st.Note})
	}
	s.Tables = append(s.Tables, lines, uses, steps)
	if err := c.delivery(&s, o.ID); err != nil {
		return err
	}
	if len(o.Refunds) > 0 {
		t := Table{Title: "现金退款", Head: []string{"申请时间", "金额", "状态", "原因", "完成时间", "渠道流水号"}}
		for _, f := range o.Refunds {
			t.Rows = append(t.Rows, []string{f.CreatedAt.Local(), yuan(f.AmountFen), refundWords[string(f.Status)], f.Reason, f.DoneAt.Local(), f.TxnNo})
		}
		s.Tables = append(s.Tables, t)
	}
	c.section(s)
	return nil
}

func (c *collector) delivery(s *Section, orderID id.ID) error {
	d, rounds, err := c.Deliveries.Of(c.ctx, orderID)
	if err != nil || d == nil {
		return err
	}
	s.Facts = append(s.Facts, Fact{"交付计划", d.Plan}, Fact{"约定完成", d.PlannedAt.LastSecond()}, Fact{"开始交付", d.StartedAt.Local()})
	t := Table{Title: "交付与验收", Head: []string{"轮次", "提交时间", "交付说明", "验收结果", "验收意见", "验收时间"}}
	files := Table{Title: "交付材料", Head: []string{"轮次", "文件", "大小（字节）", "SHA-256"}}
	for _, r := range rounds {
		n := strconv.FormatInt(r.Round, 10)
		t.Rows = append(t.Rows, []string{n, r.SubmittedAt.Local(), r.Note, answerWords[r.Answer], r.Reason, r.AnsweredAt.Local()})
		for i, f := range r.Files {
			path := "delivery/" + orderID.String() + "/" + n + "-" + strconv.Itoa(i+1) + "-" + safeName(f.Name)
			files.Rows = append(files.Rows, []string{n, f.Name, strconv.FormatInt(f.Size, 10), f.SHA256})
			files.Links = append(files.Links, path)
			c.d.evidence = append(c.d.evidence, evidence{path, f.FileID, f.SHA256})
		}
	}
	s.Tables = append(s.Tables, t, files)
	return nil
}

func (c *collector) payouts(life Life) error {
	t := Table{Title: "兑付记录", Head: []string{"时间", "事项", "订单", "金额", "去向", "批次与银行流水号", "组批人", "复核人", "凭证编号"}}
	orders := []id.ID{0}
	for _, l := range life.Lines {
		orders = append(orders, l.OrderID)
	}
	var paid []struct {
		OrderID, BatchID                    id.ID
		Reference, PaidOn                   string
		CreatedName, FirstName, DecidedName string
		CreatedAt, FirstAt, DecidedAt       clock.Instant
	}
	err := c.DB.Raw(`
		SELECT l.order_id, l.batch_id, l.reference, l.paid_on, b.created_name, b.created_at, b.first_name, b.first_at, b.decided_name, b.decided_at
		FROM payout_batch_lines l JOIN payout_batches b ON b.id = l.batch_id WHERE l.status = 'paid' AND l.order_id IN (?)`, bun.List(orders)).Scan(c.ctx, &paid)
	if err != nil {
		return err
	}
	batches := map[id.ID][3]string{}
	for _, p := range paid {
		approved := p.DecidedName + " " + p.DecidedAt.Local()
		if p.FirstName != "" {
			approved = p.FirstName + " " + p.FirstAt.Local() + "；" + approved
		}
		batches[p.OrderID] = [3]string{p.BatchID.String() + " / " + p.Reference + "（" + p.PaidOn + "）", p.CreatedName + " " + p.CreatedAt.Local(), approved}
	}
	for _, l := range life.Lines {
		if l.Kind == ledger.PayoutV || l.Kind == ledger.Clawback {
			var batch [3]string
			if l.Kind == ledger.PayoutV {
				batch = batches[l.OrderID]
			}
			t.Rows = append(t.Rows, []string{l.At.Local(), l.Word, l.OrderID.String(), yuan(l.AmountFen), l.To, batch[0], batch[1], batch[2], l.EntryID.String()})
		}
	}
	s := Section{Title: "兑付"}
	if len(t.Rows) == 0 {
		s.Note = "这张券的款项还没有兑付给服务商。"
	} else {
		s.Tables = []Table{t}
	}
	c.section(s)
	return nil
}

func (c *collector) journal(life Life) {
	t := Table{Title: "流水账", Head: []string{"凭证编号", "时间", "事项", "从", "到", "金额（元）", "订单", "封存号", "封存校验码"}, CSV: "journal.csv"}
	for _, l := range life.Lines {
		order, seal := "", "待封存"
		if l.OrderID != 0 {
			order = l.OrderID.String()
		}
		if l.Seal != 0 {
			seal = strconv.FormatInt(l.Seal, 10)
		}
		t.Rows = append(t.Rows, []string{l.EntryID.String(), l.At.Local(), l.Word, l.From, l.To, l.AmountFen.String(), order, seal, l.SealHash})
	}
	c.section(Section{Title: "流水账与封存", Note: "流水账只增不改；每个封存校验码覆盖一段流水账并连接前一个，可用 smedx reconcile 重新计算核对。", Tables: []Table{t}})
}

// mostTrail is how many entries of one object's trail a package takes.
const mostTrail = 5000

func (c *collector) trail() error {
	t := Table{Title: "审计记录", Head: []string{"时间", "操作人", "角色", "来源地址", "操作", "对象", "对象编号", "内容"}, CSV: "audit.csv"}
	var records []audit.Record
	for _, w := range c.watch {
		err := audit.Each(c.ctx, c.DB, audit.Filter{ObjectKind: w.kind, ObjectID: w.id}, mostTrail, func(r audit.Record) error {
			records = append(records, r)
			return nil
		})
		if err != nil {
			return err
		}
	}
	slices.SortFunc(records, func(a, b audit.Record) int { return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.ID, b.ID)) })
	if err := c.nameNameless(records); err != nil {
		return err
	}
	for _, r := range records {
		var facts []string
		for _, f := range r.Facts() {
			facts = append(facts, f.Name+"："+f.Value)
		}
		ip := r.IP
		if !c.clear && ip != "" {
			ip = "***"
		}
		t.Rows = append(t.Rows, []string{
			r.At.Local(), c.actor(r), roleOf(r.Role), ip, audit.ActionWord(r.Action), audit.ObjectWord(r.ObjectKind), r.ObjectID.String(), strings.Join(facts, "；"),
		})
	}
	c.section(Section{Title: "审计记录", Tables: []Table{t}})
	return nil
}

// nameNameless names who paid through a gateway: its notice knows the account alone.
func (c *collector) nameNameless(records []audit.Record) error {
	ids := []id.ID{0}
	for _, r := range records {
		if r.UserID != 0 && r.ActorName == "" {
			ids = append(ids, r.UserID)
		}
	}
	var users []struct {
		ID       id.ID
		Username string
	}
	if err := c.DB.Raw(`SELECT id, username FROM users WHERE id IN (?)`, bun.List(ids)).Scan(c.ctx, &users); err != nil {
		return err
	}
	for i, r := range records {
		for _, u := range users {
			if r.ActorName == "" && r.UserID == u.ID {
				records[i].ActorName = u.Username
			}
		}
	}
	return nil
}

// actor is who did something: staff by name, users of companies as this reader may see them.
func (c *collector) actor(r audit.Record) string {
	switch {
	case r.UserID == 0:
		return "系统"
	case r.ActorName == "":
		return "账号 " + r.UserID.String()
	case r.OrgID != 0:
		return c.person(r.ActorName)
	}
	return r.ActorName
}

func roleOf(role string) string {
	if role == "" {
		return "系统"
	}
	return audit.StateWord("", role)
}

func labels(list string, codes []string) string {
	var out []string
	for _, code := range codes {
		if list == "region" {
			out = append(out, codelist.FullLabelOf(list, code))
		} else {
			out = append(out, codelist.Label(list, code))
		}
	}
	return strings.Join(out, "、")
}

// safeName is a file's name that can stand in a path on every system.
func safeName(name string) string {
	return strings.TrimLeft(strings.Map(func(r rune) rune {
		if r < ' ' || strings.ContainsRune(`/\:*?"<>|`, r) {
			return '_'
		}
		return r
	}, name), ".")
}
