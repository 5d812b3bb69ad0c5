package httpapi

import (
	"context"
	"net/http"

	"smedx/internal/content"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/id"
	"smedx/internal/kit/page"
)

// NoticeSummary is a notice in a list.
type NoticeSummary struct {
	ID          id.ID         `json:"id"`
	Title       string        `json:"title"`
	Issuer      string        `json:"issuer"`
	DocNumber   string        `json:"docNumber"`
	Topic       string        `json:"topic"`
	Summary     string        `json:"summary"`
	Pinned      bool          `json:"pinned"`
	HasSurvey   bool          `json:"hasSurvey"`
	State       content.State `json:"state" enum:"draft,published,withdrawn"`
	PublishedAt clock.Instant `json:"publishedAt"`
	CreatedAt   clock.Instant `json:"createdAt"`
}

// NoticeView is a notice with its body.
type NoticeView struct {
	NoticeSummary
	Contact     string           `json:"contact"`
	Body        string           `json:"body" doc:"Sanitised HTML; empty when withdrawn"`
	WithdrawnAt clock.Instant    `json:"withdrawnAt"`
	Files       []AttachmentView `json:"files"`
	Survey      *SurveyLink      `json:"survey,omitempty"`
	Older       *NoticeRef       `json:"older,omitempty"`
	Newer       *NoticeRef       `json:"newer,omitempty"`
	Version     int64            `json:"version"`
}

// AttachmentView is a file of a notice.
type AttachmentView struct {
	ID   id.ID  `json:"id"`
	Name string `json:"name"`
	Size int64  `json:"size" doc:"Bytes"`
	URL  string `json:"url"`
}

// NoticeRef leads to another notice.
type NoticeRef struct {
	ID    id.ID  `json:"id"`
	Title string `json:"title"`
}

// SurveyLink is the survey that a notice carries: its address and QR code.
type SurveyLink struct {
	ID    id.ID  `json:"id"`
	Title string `json:"title"`
	URL   string `json:"url" doc:"Address of the form, for people"`
	QRURL string `json:"qrUrl" doc:"Address of the QR code's picture"`
	Open  bool   `json:"open" doc:"Whether answers are taken"`
}

// NoticeInput is what an editor enters.
type NoticeInput struct {
	Title     string  `json:"title" maxLength:"200"`
	Issuer    string  `json:"issuer" maxLength:"200"`
	DocNumber string  `json:"docNumber,omitempty" maxLength:"200"`
	Topic     string  `json:"topic,omitempty" maxLength:"100"`
	Contact   string  `json:"contact,omitempty" maxLength:"300"`
	Body      string  `json:"body" maxLength:"200000"`
	Pinned    bool    `json:"pinned,omitempty"`
	SurveyID  id.ID   `json:"surveyId,omitempty"`
	FileIDs   []id.ID `json:"fileIds,omitempty" maxItems:"20"`
	Version   int64   `json:"version,omitempty" doc:"The version that was read; for changes"`
}

func (in NoticeInput) text() content.NoticeText {
	return content.NoticeText{
		Title: in.Title, Issuer: in.Issuer, DocNumber: in.DocNumber, Topic: in.Topic, Contact: in.Contact,
		Body: in.Body, Pinned: in.Pinned, SurveyID: in.SurveyID, Files: in.FileIDs,
	}
}

// AnnouncementView is an announcement of the workbench.
type AnnouncementView struct {
	ID          id.ID            `json:"id"`
	Title       string           `json:"title"`
	Body        string           `json:"body"`
	Audience    content.Audience `json:"audience" enum:"all,enterprise,provider"`
	Pinned      bool             `json:"pinned"`
	State       content.State    `json:"state" enum:"draft,published,withdrawn"`
	PublishedAt clock.Instant    `json:"publishedAt"`
	CreatedAt   clock.Instant    `json:"createdAt"`
	Version     int64            `json:"version"`
}

// AnnouncementInput is what an editor enters.
type AnnouncementInput struct {
	Title    string           `json:"title" maxLength:"200"`
	Body     string           `json:"body" maxLength:"5000"`
	Audience content.Audience `json:"audience" enum:"all,enterprise,provider"`
	Pinned   bool             `json:"pinned,omitempty"`
	Version  int64            `json:"version,omitempty" doc:"The version that was read; for changes"`
}

func (in AnnouncementInput) text() content.AnnouncementText {
	return content.AnnouncementText{Title: in.Title, Body: in.Body, Audience: in.Audience, Pinned: in.Pinned}
}

