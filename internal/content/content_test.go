package content

import (
	"bytes"
	"errors"
	"image"
	"image/png"
	"strings"
	"testing"
	"time"

	"smedx/internal/account"
	"smedx/internal/file"
	"smedx/internal/kit/db"
	"smedx/internal/kit/dbtest"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/page"
)

var editor = account.Principal{UserID: 5, Role: account.RoleOperator, Username: "operator"}

func TestSanitizeKeepsStructureAndDropsWhatRuns(t *testing.T) {
	for _, tc := range []struct{ name, in, want string }{
		{"structure", `<h3>一</h3><p><strong>重</strong></p><ul><li>a</li></ul>`, `<h3>一</h3><p><strong>重</strong></p><ul><li>a</li></ul>`},
		{"a script", `<p>a<script>alert(1)</script></p>`, `<p>a</p>`},
		{"an event", `<p onclick="x()">a</p>`, `<p>a</p>`},
		{"a style", `<p style="color:red" class="x">a</p>`, `<p>a</p>`},
		{"a foreign picture", `<p><img src="https://e.example/a.png"></p>`, `<p></p>`},
		{"our picture", `<p><img src="/api/v1/files/12" alt="图"></p>`, `<p><img src="/api/v1/files/12" alt="图"></p>`},
		{"a path that climbs", `<img src="/api/v1/files/../me">`, ``},
		{"javascript link", `<a href="javascript:alert(1)">a</a>`, `a`},
		{"a data link", `<a href="data:text/html,x">a</a>`, `a`},
		{"a link within", `<a href="/s/abc">a</a>`, `<a href="/s/abc" rel="nofollow">a</a>`},
		{"a link outside", `<a href="https://e.example/">a</a>`, `<a href="https://e.example/" rel="nofollow noopener" target="_blank">a</a>`},
		{"a frame", `<iframe src="https://e.example"></iframe>b`, `b`},
		{"svg", `<svg onload="x()"><a href="javascript:1">c</a></svg>`, `c`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := Sanitize(tc.in); got != tc.want {
				t.Errorf("got %s\nwant %s", got, tc.want)
			}
			if once := Sanitize(tc.in); Sanitize(once) != once {
				t.Error("a second pass changes the result")
			}
		})
	}
}

func TestSummaryIsPlainText(t *testing.T) {
	if got := textOf("<p>甲 &amp; 乙</p><p>丙&lt;b&gt;</p>", 50); got != "甲 & 乙 丙<b>" {
		t.Error(got)
	}
	if got := textOf("<p>一二三四五</p>", 3); got != "一二三…" {
		t.Error(got)
	}
}

func everyEngine(t *testing.T, test func(t *testing.T, d *db.DB, s *Service, files *file.Service)) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		files, err := file.New(d, t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		test(t, d, New(d, files), files)
	})
}

func TestNoticeFromDraftToWithdrawn(t *testing.T) {
	everyEngine(t, func(t *testing.T, d *db.DB, s *Service, _ *file.Service) {
		ctx := t.Context()
		text := NoticeText{Title: " 关于调研的通知 ", Issuer: "数促中心", Body: "<p>各企业：</p><script>x</script>"}
		n, err := s.Create(ctx, editor, text)
		if err != nil {
			t.Fatal(err)
		}
		if n.Title != "关于调研的通知" || n.Body != "<p>各企业：</p>" || n.Summary != "各企业：" {
			t.Errorf("%+v", n)
		}
		if _, err := s.Notice(ctx, n.ID); !errors.Is(err, errs.ErrNotFound) {
			t.Errorf("a draft is public: %v", err)
		}
		if n, err = s.Publish(ctx, editor, n.ID); err != nil || n.State != Published || n.PublishedAt == 0 {
			t.Fatal(n.State, err)
		}
		if _, err := s.Publish(ctx, editor, n.ID); !errors.Is(err, errs.ErrInvalidState) {
			t.Errorf("published twice: %v", err)
		}
		if err := s.Drop(ctx, editor, n.ID); !errors.Is(err, errs.ErrInvalidState) {
			t.Errorf("a published notice was deleted: %v", err)
		}
		text.Title = "改过的通知"
		if n, err = s.Edit(ctx, editor, n.ID, n.Version, text); err != nil || n.Title != "改过的通知" {
			t.Fatal(err)
		}
		if _, err := s.Edit(ctx, editor, n.ID, n.Version-1, text); !errors.Is(err, errs.ErrStale) {
			t.Errorf("an old version was saved: %v", err)
		}
		d.Clock().Shift(time.Hour)
		other, err := s.Create(ctx, editor, NoticeText{Title: "100%补贴", Issuer: "数促中心", Body: "<p>b</p>"})
		if err != nil {
			t.Fatal(err)
		}
		if other, err = s.Publish(ctx, editor, other.ID); err != nil {
			t.Fatal(err)
		}
		older, newer, err := s.Neighbors(ctx, other)
		if err != nil || older.ID != n.ID || newer.ID != 0 {
			t.Errorf("neighbors %v %v %v", older.ID, newer.ID, err)
		}
		list, err := s.Notices(ctx, "", page.Query{})
		if err != nil || list.Total != 2 || list.Items[0].ID != other.ID {
			t.Errorf("%d notices, %v", list.Total, err)
		}
		if list, err = s.Notices(ctx, "0%", page.Query{}); err != nil || list.Total != 1 {
			t.Errorf("searched: %d, %v", list.Total, err)
		}
		if n, err = s.Withdraw(ctx, editor, n.ID); err != nil {
			t.Fatal(err)
		}
		if got, err := s.Notice(ctx, n.ID); err != nil || got.State != Withdrawn || got.Body != "" {
			t.Errorf("withdrawn: %q %v", got.Body, err)
		}
		if list, err = s.Notices(ctx, "", page.Query{}); err != nil || list.Total != 1 {
			t.Errorf("%d notices, %v", list.Total, err)
		}
	})
}

