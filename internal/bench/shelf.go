package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"

	"smedx/internal/app"
	"smedx/internal/catalog"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
	"smedx/internal/org"
)

// each provider has this many offerings.
const offeringsEach = 20

// prepare puts the offerings on sale as their approval leaves them, before the
// server starts.
func (c Catalogue) prepare(ctx context.Context, p *place) (ids []string, err error) {
	a, err := app.Open(ctx, p.config, true)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, a.DB.Close()) }()
	draw := rand.New(rand.NewPCG(1, 2)) // the same shelf each time
	for len(ids) < c.Offerings {
		from, to := len(ids), min(len(ids)+companiesAtOnce, c.Offerings)
		var made []string
		err := a.DB.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
			made = nil
			var seller id.ID
			for n := from; n < to; n++ {
				if n%offeringsEach == 0 || seller == 0 {
					if seller, err = provider(ctx, tx, n/offeringsEach); err != nil {
						return err
					}
				}
				o, err := offer(ctx, tx, seller, n, draw)
				if err != nil {
					return err
				}
				made = append(made, o.String())
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		ids = append(ids, made...)
	}
	return ids, a.DB.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE versions SET value = 1 WHERE name = 'catalog'`)
		return err
	})
}

var cities = []string{"330100", "330200", "330300", "320500", "350200", "440100", "370200"}

// provider writes a company as its verification leaves it.
func provider(ctx context.Context, tx *db.Tx, n int) (id.ID, error) {
	now := clock.At(tx.Now())
	o := org.Organization{
		ID: id.New(), Kind: org.KindProvider, Verification: org.Verified, Name: fmt.Sprintf("杭州智造%06d科技有限公司", n),
		USCC: creditCode(n), RegionCode: cities[n%len(cities)], CurrentVersion: id.New(), VerifiedAt: now, CreatedAt: now,
	}
	v := org.Version{
		ID: o.CurrentVersion, OrgID: o.ID, Seq: 1, Form: "1", Year: 2026, Answers: "{}", Name: o.Name, USCC: o.USCC, RegionCode: o.RegionCode,
		Facts: `{"region":"` + o.RegionCode + `","industries":["65"],"size":"small","legalRep":"","phone":"","related":[],"uscc":"` + o.USCC + `"}`, SubmittedAt: now,
	}
	if _, err := tx.Insert(&o).Exec(ctx); err != nil {
		return 0, err
	}
	_, err := tx.Insert(&v).Exec(ctx)
	return o.ID, err
}

// offer writes one offering that is on sale.
func offer(ctx context.Context, tx *db.Tx, seller id.ID, n int, draw *rand.Rand) (id.ID, error) {
	content := shelfContent(n, draw)
	text, err := json.Marshal(content)
	if err != nil {
		return 0, err
	}
	now := clock.At(tx.Now())
	o := catalog.Offering{
		ID: id.New(), OrgID: seller, Kind: catalog.Solution, Status: catalog.Listed, WorkFields: "[]", LiveRevision: id.New(), Name: shelfName(n),
		Version: 1, LastNumber: 1, CreatedAt: now, UpdatedAt: now, ListedAt: now.Add(-1), Sales: int64(draw.IntN(500)),
		ScoreSum: int64(30 + draw.IntN(20)), ScoreCount: 10, IndexVersion: 1,
	}
	r := catalog.Revision{
		ID: o.LiveRevision, OfferingID: o.ID, Number: 1, Status: catalog.RevLive, Content: string(text), Version: 1,
		CreatedAt: now, UpdatedAt: now, SubmittedAt: now, ApprovedAt: now,
	}
	if _, err := tx.Insert(&o).Exec(ctx); err != nil {
		return 0, err
	}
	if _, err := tx.Insert(&r).Exec(ctx); err != nil {
		return 0, err
	}
	for _, p := range content.Plans {
		_, err := tx.Exec(ctx, `INSERT INTO plans (id, offering_id, revision_id, position, name, attributes, instant, active) VALUES (?, ?, ?, 0, ?, '', ?, ?)`,
			p.ID, o.ID, r.ID, p.Name, false, true)
		if err != nil {
			return 0, err
		}
		for _, price := range p.Prices {
			if _, err := tx.Exec(ctx, `INSERT INTO plan_prices (plan_id, unit, price_fen) VALUES (?, ?, ?)`, p.ID, price.Unit, *price.PriceFen); err != nil {
				return 0, err
			}
		}
	}
	_, err = tx.Exec(ctx, `UPDATE offerings SET shared_sales = sales WHERE id = ?`, o.ID)
	return o.ID, err
}

var (
	shelfObjects = []string{"排产", "质量追溯", "设备联网", "仓储物流", "能耗", "工艺", "模具", "刀具", "采购协同", "客户服务", "财务", "人事", "安全生产", "供应链"}
	shelfKinds   = []string{"管理系统", "云平台", "一体机", "诊断服务", "培训", "专家系统", "看板", "小程序"}
	shelfTexts   = []string{
		"帮助中小企业提升交付准时率，减少插单带来的混乱。", "与既有设备无缝对接，支持远程部署，不停产上线。", "按工序采集数据，异常及时提醒到人。",
		"一物一码，正反追溯，客户查询只需扫码。", "用手机即可报工，老师傅也能用。", "减少库存占用，缩短交付周期，账实随时相符。",
	}
)

func shelfName(n int) string {
	return fmt.Sprintf("%s%s%d型", shelfObjects[n%len(shelfObjects)], shelfKinds[n/len(shelfObjects)%len(shelfKinds)], n)
}

// shelfContent has about as much text as a provider writes.
func shelfContent(n int, draw *rand.Rand) catalog.Content {
	pick := func(from ...string) string { return from[draw.IntN(len(from))] }
	price := money.Fen(10_000 * (1 + draw.IntN(500)))
	var story strings.Builder
	for range 8 {
		story.WriteString("<p>" + pick(shelfTexts...) + pick(shelfTexts...) + "</p>")
	}
	c := catalog.Content{
		Name: shelfName(n), Product: shelfObjects[n%len(shelfObjects)] + "宝", Section: "solution", Tags: []string{pick("saas", "ai", "cloud"), "mobile"},
		Categories: []string{pick("planning", "quality", "process_design")}, Industries: []string{pick("34", "35", "33", "14"), "36"}, DeliveryCycle: "w1",
		Page: catalog.Page{
			Banner: catalog.Banner{Title: shelfName(n), Intro: pick(shelfTexts...) + pick(shelfTexts...)}, Modules: []string{"details", "cases", "support"},
			Highlights: shelfTexts[:4], Description: story.String(), Media: []id.ID{}, CasesTitle: "用户案例",
			Support: catalog.Support{Hours: "工作日 8:30-18:00", Content: "两小时内响应。", Hotline: "400-000-0000", Mail: "help@example.com"},
		},
		Plans: []catalog.Plan{{
			ID: id.New(), Name: "标准版", Attributes: []catalog.Attribute{{Name: "用户数", Value: "50"}}, Pricing: catalog.Simple,
			Prices: []catalog.Price{{Unit: catalog.Year, PriceFen: &price}},
		}},
	}
	for i := range catalog.CaseCount {
		c.Cases = append(c.Cases, catalog.CaseStudy{Customer: fmt.Sprintf("示例企业%d", i+1), Story: pick(shelfTexts...) + pick(shelfTexts...)})
	}
	return c
}
