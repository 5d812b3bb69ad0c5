package demo

import (
	"bytes"
	"errors"
	"fmt"
	"html"
	"math"
	"slices"
	"strconv"
	"strings"

	"smedx/internal/account"
	"smedx/internal/catalog"
	"smedx/internal/file"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
	"smedx/internal/review"
)

// listings puts every solution on the agenda: handed in, reviewed in three
// stages, on sale five days later; and the new versions of those on sale.
func (l *loader) listings() {
	for i, s := range l.data.Solutions {
		l.on(float64(s.AgeDays), "offer "+s.Key, func() error { return l.offer(s, i) })
		if s.Next != nil {
			l.on(float64(s.Next.AgeDays), "new version of "+s.Key, func() error { return l.change(s, i) })
		}
	}
}

// handover is a version on its way: whose, how far it gets, and what is said on the way.
type handover struct {
	key, state, stage string
	opinion           string
	marks             []string
	n                 int // place in the data set, which hours and scores follow from
	who               account.Principal
	offering          id.ID
	caseID            id.ID
}

func (l *loader) offer(s Solution, n int) error {
	who := l.companies[s.Provider]
	w, err := l.Catalog.Create(l.ctx, who, catalog.Solution)
	if err != nil {
		return err
	}
	c, err := l.content(s)
	if err != nil {
		return err
	}
	saved, err := l.Catalog.SaveDraft(l.ctx, who, w.Offering.ID, w.Revision.Version, c)
	if err != nil || s.State == "draft" {
		return err
	}
	l.offerings[s.Key] = offering{w.Offering.ID, saved.Plans}
	return l.handIn(handover{
		key: s.Key, state: s.State, stage: s.Stage, opinion: s.Opinion, marks: s.Marks, n: n, who: who, offering: w.Offering.ID,
	}, saved.Version)
}

// change opens a new version of what is on sale.
func (l *loader) change(s Solution, n int) error {
	who, v, on := l.companies[s.Provider], s.Next, l.offerings[s.Key].id
	w, err := l.Catalog.Revise(l.ctx, who, on)
	if err != nil {
		return err
	}
	c := w.Content
	c.Page.Highlights = append([]string{v.Highlight}, c.Page.Highlights...)
	for i := range c.Plans {
		for j := range c.Plans[i].Prices {
			if old := c.Plans[i].Prices[j].PriceFen; old != nil && v.Raise > 0 {
				dearer := *old + *old*money.Fen(v.Raise)/100
				c.Plans[i].Prices[j].PriceFen = &dearer
			}
		}
	}
	saved, err := l.Catalog.SaveDraft(l.ctx, who, on, w.Revision.Version, c)
	if err != nil || v.State == "draft" {
		return err
	}
	return l.handIn(handover{
		key: s.Key, state: v.State, stage: v.Stage, opinion: v.Opinion, marks: v.Marks, n: n, who: who, offering: on,
	}, saved.Version)
}

// handIn submits a version and lets the operator open it about a day later.
func (l *loader) handIn(h handover, version int64) error {
	o, err := l.Catalog.Submit(l.ctx, h.who, h.offering, version)
	if err != nil {
		return err
	}
	if h.caseID, err = l.caseOf(review.KindListing, o.ID); err != nil {
		return err
	}
	if h.state == "withdrawn" {
		l.after(l.later(20), "withdraw "+h.key, func() error {
			_, err := l.Reviews.Withdraw(l.ctx, h.who, h.caseID)
			return err
		})
		return nil
	}
	if h.state == "in_review" && h.stage == "operator" {
		return nil // still at the operator's desk
	}
	l.after(l.later(23+float64(h.n%5)/2), "first review of "+h.key, func() error { return l.judge(h) })
	return nil
}

// judge is the way through the three stages.
func (l *loader) judge(h handover) error {
	if h.stage == "operator" {
		return l.sendBack(l.operator(), h)
	}
	// What the experts have lies with three who are known, so that each of them shows another state of it.
	var panel []id.ID
	if h.stage == "experts" {
		for _, who := range l.experts[:3] {
			panel = append(panel, who.UserID)
		}
	}
	if err := l.decide(l.operator(), h.caseID, review.Decision{
		Action: review.Approve, Verdict: review.Verdict{Comment: "材料完整，案例与说明相符，提请专家评审。"}, Experts: panel,
	}); err != nil {
		return err
	}
	if h.stage == "experts" {
		l.after(l.later(24), "experts begin with "+h.key, func() error {
			if err := l.vote(h.caseID, h.n, l.experts[2]); err != nil {
				return err
			}
			return l.Reviews.Declare(l.ctx, l.experts[1], h.caseID)
		})
		return nil
	}
	l.after(l.later(48), "experts on "+h.key, func() error {
		if err := l.vote(h.caseID, h.n, l.experts...); err != nil || h.state == "in_review" {
			return err // the department has it
		}
		l.after(l.later(25), "final review of "+h.key, func() error { return l.conclude(h) })
		return nil
	})
	return nil
}

