package httpapi

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"html/template"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"smedx/internal/account"
	"smedx/internal/audit"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/id"
	"smedx/internal/kit/page"
)

// OwnDataView is 个人信息: what is kept of the signed-in user.
type OwnDataView struct {
	Username  string              `json:"username"`
	Phone     string              `json:"phone,omitempty"`
	Email     string              `json:"email,omitempty"`
	Role      account.Role        `json:"role" enum:"enterprise,provider,expert,operator,department,admin"`
	OrgName   string              `json:"orgName,omitempty"`
	Owner     bool                `json:"owner" doc:"The main account of its company"`
	CreatedAt clock.Instant       `json:"createdAt"`
	Consents  []OwnConsent        `json:"consents"`
	Sessions  []SessionView       `json:"sessions"`
	Messages  int64               `json:"messages" doc:"In-app messages kept"`
	Ratings   int                 `json:"ratings" doc:"Ratings written"`
	Answers   int                 `json:"answers" doc:"Surveys answered while signed in"`
	Searches  int                 `json:"searches" doc:"Searches of the catalogue saved"`
	Obstacles []CloseObstacleView `json:"obstacles" doc:"What must be settled before the account can be closed"`
}

// OwnConsent is an agreement that the user accepted.
type OwnConsent struct {
	Agreement string        `json:"agreement"`
	Title     string        `json:"title"`
	Version   string        `json:"version"`
	At        clock.Instant `json:"at"`
}

