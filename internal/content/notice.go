// Package content owns what the centre publishes: notices of the portal and
// announcements of the workbench. Surveys belong to survey; the agreements and
// the help page are pages of the web client.
package content

import (
	"strings"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
)

// State of a notice or an announcement.
type State string

// The states. A withdrawn notice keeps its address with a mark and can be published again.
const (
	Draft     State = "draft"     // 草稿
	Published State = "published" // 已发布
	Withdrawn State = "withdrawn" // 已撤回
)

// Notice is one publication of the portal (通知发文).
type Notice struct {
	bun.BaseModel `bun:"table:notices"`

	ID          id.ID `bun:",pk"`
	Title       string
	Issuer      string // 发布单位
	DocNumber   string // 发文字号
	Topic       string // 主题分类
	Contact     string
	Summary     string // made from the body
	Body        string // sanitised
	State       State
	Pinned      bool
	SurveyID    id.ID // 0: none
	PublishedAt clock.Instant
	WithdrawnAt clock.Instant
	CreatedBy   id.ID
	CreatedAt   clock.Instant
	UpdatedAt   clock.Instant
	Version     int64

	Files []Attachment `bun:"-"`
}

// Attachment is a file that comes with a notice.
type Attachment struct {
	bun.BaseModel `bun:"table:notice_files" json:"-"`

	NoticeID id.ID `bun:",pk" json:"-"`
	Position int64 `bun:",pk" json:"-"`
	FileID   id.ID
	Name     string
	Size     int64 // bytes
}

// NoticeText is what an editor enters.
type NoticeText struct {
	Title     string
	Issuer    string
	DocNumber string
	Topic     string
	Contact   string
	Body      string
	Pinned    bool
	SurveyID  id.ID
	Files     []id.ID
}

// clean trims, sanitises and checks the text; it tells all faults at once.
func (t *NoticeText) clean() error {
	var f errs.Fields
	for _, line := range []struct {
		at   string
		text *string
		min  int
		max  int
	}{
		{"/title", &t.Title, 2, 100}, {"/issuer", &t.Issuer, 2, 60}, {"/docNumber", &t.DocNumber, 0, 60},
		{"/topic", &t.Topic, 0, 20}, {"/contact", &t.Contact, 0, 100},
	} {
		*line.text = strings.TrimSpace(*line.text)
		checkLength(&f, line.at, *line.text, line.min, line.max)
	}
	t.Body = Sanitize(t.Body)
	switch {
	case textOf(t.Body, 1) == "" && !strings.Contains(t.Body, "<img"):
		f.Add("/body", "field.required")
	case utf8.RuneCountInString(t.Body) > 50_000:
		f.Add("/body", "field.too_long", "max", 50_000)
	}
	if len(t.Files) > 10 {
		f.Add("/files", "content.too_many_files", "max", 10)
	}
	return f.Err()
}

func checkLength(f *errs.Fields, at, text string, min, max int) {
	switch n := utf8.RuneCountInString(text); {
	case n == 0 && min > 0:
		f.Add(at, "field.required")
	case n < min:
		f.Add(at, "field.too_short", "min", min)
	case n > max:
		f.Add(at, "field.too_long", "max", max)
	}
}
