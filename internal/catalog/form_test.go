package catalog

import (
	"slices"
	"strings"
	"testing"

	"smedx/internal/codelist"
	"smedx/internal/file"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/money"
)

func TestEveryPublishingTypeHasAForm(t *testing.T) {
	types, _ := codelist.Get("publish_type")
	if len(types.Items) != len(Forms()) {
		t.Errorf("%d types, %d forms", len(types.Items), len(Forms()))
	}
	own := map[string]bool{}
	for _, i := range types.Items {
		f, ok := formOf(Kind(i.Value))
		if !ok || f.Label != i.Label || f.About == "" || !known("catalog", f.Section) || f.Plans < 1 || f.Cases.Min < 1 || f.Cases.Min > CaseCount {
			t.Errorf("%s: %+v", i.Value, f)
		}
		// The search and the cards of the catalogue live on these.
		for _, at := range []string{"/name", "/section", "/tags", "/coverFile", "/categories", "/industries"} {
			if n := slices.IndexFunc(f.Basics, func(field Field) bool { return field.At == at }); n < 0 || !f.Basics[n].Required {
				t.Errorf("%s does not ask for %s", i.Value, at)
			}
		}
		c := whole("x")
		c.Own = map[string][]string{}
		empty := treeOf(c)
		for _, field := range slices.Concat(f.Basics, f.Contact, f.Page) {
			judgeField(t, i.Value, field, "", empty)
			if name, is := field.own(); is && own[name] {
				t.Errorf("two types have a field %s", name)
			} else if is {
				own[name] = true
			}
		}
		for _, field := range f.Cases.Fields {
			judgeField(t, i.Value, field, "/cases/0", empty)
		}
	}
}

// judgeField refuses a row of the table that asks for what the content has not.
func judgeField(t *testing.T, kind string, f Field, base string, whole tree) {
	t.Helper()
	name, own := f.own()
	optional := strings.HasPrefix(f.At, "/contact") || base != "" && !f.Required
	switch {
	case f.Label == "" || f.At == "":
		t.Errorf("%s: %+v", kind, f)
	case own && (name == "" || strings.Contains(name, "/")):
		t.Errorf("%s: %s", kind, f.At)
	case !own && !optional && len(whole.at(base+f.At)) == 0:
		t.Errorf("%s: the content has no %s", kind, base+f.At)
	}
	if _, ok := codelist.Get(f.List); f.List != "" && !ok {
		t.Errorf("%s: no list %s", kind, f.List)
	}
	if f.Type == typeFile || f.Type == typeFiles {
		rule, ok := file.RuleOf(file.Purpose(f.Purpose))
		if !ok || int64(f.MB)<<20 > rule.Max || f.MB == 0 {
			t.Errorf("%s: %s allows %d MB of %s", kind, f.At, f.MB, f.Purpose)
		}
		for ending := range strings.SplitSeq(f.Accept, ",") {
			if !slices.Contains(rule.Types, ending) {
				t.Errorf("%s: %s offers .%s", kind, f.At, ending)
			}
		}
	}
	if f.Max == 0 && slices.Contains([]FieldType{typeText, typeLong, typeRich, typeNumber, typeMonths, typeCodes, typeRows, typeFiles, typeLines}, f.Type) {
		t.Errorf("%s: %s has no limit", kind, f.At)
	}
}

func TestTypesAskForTheirOwnFields(t *testing.T) {
	course := whole("数字化管理课程")
	course.Section, course.DeliveryCycle, course.DeliveryEffort, course.Product = "training", "", "", ""
	course.Own = map[string][]string{"courseWay": {"live", "centre"}, "hours": {"16"}, "audience": {"车间主任"}, "certificate": {"yes"}, "teachers": {"高级工程师三名"}}
	course.Cases[1], course.Cases[2] = CaseStudy{}, CaseStudy{}
	course.Cases[0].OutputFen, course.Cases[0].Document = nil, 0
	if f := course.Check("training"); len(f) != 0 {
		t.Errorf("a whole course with one case is refused: %+v", f)
	}
	if f := course.Check(Solution); len(f) < 10 {
		t.Errorf("a course passes for a solution: %+v", f)
	}
	for name, tc := range map[string]struct {
		change  func(*Content)
		pointer string
	}{
		"no lessons":                      {func(c *Content) { c.Own["hours"] = nil }, "/own/hours"},
		"half a lesson":                   {func(c *Content) { c.Own["hours"] = []string{"0.5"} }, "/own/hours"},
		"too many lessons":                {func(c *Content) { c.Own["hours"] = []string{"501"} }, "/own/hours"},
		"a way nobody knows":              {func(c *Content) { c.Own["courseWay"] = []string{"live", "x"} }, "/own/courseWay/1"},
		"a second case that is begun":     {func(c *Content) { c.Cases[1] = c.Cases[0]; c.Cases[1].Story = "" }, "/cases/1/story"},
		"a name that a solution may have": {func(c *Content) { c.Name = strings.Repeat("课", 61) }, "/name"},
		"four directions":                 {func(c *Content) { c.Categories = []string{"planning", "quality", "safety", "energy"} }, "/categories"},
	} {
		c := course
		c.Cases, c.Own = slices.Clone(course.Cases), map[string][]string{}
		for k, v := range course.Own {
			c.Own[k] = v
		}
		tc.change(&c)
		if f := c.Check("training"); len(f) != 1 || f[0].Pointer != tc.pointer {
			t.Errorf("%s: %+v, want %s", name, f, tc.pointer)
		}
	}
	if got := Facts("training", course); len(got) != 5 || got[0] != (Fact{"培训方式", "线上直播或远程、集中授课"}) {
		t.Errorf("buyers read %+v", got)
	}
	if f := course.Check("x"); len(f) != 1 || f[0].Pointer != "/kind" {
		t.Errorf("a type nobody knows: %+v", f)
	}
}

