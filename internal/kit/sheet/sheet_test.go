package sheet

import (
	"bytes"
	"testing"

	"github.com/xuri/excelize/v2"
)

func TestFormulasStayText(t *testing.T) {
	var b bytes.Buffer
	w, err := New(&b, `表/名[1]`, "企业", "金额")
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []string{`=HYPERLINK("http://e.example","x")`, "+1", "-1", "@SUM(1)", "\t=1", "普通", ""} {
		if err := w.Row(s, 12.5); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(&b)
	if err != nil {
		t.Fatal(err)
	}
	name := f.GetSheetName(0)
	rows, err := f.GetRows(name)
	if err != nil || len(rows) != 8 {
		t.Fatal(rows, err)
	}
	for i := 2; i <= 6; i++ {
		cell, _ := excelize.CoordinatesToCellName(1, i)
		if formula, _ := f.GetCellFormula(name, cell); formula != "" {
			t.Errorf("%s is a formula: %s", cell, formula)
		}
		if text, _ := f.GetCellValue(name, cell); text == "" || text[0] != '\'' {
			t.Errorf("%s: %q", cell, text)
		}
	}
	if rows[6][0] != "普通" || rows[1][1] != "12.5" {
		t.Error(rows)
	}
}
