package httpapi

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"smedx/internal/audit"
	"smedx/internal/books"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
	"smedx/internal/kit/page"
	"smedx/internal/kit/sheet"
	"smedx/internal/voucher"
)

func (a *API) bookRoutes() {
	route(a, op{"fundOverview", http.MethodGet, "/fund-overview", "fund", "Where all voucher money is, by the journal"}, a.fundOverview)
	route(a, op{"exportFundOverview", http.MethodGet, "/fund-overview.xlsx", "fund", "The overview as an Excel file"}, a.exportFundOverview)
	route(a, op{"listIssuedVouchers", http.MethodGet, "/issued-vouchers", "fund", "All vouchers, newest first"}, a.listIssuedVouchers)
	route(a, op{"exportIssuedVouchers", http.MethodGet, "/issued-vouchers.xlsx", "fund", "The list of vouchers as an Excel file"}, a.exportIssuedVouchers)
	route(a, op{"readIssuedVoucher", http.MethodGet, "/issued-vouchers/{id}", "fund", "One voucher with every movement of its money"}, a.readIssuedVoucher)
	route(a, op{"downloadDossier", http.MethodGet, "/issued-vouchers/{id}/dossier.zip", "fund", "Everything that is on record about a voucher, for an auditor"}, a.downloadDossier)
	route(a, op{"readStatement", http.MethodGet, "/statements/{of}/{id}", "fund", "Statement of a voucher, campaign, company or provider"}, a.readStatement)
	route(a, op{"exportStatement", http.MethodGet, "/statements/{of}/{id}/lines.xlsx", "fund", "A statement as an Excel file"}, a.exportStatement)
	route(a, op{"readOwnStatement", http.MethodGet, "/my-statement", "voucher", "Statement of the caller's company, or of one of its vouchers"}, a.readOwnStatement)
	route(a, op{"exportOwnStatement", http.MethodGet, "/my-statement.xlsx", "voucher", "The own statement as an Excel file"}, a.exportOwnStatement)
}

// ScopeQuery says what an overview is about; nothing means all budgets.
type ScopeQuery struct {
	BudgetID   id.Param `query:"budgetId"`
	CampaignID id.Param `query:"campaignId"`
}

func (q ScopeQuery) scope() books.Scope {
	return books.Scope{BudgetID: q.BudgetID.ID, CampaignID: q.CampaignID.ID}
}

func (a *API) fundOverview(ctx context.Context, in *ScopeQuery) (*body[books.Overview], error) {
	return reply(books.Look(ctx, a.DB, in.scope()))
}

var rowKindWords = map[string]string{"budget": "预算", "campaign": "活动", "type": "券种"}

func (a *API) exportFundOverview(ctx context.Context, in *ScopeQuery) (*huma.StreamResponse, error) {
	all, err := books.Look(ctx, a.DB, in.scope())
	if err != nil {
		return nil, err
	}
	head := []string{rowKindWords[all.RowsAre], "金额（元）", "未安排", "未发放", "券上可用", "订单占用", "待验收", "待兑付", "已兑付", "待追回", "已退回"}
	campaigns := all.RowsAre == "campaign"
	if campaigns {
		head = append(head, "退回预算")
	}
	return a.sheet(ctx, "资金总览", "fund.export_overview", append(head, "已发放张数", "账目"), func(out *sheet.Writer) error {
		put := func(name string, r books.Row, back money.Fen) error {
			ok := "一致"
			if !r.OK {
				ok = "不一致"
			}
			row := []any{name}
			for _, f := range []money.Fen{r.AmountFen, r.FreeFen, r.Unissued, r.Available, r.Held, r.Escrow, r.Payable, r.Paid, r.Clawback, r.Returned - back} {
				row = append(row, inYuan(f))
			}
			if campaigns {
				row = append(row, inYuan(back))
			}
			return out.Row(append(row, r.Vouchers, ok)...)
		}
		var sum books.Row
		for _, r := range all.Rows {
			if !campaigns {
				r.ReleasedFen = 0 // free again: of a budget it is no part of what was returned
			}
			if err := put(r.Name, r, r.ReleasedFen); err != nil {
				return err
			}
			sum.Add(r)
		}
		if !campaigns {
			return put("合计", all.Total, 0)
		}
		sum.OK = all.Total.OK
		if err := put("合计", sum, sum.ReleasedFen); err != nil {
			return err
		}
		return put("预算（退回预算的资金计入未安排）", all.Total, 0)
	})
}

// IssuedQuery narrows the list of issued vouchers.
type IssuedQuery struct {
	ScopeQuery

	TypeID  id.Param       `query:"typeId" doc:"Voucher of a campaign"`
	Status  voucher.Status `query:"status" enum:",active,exhausted,frozen,expired,revoked"`
	Company string         `query:"company" maxLength:"100" doc:"Part of a company's name, or its credit code"`
	Region  string         `query:"region" maxLength:"6" doc:"Region code; everything below it counts"`
}

