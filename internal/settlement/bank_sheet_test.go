package settlement

import (
	"bytes"
	"slices"
	"testing"

	"github.com/xuri/excelize/v2"
)

func TestASpreadsheetOfTheBankFileKeepsEveryDigit(t *testing.T) {
	file := "\ufeff批次号,收款账号,开户行联行号,金额（元）\r\n594287316045201409,0622202100100987654,012345678901,1200.50\r\n"
	var out bytes.Buffer
	if err := BankSheet([]byte(file), &out); err != nil {
		t.Fatal(err)
	}
	book, err := excelize.OpenReader(&out)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := book.GetRows("付款文件")
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"594287316045201409", "0622202100100987654", "012345678901", "1200.5"}; len(rows) != 2 || !slices.Equal(rows[1], want) {
		t.Errorf("%q", rows)
	}
	for cell, text := range map[string]bool{"A2": true, "B2": true, "C2": true, "D2": false} {
		kind, err := book.GetCellType("付款文件", cell)
		if isText := kind == excelize.CellTypeInlineString || kind == excelize.CellTypeSharedString; err != nil || isText != text {
			t.Errorf("%s is of type %v: %v", cell, kind, err)
		}
	}
}