// conclude is the department's decision, and what follows from it.
func (l *loader) conclude(h handover) error {
	department := l.staff["department_demo"]
	if h.stage == "department" {
		return l.sendBack(department, h)
	}
	err := l.decide(department, h.caseID, review.Decision{Action: review.Approve, Verdict: review.Verdict{Comment: "同意上架。"}})
	if err != nil || h.state != "delisted" {
		return err
	}
	l.after(l.later(24*60), "delist "+h.key, func() error {
		_, err := l.Catalog.Delist(l.ctx, h.who, h.offering, h.opinion)
		return err
	})
	return nil
}

// sendBack rejects, or returns with what is to be corrected.
func (l *loader) sendBack(who account.Principal, h handover) error {
	d := review.Decision{Action: review.Reject, Verdict: review.Verdict{Reason: "unclear", Comment: h.opinion}}
	if h.state == "returned" {
		d.Action, d.Verdict.Reason, d.Verdict.Fields = review.Return, "inconsistent", h.marks
		if strings.HasPrefix(h.marks[0], "/plans") {
			d.Verdict.Reason = "price"
		}
	}
	return l.decide(who, h.caseID, d)
}

// vote lets these experts declare and score, as far as they sit on the panel.
func (l *loader) vote(caseID id.ID, n int, experts ...account.Principal) error {
	seated := 0
	for i, who := range experts {
		c, err := l.Reviews.Find(l.ctx, who, caseID)
		if errors.Is(err, errs.ErrNotFound) {
			continue // not drawn for this panel
		}
		if err != nil {
			return err
		}
		seated++
		if err := l.Reviews.Declare(l.ctx, who, caseID); err != nil {
			return err
		}
		scores := map[string]int64{}
		for j, criterion := range review.Criteria {
			scores[criterion.Code] = int64(76 + (n*7+i*5+j*3)%20)
		}
		err = l.Reviews.Vote(l.ctx, who, caseID, review.Ballot{
			Scores: scores, Pass: true, ContentHash: c.Case.ContentHash,
			Comment: []string{"方案贴合中小企业实际，实施路径清晰。", "案例可信，建议进一步量化成效。", "产品成熟度较好，服务保障到位。", "性价比合理，适合轻量起步。", "数据边界说明清楚，同意推荐。"}[i%5],
		})
		if err != nil {
			return err
		}
	}
	if seated == 0 {
		return fmt.Errorf("case %v has no panel", caseID)
	}
	return nil
}

// caseOf finds the pending case of a subject in the operator's inbox.
func (l *loader) caseOf(kind review.Kind, subject id.ID) (caseID id.ID, err error) {
	err = l.DB.Raw(`SELECT id FROM review_cases WHERE kind = ? AND subject_id = ? AND status = 'pending'`, kind, subject).Scan(l.ctx, &caseID)
	return caseID, err
}