// CloseObstacleView is something open.
type CloseObstacleView struct {
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

// RevealedContact is phone and mail in full.
type RevealedContact struct {
	Phone string `json:"phone"`
	Email string `json:"email,omitempty"`
}

// RevealedFields are personal answers in full, by field key.
type RevealedFields struct {
	Values map[string]string `json:"values"`
}

func (a *API) ownRoutes() {
	route(a, op{"getOwnData", http.MethodGet, "/me/data", "account", "What is kept of oneself"}, a.getOwnData)
	route(a, op{"exportOwnData", http.MethodGet, "/me/data.zip", "account", "Everything kept of oneself, for machines and for people"}, a.exportOwnData)
	route(a, op{"closeAccount", http.MethodPost, "/me/closing", "account", "Close one's own account"}, a.closeAccount)
	route(a, op{"revealUser", http.MethodPost, "/users/{id}/contact", "staff", "Phone and mail of an account in full; goes on the trail"}, a.revealUser)
	route(a, op{"revealMaterial", http.MethodPost, "/verifications/{caseId}/personal", "org", "Personal answers of a form in full; goes on the trail"}, a.revealMaterial)
}

func (a *API) getOwnData(ctx context.Context, _ *struct{}) (*body[OwnDataView], error) {
	return reply(a.ownData(ctx))
}

func (a *API) ownData(ctx context.Context) (OwnDataView, error) {
	who := caller(ctx)
	u, err := a.Accounts.Find(ctx, a.DB, who.UserID)
	if err != nil {
		return OwnDataView{}, err
	}
	v := OwnDataView{
		Username: u.Username, Phone: u.Phone, Email: u.Email, Role: u.Role, Owner: u.Owner, CreatedAt: u.CreatedAt,
		Consents: []OwnConsent{}, Sessions: []SessionView{}, Obstacles: []CloseObstacleView{},
	}
	if who.OrgID != 0 {
		names, err := a.Orgs.Names(ctx, a.DB, who.OrgID)
		if err != nil {
			return v, err
		}
		v.OrgName = names[who.OrgID]
	}
	agreed, err := a.Accounts.Consents(ctx, who)
	if err != nil {
		return v, err
	}
	for _, c := range agreed {
		title := c.Agreement
		if g, err := account.FindAgreement(c.Agreement); err == nil {
			title = g.Title
		}
		v.Consents = append(v.Consents, OwnConsent{c.Agreement, title, c.Version, c.At})
	}
	sessions, err := a.Accounts.OwnSessions(ctx, who)
	if err != nil {
		return v, err
	}
	for _, s := range sessions {
		v.Sessions = append(v.Sessions, sessionView(s))
	}
	if _, v.Messages, _, err = a.Notify.Inbox(ctx, who.UserID, false, page.Query{Size: 1}); err != nil {
		return v, err
	}
	ratings, err := a.Ratings.By(ctx, a.DB, who.UserID)
	if err != nil {
		return v, err
	}
	answers, err := a.Surveys.AnswersBy(ctx, a.DB, who.UserID)
	if err != nil {
		return v, err
	}
	searches, err := a.Catalog.SavedSearches(ctx, who)
	if err != nil {
		return v, err
	}
	v.Ratings, v.Answers, v.Searches = len(ratings), len(answers), len(searches)
	obstacles, err := a.Accounts.Obstacles(ctx, a.DB, who)
	for _, o := range obstacles {
		v.Obstacles = append(v.Obstacles, CloseObstacleView{o.Code, text(o.Code, map[string]any{"n": o.N})})
	}
	return v, err
}

// ownExport is the whole of it, as the export's JSON file holds it.
type ownExport struct {
	ExportedAt clock.Instant     `json:"exportedAt"`
	Account    OwnDataView       `json:"account"`
	Messages   []MessageView     `json:"messages"`
	Ratings    []RatingView      `json:"ratings"`
	Answers    []ownAnswer       `json:"surveyAnswers"`
	Searches   []SavedSearchView `json:"savedSearches"`
	Trail      []AuditEntryView  `json:"trail"`
}

type ownAnswer struct {
	At      clock.Instant  `json:"at"`
	Survey  string         `json:"survey"`
	Answers map[string]any `json:"answers"`
}

// mostOfTrail is how many of one's own acts the export lists.
const mostOfTrail = 5000

func (a *API) exportOwnData(ctx context.Context, _ *struct{}) (*huma.StreamResponse, error) {
	who := caller(ctx)
	if err := a.Accounts.NoteExport(ctx, who); err != nil {
		return nil, err
	}
	all := ownExport{ExportedAt: clock.At(a.DB.Now()), Messages: []MessageView{}, Ratings: []RatingView{}, Answers: []ownAnswer{}, Trail: []AuditEntryView{}}
	var err error
	if all.Account, err = a.ownData(ctx); err != nil {
		return nil, err
	}
	for n := 1; ; n++ {
		items, total, _, err := a.Notify.Inbox(ctx, who.UserID, false, page.Query{Page: n, Size: 100})
		if err != nil {
			return nil, err
		}
		for _, m := range items {
			all.Messages = append(all.Messages, MessageView{m.ID, m.Topic, m.Title, m.Body, m.Link, m.CreatedAt, m.ReadAt != 0})
		}
		if int64(len(all.Messages)) >= total || len(items) == 0 {
			break
		}
	}
	ratings, err := a.Ratings.By(ctx, a.DB, who.UserID)
	if err != nil {
		return nil, err
	}
	for _, r := range ratings {
		all.Ratings = append(all.Ratings, ratingView(r))
	}
	answers, err := a.Surveys.AnswersBy(ctx, a.DB, who.UserID)
	if err != nil {
		return nil, err
	}
	for _, s := range answers {
		v, err := a.Surveys.Find(ctx, s.SurveyID)
		if err != nil {
			return nil, err
		}
		all.Answers = append(all.Answers, ownAnswer{s.At, v.Title, s.Values})
	}
	if all.Searches, err = a.savedSearches(ctx); err != nil {
		return nil, err
	}
	var acts []audit.Record
	err = audit.Each(ctx, a.DB, audit.Filter{UserID: who.UserID}, mostOfTrail, func(r audit.Record) error { acts = append(acts, r); return nil })
	if err != nil {
		return nil, err
	}
	if all.Trail, err = a.auditViews(ctx, acts); err != nil {
		return nil, err
	}
	content, err := all.zip()
	if err != nil {
		return nil, err
	}
	return send("application/zip", "attachment", "我的数据.zip", content), nil
}

func (e ownExport) zip() ([]byte, error) {
	machine, err := json.MarshalIndent(e, "", "  ")
	if err != nil {
		return nil, err
	}
	var people bytes.Buffer
	if err := ownTemplate.Execute(&people, e); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range []struct {
		name    string
		content []byte
	}{{"data.json", machine}, {"个人信息.html", people.Bytes()}} {
		w, err := z.Create(f.name)
		if err != nil {
			return nil, err
		}
		if _, err := w.Write(f.content); err != nil {
			return nil, err
		}
	}
	return b.Bytes(), z.Close()
}

var ownTemplate = template.Must(template.New("own").Parse(`<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>我的数据</title>
<style>body{font:16px/1.7 sans-serif;max-width:960px;margin:2em auto;padding:0 1em}table{border-collapse:collapse;width:100%}td,th{border:1px solid #ccd;padding:6px 10px;text-align:left;vertical-align:top}</style></head><body>
<h1>我的数据</h1><p>导出时间：{{.ExportedAt.Local}}</p>
<h2>帐号</h2><table>
<tr><th>用户名</th><td>{{.Account.Username}}</td></tr><tr><th>手机号</th><td>{{.Account.Phone}}</td></tr>
<tr><th>邮箱</th><td>{{.Account.Email}}</td></tr><tr><th>所属企业</th><td>{{.Account.OrgName}}</td></tr>
<tr><th>开通时间</th><td>{{.Account.CreatedAt.Local}}</td></tr></table>
<h2>同意的协议</h2><table><tr><th>协议</th><th>版本</th><th>时间</th></tr>
{{range .Account.Consents}}<tr><td>{{.Title}}</td><td>{{.Version}}</td><td>{{.At.Local}}</td></tr>{{end}}</table>
<h2>登录状态</h2><table><tr><th>登录时间</th><th>最近使用</th><th>来源地址</th><th>浏览器</th></tr>
{{range .Account.Sessions}}<tr><td>{{.StartedAt.Local}}</td><td>{{.SeenAt.Local}}</td><td>{{.IP}}</td><td>{{.Device}}</td></tr>{{end}}</table>
<h2>站内信</h2><table><tr><th>时间</th><th>标题</th><th>内容</th></tr>
{{range .Messages}}<tr><td>{{.CreatedAt.Local}}</td><td>{{.Title}}</td><td>{{.Body}}</td></tr>{{end}}</table>
<h2>评价</h2><table><tr><th>时间</th><th>评分</th><th>内容</th></tr>
{{range .Ratings}}<tr><td>{{.RatedAt.Local}}</td><td>{{.Score}}</td><td>{{.Comment}}</td></tr>{{end}}</table>
<h2>调研答复</h2><table><tr><th>时间</th><th>问卷</th></tr>
{{range .Answers}}<tr><td>{{.At.Local}}</td><td>{{.Survey}}</td></tr>{{end}}</table>
<h2>保存的搜索</h2><table><tr><th>时间</th><th>名称</th><th>关键词</th></tr>
{{range .Searches}}<tr><td>{{.SavedAt.Local}}</td><td>{{.Name}}</td><td>{{.Terms.Text}}</td></tr>{{end}}</table>
<h2>操作记录</h2><table><tr><th>时间</th><th>操作</th><th>对象</th><th>来源地址</th></tr>
{{range .Trail}}<tr><td>{{.At.Local}}</td><td>{{.ActionWord}}</td><td>{{.ObjectWord}}</td><td>{{.IP}}</td></tr>{{end}}</table>
</body></html>
`))

func (a *API) closeAccount(ctx context.Context, in *struct {
	Body struct {
		Password string `json:"password" maxLength:"200"`
	}
}) (*signedOut, error) {
	if err := a.Accounts.Close(ctx, caller(ctx), in.Body.Password); err != nil {
		return nil, err
	}
	return a.signOut(ctx, nil)
}

func (a *API) revealUser(ctx context.Context, in *OneID) (*body[RevealedContact], error) {
	u, err := a.Accounts.Reveal(ctx, caller(ctx), in.ID.ID)
	return reply(RevealedContact{u.Phone, u.Email}, err)
}

func (a *API) revealMaterial(ctx context.Context, in *struct {
	CaseID id.Param `path:"caseId"`
	Body   struct {
		Fields []string `json:"fields" minItems:"1" maxItems:"20" doc:"Keys of personal fields"`
	}
}) (*body[RevealedFields], error) {
	values, err := a.Orgs.Reveal(ctx, caller(ctx), in.CaseID.ID, in.Body.Fields)
	return reply(RevealedFields{values}, err)
}
