package httpapi

import (
	"bytes"
	"context"
	"fmt"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"smedx/internal/account"
	"smedx/internal/audit"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
	"smedx/internal/kit/page"
	"smedx/internal/kit/sheet"
	"smedx/internal/org"
)

// mostExported is how many entries one Excel file takes.
const mostExported = 50_000

// AuditEntryView is one entry of the trail.
type AuditEntryView struct {
	ID         id.ID         `json:"id"`
	At         clock.Instant `json:"at"`
	Actor      string        `json:"actor" doc:"User name; empty for the platform itself"`
	Role       string        `json:"role,omitempty"`
	OrgID      id.ID         `json:"orgId,omitempty"`
	OrgName    string        `json:"orgName,omitempty" doc:"The company of who acted"`
	IP         string        `json:"ip,omitempty"`
	RequestID  string        `json:"requestId,omitempty"`
	Action     string        `json:"action"`
	ActionWord string        `json:"actionWord"`
	ObjectKind string        `json:"objectKind"`
	ObjectWord string        `json:"objectWord"`
	ObjectID   id.ID         `json:"objectId,omitempty"`
	SubjectOrg string        `json:"subjectOrg,omitempty" doc:"The company that it is about"`
	Facts      []audit.Fact  `json:"facts" doc:"Details in words; a change of state comes first"`
}

// AuditPage is a part of the trail, newest first.
type AuditPage struct {
	Items []AuditEntryView `json:"items"`
	Older id.ID            `json:"older,omitempty" doc:"Ask for entries before this one; absent at the end"`
	Newer id.ID            `json:"newer,omitempty" doc:"Ask for entries after this one; absent at the beginning"`
}

// AuditWords are what the filters offer.
type AuditWords struct {
	Actions []audit.Word `json:"actions"`
	Objects []audit.Word `json:"objects"`
}

// AuditQuery narrows the trail.
type AuditQuery struct {
	From     string   `query:"from" format:"date" doc:"First day"`
	To       string   `query:"to" format:"date" doc:"Last day"`
	Actor    string   `query:"actor" maxLength:"60" doc:"Part of a user name"`
	Company  string   `query:"company" maxLength:"100" doc:"Part of a company's name, or a credit code"`
	Action   string   `query:"action" maxLength:"60"`
	Object   string   `query:"object" maxLength:"60" doc:"Kind of object"`
	ObjectID id.Param `query:"objectId"`
}

func (a *API) auditRoutes() {
	route(a, op{"listAudit", http.MethodGet, "/audit", "audit", "Who did what, newest first"}, a.listAudit)
	route(a, op{"readAudit", http.MethodGet, "/audit/{id}", "audit", "One entry of the trail"}, a.readAudit)
	route(a, op{"auditWords", http.MethodGet, "/audit-words", "audit", "Actions and objects of the trail in words"}, a.auditWords)
	route(a, op{"exportAudit", http.MethodGet, "/audit.xlsx", "audit", "Entries of the trail as an Excel file"}, a.exportAudit)
}

// filter turns the words of a query into what the trail knows. A user or company that
// does not exist answers nothing.
func (in AuditQuery) filter() audit.Filter {
	f := audit.Filter{
		From: clock.Day(in.From), To: clock.DayEnd(in.To), Action: in.Action, ObjectKind: in.Object, ObjectID: in.ObjectID.ID,
	}
	if in.Actor != "" {
		sql, args := account.Named(in.Actor)
		f.Users = page.Cond{SQL: "SELECT id FROM users WHERE " + sql, Args: args}
	}
	if in.Company != "" {
		sql, args := org.Named(in.Company)
		f.Orgs = page.Cond{SQL: "SELECT id FROM organizations WHERE " + sql, Args: args}
	}
	return f
}

func (a *API) listAudit(ctx context.Context, in *struct {
	AuditQuery

	Before id.Param `query:"before"`
	After  id.Param `query:"after"`
	Size   int      `query:"size" minimum:"1" maximum:"100" default:"20"`
}) (*body[AuditPage], error) {
	p, err := audit.List(ctx, a.DB, in.filter(), in.Before.ID, in.After.ID, in.Size)
	if err != nil {
		return nil, err
	}
	items, err := a.auditViews(ctx, p.Items)
	return reply(AuditPage{Items: items, Older: p.Older, Newer: p.Newer}, err)
}

