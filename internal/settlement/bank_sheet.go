package settlement

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strconv"

	"smedx/internal/kit/sheet"
)

// BankSheet writes a bank file as an Excel file for people: account numbers and
// order numbers are texts there, where a spreadsheet that opens the bank file
// itself would round them and drop their first zeros. The bank file stays as it is.
func BankSheet(file []byte, to io.Writer) error {
	rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(file, []byte("\ufeff")))).ReadAll()
	if err != nil || len(rows) == 0 {
		return errors.Join(err, errors.New("settlement: no bank file"))
	}
	out, err := sheet.New(to, "付款文件", rows[0]...)
	if err != nil {
		return err
	}
	for _, row := range rows[1:] {
		cells := make([]any, len(row))
		for i, text := range row {
			cells[i] = text
			if rows[0][i] != "金额（元）" {
				continue
			}
			if cells[i], err = strconv.ParseFloat(text, 64); err != nil {
				return errors.Join(err, out.Discard())
			}
		}
		if err := out.Row(cells...); err != nil {
			return errors.Join(err, out.Discard())
		}
	}
	return out.Close()
}
