package form

import "testing"

func TestMendingAFieldOpensWhatHangsOnIt(t *testing.T) {
	d := formOf(t, "enterprise")
	open := d.Opens("uscc")
	if !open["uscc"] || !open["uscc_as_printed"] || open["company_name"] {
		t.Error(open)
	}
	d.top(func(f *Field) {
		for _, w := range []*Condition{f.VisibleWhen, f.RequiredWhen} {
			if w != nil && !d.Opens(w.Field)[f.Key] {
				t.Errorf("%s hangs on %s and stays locked", f.Key, w.Field)
			}
		}
		if f.DetailAddress && !d.Opens(f.Key)[f.Key+detailSuffix] {
			t.Errorf("the address beside %s stays locked", f.Key)
		}
	})
	for key, want := range map[string]string{"uscc": "uscc", "uscc_as_printed": "uscc", "no_such": ""} {
		if got, ok := d.Stem(key); got != want || ok != (want != "") {
			t.Error(key, got, ok)
		}
	}
}