func TestNoticeTellsAllFaultsAtOnce(t *testing.T) {
	everyEngine(t, func(t *testing.T, _ *db.DB, s *Service, _ *file.Service) {
		_, err := s.Create(t.Context(), editor, NoticeText{Title: "x", Body: "<p> </p>", Contact: strings.Repeat("电", 101)})
		var got []string
		for _, f := range errs.Of(err).Fields {
			got = append(got, f.Pointer+" "+f.Code)
		}
		want := "/title field.too_short,/issuer field.required,/contact field.too_long,/body field.required"
		if strings.Join(got, ",") != want {
			t.Error(got)
		}
	})
}

func TestFilesOpenWithTheNotice(t *testing.T) {
	everyEngine(t, func(t *testing.T, _ *db.DB, s *Service, files *file.Service) {
		ctx := t.Context()
		var pic bytes.Buffer
		if err := png.Encode(&pic, image.NewGray(image.Rect(0, 0, 4, 4))); err != nil {
			t.Fatal(err)
		}
		save := func() id.ID {
			f, err := files.Save(ctx, file.Viewer{UserID: editor.UserID}, file.NoticeFile, "图.png", bytes.NewReader(pic.Bytes()))
			if err != nil {
				t.Fatal(err)
			}
			return f.ID
		}
		attached, inBody := save(), save()
		n, err := s.Create(ctx, editor, NoticeText{
			Title: "带附件", Issuer: "中心", Body: `<p><img src="/api/v1/files/` + inBody.String() + `"></p>`, Files: []id.ID{attached},
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := files.Open(ctx, file.Viewer{}, attached); !errors.Is(err, errs.ErrNotFound) {
			t.Errorf("a draft's attachment is public: %v", err)
		}
		if n, err = s.Publish(ctx, editor, n.ID); err != nil || len(n.Files) != 1 || n.Files[0].Name != "图.png" {
			t.Fatal(n.Files, err)
		}
		for _, f := range []id.ID{attached, inBody} {
			_, content, err := files.Open(ctx, file.Viewer{}, f)
			if err != nil {
				t.Fatal(err)
			}
			_ = content.Close()
		}
		if _, err := s.Create(ctx, editor, NoticeText{Title: "别人的", Issuer: "中心", Body: "<p>a</p>", Files: []id.ID{42}}); !errors.Is(err, ErrFile) {
			t.Errorf("an unknown file was attached: %v", err)
		}
	})
}

func TestAnnouncementsReachTheirAudience(t *testing.T) {
	everyEngine(t, func(t *testing.T, _ *db.DB, s *Service, _ *file.Service) {
		ctx := t.Context()
		for _, to := range []Audience{ToAll, ToEnterprises, ToProviders} {
			a, err := s.Announce(ctx, editor, AnnouncementText{Title: "公告", Body: "内容 " + string(to), Audience: to})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.PublishAnnouncement(ctx, editor, a.ID); err != nil {
				t.Fatal(err)
			}
		}
		for role, want := range map[account.Role]int64{
			account.RoleEnterprise: 2, account.RoleProvider: 2, account.RoleExpert: 1, account.RoleOperator: 3,
		} {
			got, err := s.Announcements(ctx, account.Principal{UserID: 1, Role: role}, page.Query{})
			if err != nil || got.Total != want {
				t.Errorf("%s sees %d, want %d (%v)", role, got.Total, want, err)
			}
		}
		if _, err := s.Announce(ctx, editor, AnnouncementText{Title: "公告", Body: "内容", Audience: "x"}); errs.Of(err).Kind != errs.Invalid {
			t.Error(err)
		}
	})
}
