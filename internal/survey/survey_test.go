package survey

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"smedx/internal/account"
	"smedx/internal/file"
	"smedx/internal/kit/db"
	"smedx/internal/kit/dbtest"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/page"
	"smedx/internal/kit/seal"
)

var (
	editor  = account.Principal{UserID: 5, Role: account.RoleOperator, Username: "operator"}
	visitor = account.Principal{IP: "203.0.113.7"}
	company = account.Principal{UserID: 8, OrgID: 80, Role: account.RoleEnterprise, IP: "203.0.113.8"}
)

func five() *int64 { n := int64(5); return &n }
func zero() *int64 { n := int64(0); return &n }

func questions() []Question {
	return []Question{
		{Key: "name", Type: Text, Title: "企业名称", Required: true, MaxLength: 10},
		{Key: "city", Type: Region, Title: "所在市", Required: true},
		{Key: "nature", Type: Single, Title: "企业类型", Required: true, Options: []Option{{"private", "私营企业"}, {"state", "国有企业"}}},
		{Key: "systems", Type: Multiple, Title: "系统", Exclusive: "none", MaxChoices: 2, Options: []Option{{"erp", "ERP"}, {"mes", "MES"}, {"wms", "WMS"}, {"none", "无"}}},
		{Key: "staff", Type: Number, Title: "人数", Min: zero()},
		{Key: "founded", Type: Date, Title: "成立日期"},
		{Key: "phone", Type: Phone, Title: "手机"},
		{Key: "urgency", Type: Rating, Title: "紧迫程度", Max: five()},
		{Key: "needs", Type: Textarea, Title: "帮助"},
		{Key: "paper", Type: File, Title: "材料"},
	}
}

func raw(m map[string]any) Answers {
	a := Answers{}
	for k, v := range m {
		b, err := json.Marshal(v)
		if err != nil {
			panic(err)
		}
		a[k] = b
	}
	return a
}

func full(name string) Answers {
	return raw(map[string]any{"name": name, "city": Place{"330200", "浙江省 / 宁波市"}, "nature": "private", "systems": []string{"erp"}, "staff": 120, "urgency": 4, "needs": "=1+1"})
}

func TestAnswersAreJudgedAllAtOnce(t *testing.T) {
	now := time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC)
	for _, tc := range []struct {
		name   string
		change map[string]any
		want   string
	}{
		{"all is well", nil, ""},
		{"nothing but blanks", map[string]any{"name": "  ", "nature": ""}, "/answers/name field.required /answers/nature field.required"},
		{"too long, not an option", map[string]any{"name": "一二三四五六七八九十一", "nature": "x"}, "/answers/name field.too_long /answers/nature field.choice"},
		{"none excludes others", map[string]any{"systems": []string{"none", "erp"}}, "/answers/systems survey.exclusive"},
		{"too many choices", map[string]any{"systems": []string{"erp", "mes", "wms"}}, "/answers/systems survey.too_many_choices"},
		{"the same choice twice counts once", map[string]any{"systems": []string{"erp", "erp", "mes"}}, ""},
		{"below the least", map[string]any{"staff": -1}, "/answers/staff field.out_of_range"},
		{"a text for a number", map[string]any{"staff": "12"}, "/answers/staff field.shape"},
		{"no such day", map[string]any{"founded": "2026-02-30"}, "/answers/founded survey.bad_date"},
		{"a day", map[string]any{"founded": "2012-02-29"}, ""},
		{"a short phone", map[string]any{"phone": "1380000"}, "/answers/phone survey.bad_phone"},
		{"half a star", map[string]any{"urgency": 2.5}, "/answers/urgency field.out_of_range"},
		{"six stars", map[string]any{"urgency": 6}, "/answers/urgency field.out_of_range"},
		{"a city that is no code", map[string]any{"city": Place{"33", "浙江"}}, "/answers/city field.choice"},
		{"a question nobody asked", map[string]any{"admin": true}, "/answers/admin survey.unknown_question"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			in := full("测试企业")
			for k, v := range raw(tc.change) {
				in[k] = v
			}
			_, err := checkAnswers(questions(), in, now)
			var got []string
			if err != nil {
				for _, f := range errs.Of(err).Fields {
					got = append(got, f.Pointer+" "+f.Code)
				}
			}
			if strings.Join(got, " ") != tc.want {
				t.Errorf("got %q, want %q", strings.Join(got, " "), tc.want)
			}
		})
	}
}

func TestQuestionnairesAreJudged(t *testing.T) {
	var f errs.Fields
	checkQuestions([]Question{
		{Key: "A b", Type: Text, Title: "x"},
		{Key: "one", Type: Single, Title: "", Options: []Option{{"a", "甲"}, {"a", "乙"}}},
		{Key: "one", Type: "chart", Title: "x"},
		{Key: "r", Type: Rating, Title: "x"},
	}, &f)
	var got []string
	for _, e := range f {
		got = append(got, e.Pointer+" "+e.Code)
	}
	want := "/questions/0/key survey.bad_key /questions/1/title field.required /questions/1/options/1 survey.bad_option " +
		"/questions/2/key survey.bad_key /questions/2/type field.choice /questions/3/max field.out_of_range"
	if strings.Join(got, " ") != want {
		t.Errorf("got %q", strings.Join(got, " "))
	}
}