func (a *API) readAudit(ctx context.Context, in *OneID) (*body[AuditEntryView], error) {
	r, err := audit.Find(ctx, a.DB, in.ID.ID)
	if err != nil {
		return nil, err
	}
	views, err := a.auditViews(ctx, []audit.Record{r})
	if err != nil {
		return nil, err
	}
	return reply(views[0], nil)
}

func (a *API) auditViews(ctx context.Context, rows []audit.Record) ([]AuditEntryView, error) {
	orgs := []id.ID{}
	for _, r := range rows {
		orgs = append(orgs, r.OrgID, r.SubjectOrg)
	}
	names, err := a.Orgs.Names(ctx, a.DB, orgs...)
	out := make([]AuditEntryView, 0, len(rows))
	for _, r := range rows {
		out = append(out, AuditEntryView{
			ID: r.ID, At: r.At, Actor: r.ActorName, Role: r.Role, OrgID: r.OrgID, OrgName: names[r.OrgID], IP: r.IP, RequestID: r.RequestID,
			Action: r.Action, ActionWord: audit.ActionWord(r.Action), ObjectKind: r.ObjectKind, ObjectWord: audit.ObjectWord(r.ObjectKind),
			ObjectID: r.ObjectID, SubjectOrg: names[r.SubjectOrg], Facts: r.Facts(),
		})
	}
	return out, err
}

func (a *API) auditWords(context.Context, *struct{}) (*body[AuditWords], error) {
	return reply(AuditWords{Actions: audit.Actions(), Objects: audit.Objects()}, nil)
}

func (a *API) exportAudit(ctx context.Context, in *AuditQuery) (*huma.StreamResponse, error) {
	var b bytes.Buffer
	out, err := sheet.New(&b, "审计记录", "编号", "时间", "操作人", "角色", "所属企业", "来源地址", "操作", "对象", "对象编号", "相关企业", "内容", "请求编号")
	if err != nil {
		return nil, err
	}
	rows := 0
	var portion []audit.Record
	flush := func() error {
		views, err := a.auditViews(ctx, portion)
		if err != nil {
			return err
		}
		portion = portion[:0]
		for _, v := range views {
			rows++
			if err := out.Row(v.ID.String(), v.At.Local(), actorWord(v), roleWords[account.Role(v.Role)], v.OrgName, v.IP, v.ActionWord, v.ObjectWord,
				idText(v.ObjectID), v.SubjectOrg, factLine(v.Facts), v.RequestID); err != nil {
				return err
			}
		}
		return nil
	}
	err = audit.Each(ctx, a.DB, in.filter(), mostExported, func(r audit.Record) error {
		if portion = append(portion, r); len(portion) < audit.MostRows {
			return nil
		}
		return flush()
	})
	if err == nil {
		err = flush()
	}
	if err == nil {
		err = out.Close()
	}
	if err != nil {
		return nil, err
	}
	err = a.DB.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		return audit.Write(ctx, tx, caller(ctx).Actor(), audit.Entry{
			Action: "audit.export", ObjectKind: "audit", Detail: map[string]any{"rows": rows, "filter": in.words()},
		})
	})
	if err != nil {
		return nil, err
	}
	return send(excel, "attachment", "审计记录.xlsx", b.Bytes()), nil
}

// words says what was asked for, for the entry about an export.
func (in AuditQuery) words() string {
	text := ""
	for _, part := range []string{in.From, in.To, in.Actor, in.Company, audit.ActionWord(in.Action), audit.ObjectWord(in.Object)} {
		if part != "" {
			text += part + " "
		}
	}
	return text
}

func actorWord(v AuditEntryView) string {
	if v.Role == "" && v.OrgID == 0 && v.IP == "" {
		return "系统"
	}
	return v.Actor
}

func idText(i id.ID) string {
	if i == 0 {
		return ""
	}
	return i.String()
}

func factLine(facts []audit.Fact) string {
	text := ""
	for i, f := range facts {
		if i > 0 {
			text += "；"
		}
		text += fmt.Sprintf("%s：%s", f.Name, f.Value)
	}
	return text
}

var roleWords = map[account.Role]string{
	enterprise: "企业用户", provider: "服务商", expert: "专家", operator: "运营管理员", department: "工信厅", admin: "系统管理员",
}

const excel = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