func TestOwnFieldsAreKeptByType(t *testing.T) {
	everyEngine(t, func(t *testing.T, w world) {
		given := map[string][]string{"hours": {" 8 "}, "teamSize": {"3"}, "made_up": {"x"}, "audience": {" "}}
		for kind, want := range map[Kind]string{Solution: "", "consulting": "teamSize", "training": "hours"} {
			d, err := w.Create(t.Context(), provider, kind)
			if err != nil {
				t.Fatal(err)
			}
			form, _ := formOf(kind)
			if d.Content.Section != form.Section {
				t.Errorf("a new %s stands in %q", kind, d.Content.Section)
			}
			c := whole("x")
			c.Own = given
			if _, err := w.SaveDraft(t.Context(), provider, d.Offering.ID, 1, c); err != nil {
				t.Fatal(err)
			}
			d, err = w.Working(t.Context(), provider, d.Offering.ID)
			if err != nil || (want == "") != (d.Content.Own == nil) || want != "" && (len(d.Content.Own) != 1 || len(d.Content.Own[want]) != 1) {
				t.Errorf("%s keeps %v %v", kind, d.Content.Own, err)
			}
		}
		if _, err := w.Create(t.Context(), provider, "x"); err == nil {
			t.Error("a type nobody knows is begun")
		}
	})
}

func TestCopyIsADraftOfItsOwn(t *testing.T) {
	everyEngine(t, func(t *testing.T, w world) {
		ctx := t.Context()
		o := w.listed(t, provider, whole("智能排产"))
		_, err := w.Copy(ctx, stranger, o.ID)
		wants(t, "another company's", err, errs.ErrNotFound)
		d, err := w.Copy(ctx, provider, o.ID)
		wants(t, "copy", err, nil)
		old, _ := w.Product(ctx, o.ID)
		if d.Offering.ID == o.ID || d.Offering.Status != Draft || d.Content.Name != "智能排产（副本）" || d.Content.Contact.Phone != "13800000001" || d.Revision.Number != 1 {
			t.Errorf("the copy: %+v", d.Offering)
		}
		if d.Content.Plans[0].ID == old.Content.Plans[0].ID || *d.Content.Plans[0].Prices[0].PriceFen != 1_200_000 {
			t.Errorf("its plans: %+v", d.Content.Plans)
		}
		c := d.Content
		c.Plans[0].Prices[0].PriceFen = of(money.Fen(1))
		if _, found := w.resubmit(t, provider, d, c); found.Title != "智能排产（副本）" {
			t.Errorf("the case: %+v", found)
		}
		items, _ := w.SaleItems(ctx, w.db, PlanRef{old.Content.Plans[0].ID, Year})
		if len(items) != 1 {
			t.Error("what was copied is not on sale any more")
		}
		long := marked(strings.Repeat("长", 100))
		if n := len([]rune(long)); n != 60 || !strings.HasSuffix(long, copyMark) {
			t.Errorf("a long name: %d %s", n, long)
		}
		w.around.verified[100] = false
		_, err = w.Copy(ctx, provider, o.ID)
		wants(t, "not verified", err, ErrNotSubmittable)
	})
}

func TestBothVersionsAreTold(t *testing.T) {
	everyEngine(t, func(t *testing.T, w world) {
		ctx := t.Context()
		o := w.listed(t, provider, whole("智能排产"))
		d, err := w.Revise(ctx, provider, o.ID)
		wants(t, "revise", err, nil)
		c := d.Content
		c.Name = "智能排产二代"
		saved, err := w.SaveDraft(ctx, provider, o.ID, d.Revision.Version, c)
		wants(t, "save", err, nil)
		if saved.Description != c.Page.Description {
			t.Errorf("the editor is told %q", saved.Description)
		}
		o, _ = findOffering(ctx, w.db, o.ID)
		v, err := w.VersionsOf(ctx, []Offering{o})
		if got := v[o.ID]; err != nil || got.Live.Number != 1 || got.Live.ApprovedAt == 0 || got.Work.Number != 2 || got.WorkName != "智能排产二代" || o.Name != "智能排产" {
			t.Errorf("%+v %v", got, err)
		}
		if v, err := w.VersionsOf(ctx, nil); err != nil || len(v) != 0 {
			t.Error(v, err)
		}
	})
}