func everyEngine(t *testing.T, test func(t *testing.T, d *db.DB, s *Service, files *file.Service)) {
	dbtest.EveryEngine(t, func(t *testing.T, d *db.DB) {
		files, err := file.New(d, t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		box, err := seal.New(bytes.Repeat([]byte{7}, seal.KeySize))
		if err != nil {
			t.Fatal(err)
		}
		test(t, d, New(d, box, files), files)
	})
}

func published(t *testing.T, s *Service) Survey {
	t.Helper()
	v, err := s.Create(t.Context(), editor, Form{Title: "需求调研表", Questions: questions()})
	if err != nil {
		t.Fatal(err)
	}
	if v, err = s.Publish(t.Context(), editor, v.ID); err != nil || v.State != Published {
		t.Fatal(v.State, err)
	}
	return v
}

func TestAnsweringOnce(t *testing.T) {
	everyEngine(t, func(t *testing.T, d *db.DB, s *Service, _ *file.Service) {
		ctx := t.Context()
		v := published(t, s)
		first, err := s.Submit(ctx, visitor, v.Token, "k1", full("甲厂"))
		if err != nil {
			t.Fatal(err)
		}
		if again, err := s.Submit(ctx, visitor, v.Token, "k1", full("甲厂")); err != nil || again != first {
			t.Errorf("a repeated request made %v (%v)", again, err)
		}
		if _, err := s.Submit(ctx, visitor, v.Token, "k2", full("乙厂")); err != nil {
			t.Errorf("another visitor: %v", err)
		}
		if _, err := s.Submit(ctx, company, v.Token, "k3", full("丙厂")); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Submit(ctx, company, v.Token, "k4", full("丙厂")); !errors.Is(err, ErrAnswered) {
			t.Errorf("a company answered twice: %v", err)
		}
		if _, err := s.Submit(ctx, company, v.Token, "k1", full("丙厂")); !errors.Is(err, ErrAnswered) {
			t.Errorf("somebody else's key: %v", err)
		}
		if got, err := s.Find(ctx, v.ID); err != nil || got.Count != 3 {
			t.Errorf("%d answers, %v", got.Count, err)
		}
		for i := range perAddress {
			_, err = s.Submit(ctx, visitor, v.Token, fmt.Sprintf("n%d", i), full("丁厂"))
		}
		if !errors.Is(err, errs.ErrRateLimited) {
			t.Errorf("one address answered without end: %v", err)
		}
		d.Clock().Shift(2 * time.Hour)
		if _, err := s.Submit(ctx, visitor, v.Token, "later", full("戊厂")); err != nil {
			t.Errorf("an hour later: %v", err)
		}
	})
}

func TestManyClicksOfOneCompanyAreOneAnswer(t *testing.T) {
	everyEngine(t, func(t *testing.T, _ *db.DB, s *Service, _ *file.Service) {
		v := published(t, s)
		var ok, refused atomic.Int64
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				_, err := s.Submit(t.Context(), company, v.Token, fmt.Sprint("c", i), full("丙厂"))
				switch {
				case err == nil:
					ok.Add(1)
				case errors.Is(err, ErrAnswered):
					refused.Add(1)
				default:
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if ok.Load() != 1 || refused.Load() != 19 {
			t.Errorf("%d stored, %d refused", ok.Load(), refused.Load())
		}
	})
}

func TestStatesAndFrozenQuestions(t *testing.T) {
	everyEngine(t, func(t *testing.T, d *db.DB, s *Service, _ *file.Service) {
		ctx := t.Context()
		v, err := s.Create(ctx, editor, Form{Title: "表", Questions: questions()})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Public(ctx, v.Token); !errors.Is(err, errs.ErrNotFound) {
			t.Errorf("a draft is public: %v", err)
		}
		if v, err = s.Publish(ctx, editor, v.ID); err != nil {
			t.Fatal(err)
		}
		if _, err = s.Submit(ctx, visitor, v.Token, "k", full("甲厂")); err != nil {
			t.Fatal(err)
		}
		form := Form{Title: "新标题", Questions: questions()}
		if v, err = s.Edit(ctx, editor, v.ID, v.Version, form); err != nil || v.Title != "新标题" || v.Count != 1 {
			t.Errorf("%q %d %v", v.Title, v.Count, err)
		}
		form.Questions = form.Questions[:4]
		if _, err = s.Edit(ctx, editor, v.ID, v.Version, form); !errors.Is(err, ErrFrozen) {
			t.Errorf("questions changed under answers: %v", err)
		}
		if err = s.Drop(ctx, editor, v.ID); !errors.Is(err, ErrFrozen) {
			t.Errorf("a survey with answers was deleted: %v", err)
		}
		form = Form{Title: "表", Questions: questions(), ClosesAt: v.PublishedAt.Add(time.Hour)}
		if v, err = s.Edit(ctx, editor, v.ID, v.Version, form); err != nil {
			t.Fatal(err)
		}
		d.Clock().Shift(time.Hour)
		if _, err = s.Submit(ctx, visitor, v.Token, "late", full("乙厂")); !errors.Is(err, ErrClosed) {
			t.Errorf("after the end: %v", err)
		}
		if _, err = s.Close(ctx, editor, v.ID); err != nil {
			t.Fatal(err)
		}
		if got, err := s.Public(ctx, v.Token); err != nil || got.State != Closed {
			t.Errorf("the address is gone: %v", err)
		}
		if v, err = s.Publish(ctx, editor, v.ID); err != nil || v.ClosesAt != 0 {
			t.Errorf("opened again with the old end: %v %v", v.ClosesAt, err)
		}
	})
}

func TestAnswersAreSealedCountedAndExported(t *testing.T) {
	everyEngine(t, func(t *testing.T, d *db.DB, s *Service, files *file.Service) {
		ctx := t.Context()
		v := published(t, s)
		up, err := files.Save(ctx, file.Viewer{}, file.SurveyFile, "图.pdf", strings.NewReader("%PDF-1.4\n%%EOF\n"))
		if err != nil {
			t.Fatal(err)
		}
		one := full("=cmd()")
		one["paper"], one["phone"] = raw(map[string]any{"p": Upload{up.ID, "图.pdf"}})["p"], json.RawMessage(`"13800001234"`)
		if _, err := s.Submit(ctx, visitor, v.Token, "k1", one); err != nil {
			t.Fatal(err)
		}
		if _, content, err := files.Open(ctx, file.Viewer{UserID: 5, Rights: []string{"survey.manage"}}, up.ID); err != nil {
			t.Errorf("the operator cannot read the paper: %v", err)
		} else {
			_ = content.Close()
		}
		stolen := full("乙厂")
		stolen["paper"] = raw(map[string]any{"p": Upload{id.ID(99), "x.pdf"}})["p"]
		if _, err := s.Submit(ctx, visitor, v.Token, "k2", stolen); !errors.Is(err, ErrFile) {
			t.Errorf("an unknown file was taken: %v", err)
		}
		if _, err := s.Submit(ctx, company, v.Token, "k3", full("丙厂")); err != nil {
			t.Fatal(err)
		}
		var sealed string
		if err := d.Raw(`SELECT sealed FROM survey_answers WHERE submit_key = 'k1'`).Scan(ctx, &sealed); err != nil || strings.Contains(sealed, "13800001234") {
			t.Errorf("%q %v", sealed, err)
		}
		list, err := s.AnswersOf(ctx, v.ID, "", page.Query{})
		if err != nil || list.Total != 2 {
			t.Fatal(list.Total, err)
		}
		a, err := s.Answer(ctx, editor, v.ID, list.Items[1].ID)
		if err != nil || a.Values["phone"] != "13800001234" {
			t.Errorf("%v %v", a.Values, err)
		}
		results, err := s.Results(ctx, v.ID)
		if err != nil {
			t.Fatal(err)
		}
		if r := results[1]; len(r.Tallies) != 1 || r.Tallies[0].Count != 2 || r.Tallies[0].Label != "浙江省 / 宁波市" {
			t.Errorf("cities %+v", r.Tallies)
		}
		if r := results[2]; r.Tallies[0].Count != 2 || r.Tallies[1].Count != 0 {
			t.Errorf("natures %+v", r.Tallies)
		}
		if r := results[4]; *r.Mean != 120 || *r.Least != 120 {
			t.Errorf("staff %+v", r)
		}
		if r := results[7]; r.Tallies[3].Count != 2 {
			t.Errorf("urgency %+v", r.Tallies)
		}
		var b bytes.Buffer
		if err := s.Export(ctx, editor, v.ID, &b); err != nil {
			t.Fatal(err)
		}
		f, err := excelize.OpenReader(&b)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := f.GetRows(f.GetSheetName(0))
		if err != nil || len(rows) != 3 || rows[1][2] != "'=cmd()" || rows[1][4] != "私营企业" || rows[2][1] != "是" {
			t.Errorf("%q %v", rows, err)
		}
		var n int64
		if err := d.Raw(`SELECT count(*) FROM audit_entries WHERE action IN ('survey.export', 'survey.answer_read')`).Scan(ctx, &n); err != nil || n != 2 {
			t.Errorf("%d entries on the trail, %v", n, err)
		}
	})
}
