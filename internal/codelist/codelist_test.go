package codelist_test

import (
	"testing"

	"smedx/internal/codelist"
)

// The edition of the industry list is the one of 2017: the 2011 one has 96 divisions.
func TestIndustriesAreTheEditionOf2017(t *testing.T) {
	l, _ := codelist.Get(codelist.Industry)
	divisions := 0
	for _, section := range l.Items {
		divisions += len(section.Children)
	}
	if len(l.Items) != 20 || divisions != 97 {
		t.Errorf("%d sections, %d divisions; want 20, 97", len(l.Items), divisions)
	}
	for code, want := range map[string]string{"58": "多式联运和运输代理业", "59": "装卸搬运和仓储业"} {
		if got := l.Label(code); got != want {
			t.Errorf("%s is %s, want %s", code, got, want)
		}
	}
	if depth, leaf := l.Depth("591"); depth != 3 || !leaf {
		t.Errorf("591 is at depth %d, leaf %v", depth, leaf)
	}
}

func TestRegions(t *testing.T) {
	l, _ := codelist.Get(codelist.Region)
	prefectures, counties := 0, 0
	for _, p := range l.Items {
		prefectures += len(p.Children)
		for _, c := range p.Children {
			counties += len(c.Children)
		}
	}
	if len(l.Items) != 34 || prefectures < 340 || counties < 2840 {
		t.Errorf("%d/%d/%d", len(l.Items), prefectures, counties)
	}
	if got := l.FullLabel("350203"); got != "福建省 / 厦门市 / 思明区" {
		t.Error(got)
	}
	if got := l.FullLabel("110101"); got != "北京市 / 东城区" {
		t.Error(got)
	}
	if depth, leaf := l.Depth("710000"); depth != 1 || !leaf {
		t.Error("Taiwan has parts")
	}
}

func TestListsAreWellFormed(t *testing.T) {
	for _, name := range codelist.Names() {
		l, _ := codelist.Get(name)
		if l.Version == "" || len(l.Items) == 0 {
			t.Errorf("%s has no version or no entries", name)
		}
		seen := map[string]bool{}
		for _, it := range l.Items {
			if it.Value == "" || it.Label == "" || seen[it.Value] {
				t.Errorf("%s: %q %q is empty or doubled", name, it.Value, it.Label)
			}
			seen[it.Value] = true
		}
	}
	if got := codelist.Label("yes_no", "yes"); got != "是" {
		t.Error(got)
	}
	if got := codelist.Label("nothing", "x"); got != "x" {
		t.Error(got)
	}
}