func (l *loader) content(s Solution) (catalog.Content, error) {
	who := l.companies[s.Provider]
	at := slices.IndexFunc(l.data.Providers, func(p Provider) bool { return p.Key == s.Provider })
	p := l.data.Providers[at]
	class := s.Categories[0]
	var err error
	save := func(purpose file.Purpose, name, key string) (i id.ID) {
		if err == nil {
			i, err = l.once(who, purpose, name, key)
		}
		return i
	}
	cover := save(file.Cover, "展示图.jpg", "cover-"+s.Key)
	banner := save(file.ProductMedia, "横幅.jpg", "banner-"+s.Key)
	screen := save(file.ProductMedia, "产品截图.jpg", "screen-"+class)
	if err != nil {
		return catalog.Content{}, err
	}
	// A document of its own: who may read it follows from the case it was handed in with.
	document, err := l.picture(who, file.CaseDoc, "案例介绍.pdf", "case-"+class)
	if err != nil {
		return catalog.Content{}, err
	}
	c := catalog.Content{
		Name: s.Name, Product: s.Product, Section: "solution", CoverFile: cover, Categories: s.Categories, Industries: s.Industries,
		Tags:     s.Tags,
		PriceLow: s.PriceRange[0], PriceHigh: s.PriceRange[1], DeliveryCycle: s.Cycle, DeliveryEffort: s.Effort,
		Contact: catalog.Contact{Name: p.Contact, ByPhone: true, Phone: p.Phone, ByMail: true, Mail: p.Email},
		Page: catalog.Page{
			Banner:     catalog.Banner{Title: s.Name, Intro: s.Introduction, Image: banner},
			Highlights: s.Highlights, Description: l.description(s), Media: []id.ID{screen}, CasesTitle: "用户案例",
			Support: catalog.Support{
				Hours:   "工作日 8:30-18:00，紧急问题 7×24 小时受理",
				Content: "提供电话、远程和现场三种支持方式；标准问题两小时内响应，影响生产的问题四小时内给出处置方案；服务期内免费升级。",
				Hotline: p.Hotline, Mail: p.Email,
			},
		},
	}
	for _, k := range s.Cases {
		output, sale, tenths := wan(k.Output), wan(k.Sale), int64(math.Round(number(k.Months)*10))
		c.Cases = append(c.Cases, catalog.CaseStudy{
			Customer: k.Customer, OutputFen: &output, SalesFen: &sale, MonthTenths: &tenths, Story: k.Story, Document: document, Image: screen,
		})
	}
	for _, x := range s.Plans {
		plan := catalog.Plan{Name: x.Name, Pricing: catalog.Simple, Instant: x.Delivery == "instant"}
		if x.Free {
			plan.Pricing = catalog.Free
		}
		for _, name := range sorted(x.Attributes) {
			plan.Attributes = append(plan.Attributes, catalog.Attribute{Name: name, Value: x.Attributes[name]})
		}
		for _, price := range []struct {
			unit catalog.BillingUnit
			fen  *int64
		}{{catalog.Year, x.YearFen}, {catalog.Month, x.MonthFen}, {catalog.Unit, x.UnitFen}} {
			if price.fen != nil {
				amount := money.Fen(*price.fen)
				plan.Prices = append(plan.Prices, catalog.Price{Unit: price.unit, PriceFen: &amount})
			}
		}
		c.Plans = append(c.Plans, plan)
	}
	return c, nil
}

// description is 服务特点, 服务内容 and 注意事项.
func (l *loader) description(s Solution) string {
	if s.Description == "" {
		return "" // not written yet
	}
	class := l.data.Categories[s.Categories[0]]
	var b strings.Builder
	fmt.Fprintf(&b, "<h3>服务特点</h3><p>%s</p><h3>服务内容</h3><ul>", html.EscapeString(s.Description))
	for _, x := range class.Content {
		fmt.Fprintf(&b, "<li>%s</li>", html.EscapeString(x))
	}
	b.WriteString("</ul><h3>注意事项</h3><ol>")
	for _, x := range class.Notes {
		fmt.Fprintf(&b, "<li>%s</li>", html.EscapeString(x))
	}
	b.WriteString("</ol>")
	return b.String()
}

// pdfOf wraps a JPEG as a document of one page.
func pdfOf(jpeg []byte, w, h int) []byte {
	var b bytes.Buffer
	var at []int
	object := func(body string) {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", len(at), body)
	}
	b.WriteString("%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
	object("<< /Type /Catalog /Pages 2 0 R >>")
	object("<< /Type /Pages /Kids [3 0 R] /Count 1 >>")
	object(fmt.Sprintf("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %d %d] /Resources << /XObject << /P 4 0 R >> >> /Contents 5 0 R >>", w, h))
	object(fmt.Sprintf("<< /Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /DCTDecode /Length %d >>\nstream\n%s\nendstream", w, h, len(jpeg), jpeg))
	draw := fmt.Sprintf("%d 0 0 %d 0 0 cm /P Do", w, h)
	object(fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", len(draw), draw))
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(at)+1)
	for _, o := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", o)
	}
	fmt.Fprintf(&b, "trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(at)+1, start)
	return b.Bytes()
}

// wan reads "8640.00" (万元) into fen.
func wan(s string) money.Fen { return money.Fen(math.Round(number(s) * 1_000_000)) }

func number(s string) float64 {
	n, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return 0 // the data test keeps numbers readable
	}
	return n
}

func sorted(m map[string]string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}