func (a *API) contentRoutes() {
	route(a, op{"listNotices", http.MethodGet, "/notices", "content", "Notices of the portal"}, a.listNotices)
	route(a, op{"readNotice", http.MethodGet, "/notices/{id}", "content", "One notice of the portal"}, a.readNotice)
	route(a, op{"listAnnouncements", http.MethodGet, "/announcements", "content", "Announcements for the caller's workbench"}, a.listAnnouncements)

	route(a, op{"editorListNotices", http.MethodGet, "/editor/notices", "content", "All notices, for the editor"}, a.editorListNotices)
	route(a, op{"editorReadNotice", http.MethodGet, "/editor/notices/{id}", "content", "One notice in any state"}, a.editorReadNotice)
	route(a, op{"createNotice", http.MethodPost, "/editor/notices", "content", "Write a notice as a draft"}, a.createNotice, created)
	route(a, op{"editNotice", http.MethodPut, "/editor/notices/{id}", "content", "Change a notice"}, a.editNotice)
	route(a, op{"publishNotice", http.MethodPost, "/editor/notices/{id}/publish", "content", "Bring a notice to the portal"}, a.publishNotice)
	route(a, op{"withdrawNotice", http.MethodPost, "/editor/notices/{id}/withdraw", "content", "Take a notice off the portal"}, a.withdrawNotice)
	route(a, op{"deleteNotice", http.MethodDelete, "/editor/notices/{id}", "content", "Delete a draft"}, a.deleteNotice)

	route(a, op{"editorListAnnouncements", http.MethodGet, "/editor/announcements", "content", "All announcements, for the editor"}, a.editorListAnnouncements)
	route(a, op{"createAnnouncement", http.MethodPost, "/editor/announcements", "content", "Write an announcement as a draft"}, a.createAnnouncement, created)
	route(a, op{"editAnnouncement", http.MethodPut, "/editor/announcements/{id}", "content", "Change an announcement"}, a.editAnnouncement)
	route(a, op{"publishAnnouncement", http.MethodPost, "/editor/announcements/{id}/publish", "content", "Show an announcement"}, a.publishAnnouncement)
	route(a, op{"withdrawAnnouncement", http.MethodPost, "/editor/announcements/{id}/withdraw", "content", "Hide an announcement"}, a.withdrawAnnouncement)
	route(a, op{"deleteAnnouncement", http.MethodDelete, "/editor/announcements/{id}", "content", "Delete a draft announcement"}, a.deleteAnnouncement)
}

// OneID is the id in a path. It is exported because the API library reads
// embedded inputs only when they are.
type OneID struct {
	ID id.Param `path:"id"`
}

func noticeSummary(n content.Notice) NoticeSummary {
	return NoticeSummary{
		ID: n.ID, Title: n.Title, Issuer: n.Issuer, DocNumber: n.DocNumber, Topic: n.Topic, Summary: n.Summary,
		Pinned: n.Pinned, HasSurvey: n.SurveyID != 0, State: n.State, PublishedAt: n.PublishedAt, CreatedAt: n.CreatedAt,
	}
}

// noticeView adds the survey's address, which the content module does not know.
func (a *API) noticeView(ctx context.Context, n content.Notice) (NoticeView, error) {
	v := NoticeView{NoticeSummary: noticeSummary(n), Contact: n.Contact, Body: n.Body, WithdrawnAt: n.WithdrawnAt, Files: []AttachmentView{}, Version: n.Version}
	for _, f := range n.Files {
		v.Files = append(v.Files, AttachmentView{ID: f.FileID, Name: f.Name, Size: f.Size, URL: fileURL(f.FileID)})
	}
	s, out, err := a.Surveys.Brief(ctx, n.SurveyID)
	if err == nil && out {
		v.Survey = &SurveyLink{
			ID: s.ID, Title: s.Title, URL: a.surveyURL(s.Token), QRURL: "/api/v1/surveys/" + s.Token + "/qr.png",
			Open: s.Open(clock.At(a.DB.Now())) == nil,
		}
	}
	return v, err
}

func (a *API) listNotices(ctx context.Context, in *struct {
	page.Query
	Text string `query:"q" maxLength:"50" doc:"In the title"`
}) (*body[page.Of[NoticeSummary]], error) {
	list, err := a.Content.Notices(ctx, in.Text, in.Query)
	return reply(page.Map(list.Items, list.Total, noticeSummary), err)
}

func (a *API) readNotice(ctx context.Context, in *OneID) (*body[NoticeView], error) {
	n, err := a.Content.Notice(ctx, in.ID.ID)
	if err != nil {
		return nil, err
	}
	v, err := a.noticeView(ctx, n)
	if err != nil {
		return nil, err
	}
	older, newer, err := a.Content.Neighbors(ctx, n)
	if older.ID != 0 {
		v.Older = &NoticeRef{older.ID, older.Title}
	}
	if newer.ID != 0 {
		v.Newer = &NoticeRef{newer.ID, newer.Title}
	}
	return reply(v, err)
}