func (q IssuedQuery) filter() books.Filter {
	return books.Filter{
		BudgetID: q.BudgetID.ID, CampaignID: q.CampaignID.ID, CampaignVoucherID: q.TypeID.ID, Status: q.Status, Company: q.Company, Region: q.Region,
	}
}

func (a *API) listIssuedVouchers(ctx context.Context, in *struct {
	page.Query
	IssuedQuery
}) (*body[page.Of[books.Issued]], error) {
	return reply(books.Vouchers(ctx, a.DB, in.filter(), in.Query))
}

var voucherWords = map[voucher.Status]string{
	voucher.Active: "可使用", voucher.Exhausted: "已用完", voucher.Frozen: "已冻结", voucher.Expired: "已过期", voucher.Revoked: "已作废",
}

func (a *API) exportIssuedVouchers(ctx context.Context, in *IssuedQuery) (*huma.StreamResponse, error) {
	return a.sheet(ctx, "服务券清单", "fund.export_vouchers", []string{
		"服务券编号", "服务券", "活动", "企业", "地区", "状态", "面值（元）", "可用", "订单占用", "已用于支付", "已退回", "发放时间", "到期时间",
	}, func(out *sheet.Writer) error {
		return books.EachVoucher(ctx, a.DB, in.filter(), func(v books.Issued) error {
			return out.Row(v.ID.String(), v.Name, v.CampaignName, v.OrgName, v.Region, voucherWords[v.Status], inYuan(v.FaceFen), inYuan(v.AvailableFen), inYuan(v.HeldFen),
				inYuan(v.RedeemedFen), inYuan(v.ReturnedFen), v.IssuedAt.Local(), v.ExpiresAt.LastSecond())
		})
	})
}

func (a *API) readIssuedVoucher(ctx context.Context, in *OneID) (*body[books.Life], error) {
	return reply(books.LifeOf(ctx, a.DB, in.ID.ID))
}

// downloadDossier collects before the answer begins, so that a fault is still
// told, and writes the download down; the files then go out as they are read.
func (a *API) downloadDossier(ctx context.Context, in *OneID) (*huma.StreamResponse, error) {
	papers := books.Papers{DB: a.DB, Funds: a.Funds, Vouchers: a.Vouchers, Orders: a.Orders, Deliveries: a.Deliveries, Files: a.Files}
	d, err := papers.Collect(ctx, caller(ctx), in.ID.ID)
	if err != nil {
		return nil, err
	}
	err = a.DB.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		return audit.Write(ctx, tx, caller(ctx).Actor(), audit.Entry{Action: "fund.export_dossier", ObjectKind: "voucher", ObjectID: in.ID.ID})
	})
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(c huma.Context) {
		c.SetHeader("Content-Type", "application/zip")
		c.SetHeader("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": d.Title + ".zip"}))
		if err := d.Write(c.Context(), c.BodyWriter()); err != nil && c.Context().Err() == nil {
			slog.ErrorContext(c.Context(), "a dossier broke off", "voucher", in.ID.ID, "error", err)
		}
	}}, nil
}

// PeriodQuery is a period of days in China, both included.
type PeriodQuery struct {
	From string `query:"from" format:"date" doc:"First day"`
	To   string `query:"to" format:"date" doc:"Last day"`
}

func (q PeriodQuery) period() books.Period {
	return books.Period{From: clock.Day(q.From), To: clock.DayEnd(q.To)}
}

// StatementQuery names a statement.
type StatementQuery struct {
	PeriodQuery

	Of books.Kind `path:"of" enum:"voucher,campaign,company,provider"`
	ID id.Param   `path:"id"`
}

func (a *API) readStatement(ctx context.Context, in *struct {
	page.Query
	StatementQuery
}) (*body[books.Statement], error) {
	return reply(books.StatementOf(ctx, a.DB, in.Of, in.ID.ID, in.period(), in.Query))
}

func (a *API) exportStatement(ctx context.Context, in *StatementQuery) (*huma.StreamResponse, error) {
	return a.statementSheet(ctx, in.Of, in.ID.ID, in.period())
}

// OwnQuery names a statement of the caller's company.
type OwnQuery struct {
	PeriodQuery

	VoucherID id.Param `query:"voucherId" doc:"Of an enterprise: one of its vouchers"`
}