func (a *API) editorListNotices(ctx context.Context, in *struct {
	page.Query
	State content.State `query:"state" enum:"draft,published,withdrawn"`
	Text  string        `query:"q" maxLength:"50"`
}) (*body[page.Of[NoticeSummary]], error) {
	list, err := a.Content.All(ctx, in.State, in.Text, in.Query)
	return reply(page.Map(list.Items, list.Total, noticeSummary), err)
}

func (a *API) editorReadNotice(ctx context.Context, in *OneID) (*body[NoticeView], error) {
	return a.replyNotice(ctx)(a.Content.Find(ctx, in.ID.ID))
}

func (a *API) createNotice(ctx context.Context, in *struct{ Body NoticeInput }) (*body[NoticeView], error) {
	return a.replyNotice(ctx)(a.Content.Create(ctx, caller(ctx), in.Body.text()))
}

func (a *API) editNotice(ctx context.Context, in *struct {
	OneID
	Body NoticeInput
}) (*body[NoticeView], error) {
	return a.replyNotice(ctx)(a.Content.Edit(ctx, caller(ctx), in.ID.ID, in.Body.Version, in.Body.text()))
}

func (a *API) publishNotice(ctx context.Context, in *OneID) (*body[NoticeView], error) {
	return a.replyNotice(ctx)(a.Content.Publish(ctx, caller(ctx), in.ID.ID))
}

func (a *API) withdrawNotice(ctx context.Context, in *OneID) (*body[NoticeView], error) {
	return a.replyNotice(ctx)(a.Content.Withdraw(ctx, caller(ctx), in.ID.ID))
}

func (a *API) deleteNotice(ctx context.Context, in *OneID) (*empty, error) {
	return done(a.Content.Drop(ctx, caller(ctx), in.ID.ID))
}

func (a *API) replyNotice(ctx context.Context) func(content.Notice, error) (*body[NoticeView], error) {
	return func(n content.Notice, err error) (*body[NoticeView], error) {
		if err != nil {
			return nil, err
		}
		return reply(a.noticeView(ctx, n))
	}
}

func announcementView(n content.Announcement) AnnouncementView {
	return AnnouncementView{
		ID: n.ID, Title: n.Title, Body: n.Body, Audience: n.Audience, Pinned: n.Pinned, State: n.State,
		PublishedAt: n.PublishedAt, CreatedAt: n.CreatedAt, Version: n.Version,
	}
}

func (a *API) listAnnouncements(ctx context.Context, in *struct{ page.Query }) (*body[page.Of[AnnouncementView]], error) {
	list, err := a.Content.Announcements(ctx, caller(ctx), in.Query)
	return reply(page.Map(list.Items, list.Total, announcementView), err)
}

func (a *API) editorListAnnouncements(ctx context.Context, in *struct {
	page.Query
	State content.State `query:"state" enum:"draft,published,withdrawn"`
}) (*body[page.Of[AnnouncementView]], error) {
	list, err := a.Content.AllAnnouncements(ctx, in.State, in.Query)
	return reply(page.Map(list.Items, list.Total, announcementView), err)
}

func (a *API) createAnnouncement(ctx context.Context, in *struct{ Body AnnouncementInput }) (*body[AnnouncementView], error) {
	return replyAnnouncement(a.Content.Announce(ctx, caller(ctx), in.Body.text()))
}

func (a *API) editAnnouncement(ctx context.Context, in *struct {
	OneID
	Body AnnouncementInput
}) (*body[AnnouncementView], error) {
	return replyAnnouncement(a.Content.EditAnnouncement(ctx, caller(ctx), in.ID.ID, in.Body.Version, in.Body.text()))
}

func (a *API) publishAnnouncement(ctx context.Context, in *OneID) (*body[AnnouncementView], error) {
	return replyAnnouncement(a.Content.PublishAnnouncement(ctx, caller(ctx), in.ID.ID))
}

func (a *API) withdrawAnnouncement(ctx context.Context, in *OneID) (*body[AnnouncementView], error) {
	return replyAnnouncement(a.Content.WithdrawAnnouncement(ctx, caller(ctx), in.ID.ID))
}

func (a *API) deleteAnnouncement(ctx context.Context, in *OneID) (*empty, error) {
	return done(a.Content.DropAnnouncement(ctx, caller(ctx), in.ID.ID))
}

func replyAnnouncement(n content.Announcement, err error) (*body[AnnouncementView], error) {
	return reply(announcementView(n), err)
}