// own is what the caller may have a statement of: another company's voucher is not there.
func (a *API) own(ctx context.Context, in OwnQuery) (books.Kind, id.ID, error) {
	who := caller(ctx)
	switch {
	case who.Role == provider:
		return books.OfProvider, who.OrgID, nil
	case in.VoucherID.ID == 0:
		return books.OfCompany, who.OrgID, nil
	}
	v, err := a.Vouchers.OwnVoucher(ctx, who.OrgID, in.VoucherID.ID)
	return books.OfVoucher, v.ID, err
}

func (a *API) readOwnStatement(ctx context.Context, in *struct {
	page.Query
	OwnQuery
}) (*body[books.Statement], error) {
	of, subject, err := a.own(ctx, in.OwnQuery)
	if err != nil {
		return nil, err
	}
	return reply(books.StatementOf(ctx, a.DB, of, subject, in.period(), in.Query))
}

func (a *API) exportOwnStatement(ctx context.Context, in *OwnQuery) (*huma.StreamResponse, error) {
	of, subject, err := a.own(ctx, *in)
	if err != nil {
		return nil, err
	}
	return a.statementSheet(ctx, of, subject, in.period())
}

func (a *API) statementSheet(ctx context.Context, of books.Kind, subject id.ID, p books.Period) (*huma.StreamResponse, error) {
	now := clock.At(a.DB.Now())
	st, err := books.StatementOf(ctx, a.DB, of, subject, p, page.Query{Page: 1, Size: 1})
	if err != nil {
		return nil, err
	}
	head, more := []string{"时间", "事项", "金额（元）", st.First + "变动", st.First, st.Second + "变动", st.Second}, st.Third != ""
	if more {
		head = append(head, st.Third+"变动", st.Third, st.Fourth+"变动", st.Fourth)
	}
	from, to := st.Span(now)
	period := st.Days(now)
	return a.sheet(ctx, st.Title+" "+period, "fund.export_statement", append(head, "服务券编号", "订单编号", "凭证编号"), func(out *sheet.Writer) error {
		all := ""
		if p == (books.Period{}) {
			all = "（全部期间）"
		}
		if err := out.Row("对账期间", period+all); err != nil {
			return err
		}
		end := func(at clock.Instant, word string, first, second, third, fourth money.Fen) error {
			row := []any{at.Local(), word, "", "", inYuan(first), "", inYuan(second)}
			if more {
				row = append(row, "", inYuan(third), "", inYuan(fourth))
			}
			return out.Row(row...)
		}
		if err := end(from, st.Name+" 期初", st.OpeningFen, st.OtherOpening, st.ThirdOpening, st.LastOpening); err != nil {
			return err
		}
		last := books.Line{BalanceFen: st.OpeningFen, OtherFen: st.OtherOpening, ThirdAfter: st.ThirdOpening, LastAfter: st.LastOpening}
		err := books.EachLine(ctx, a.DB, st, func(l books.Line) error {
			last = l
			row := []any{l.At.Local(), l.Word, inYuan(l.AmountFen), inYuan(l.FirstFen), inYuan(l.BalanceFen), inYuan(l.SecondFen), inYuan(l.OtherFen)}
			if more {
				row = append(row, inYuan(l.ThirdFen), inYuan(l.ThirdAfter), inYuan(l.FourthFen), inYuan(l.LastAfter))
			}
			return out.Row(append(row, idText(l.VoucherID), idText(l.OrderID), l.EntryID.String())...)
		})
		if err != nil {
			return err
		}
		return end(to, "期末", last.BalanceFen, last.OtherFen, last.ThirdAfter, last.LastAfter)
	})
}

// sheet sends a table. Its rows are made before the answer begins, so that a
// fault is still told; large ones lie on disk until they are sent.
func (a *API) sheet(ctx context.Context, title, action string, head []string, fill func(*sheet.Writer) error) (*huma.StreamResponse, error) {
	var to later
	out, err := sheet.New(&to, title, head...)
	if err != nil {
		return nil, err
	}
	if err := fill(out); err != nil {
		return nil, errors.Join(err, out.Discard())
	}
	err = a.DB.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		who := caller(ctx)
		return audit.Write(ctx, tx, who.Actor(), audit.Entry{Action: action, ObjectKind: "books", SubjectOrg: who.OrgID, Detail: map[string]any{"title": title}})
	})
	if err != nil {
		return nil, err
	}
	return &huma.StreamResponse{Body: func(c huma.Context) {
		c.SetHeader("Content-Type", excel)
		c.SetHeader("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": title + ".xlsx"}))
		to.Writer = c.BodyWriter()
		_ = out.Close() //nolint:errcheck // the client has gone
	}}, nil
}

// later is a writer whose end is known when the answer is sent.
type later struct{ io.Writer }

// inYuan is an amount as a number of a spreadsheet.
func inYuan(f money.Fen) float64 { return float64(f) / 100 }
