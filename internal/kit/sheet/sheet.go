// Package sheet writes tables as Excel files, row by row. Texts stay texts: what
// looks like a formula is marked, so that no spreadsheet ever computes it.
package sheet

import (
	"errors"
	"io"
	"strings"

	"github.com/xuri/excelize/v2"
)

// Writer is an Excel file with one sheet.
type Writer struct {
	to   io.Writer
	file *excelize.File
	rows *excelize.StreamWriter
	next int
}

// New starts a sheet with a bold, frozen header row. The title is cut to what
// Excel allows for a sheet's name.
func New(to io.Writer, title string, header ...string) (*Writer, error) {
	f := excelize.NewFile()
	name := sheetName(title)
	if err := f.SetSheetName("Sheet1", name); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	rows, err := f.NewStreamWriter(name)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	bold, err := f.NewStyle(&excelize.Style{
		Font: &excelize.Font{Bold: true}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"EAF1FC"}},
		Alignment: &excelize.Alignment{WrapText: true, Vertical: "center"},
	})
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	w := &Writer{to: to, file: f, rows: rows, next: 1}
	cells := make([]any, len(header))
	for i, h := range header {
		cells[i] = excelize.Cell{StyleID: bold, Value: Safe(h)}
	}
	return w, errors.Join(
		rows.SetColWidth(1, max(1, len(header)), 20),
		rows.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}),
		w.put(cells))
}

// Row adds a row; strings are made safe, numbers stay numbers.
func (w *Writer) Row(values ...any) error {
	cells := make([]any, len(values))
	for i, v := range values {
		if s, ok := v.(string); ok {
			v = Safe(s)
		}
		cells[i] = v
	}
	return w.put(cells)
}

func (w *Writer) put(cells []any) error {
	at, err := excelize.CoordinatesToCellName(1, w.next)
	if err != nil {
		return err
	}
	w.next++
	return w.rows.SetRow(at, cells)
}

// Close writes the file out.
func (w *Writer) Close() error {
	if err := w.rows.Flush(); err != nil {
		return errors.Join(err, w.file.Close())
	}
	_, err := w.file.WriteTo(w.to)
	return errors.Join(err, w.file.Close())
}

// Discard drops a file that nobody will get.
func (w *Writer) Discard() error { return w.file.Close() }

// Safe puts an apostrophe before a text that a spreadsheet would take for a
// formula, and cuts it to what a cell holds.
func Safe(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", []rune(s)[0]) {
		s = "'" + s
	}
	if runes := []rune(s); len(runes) > excelize.TotalCellChars {
		s = string(runes[:excelize.TotalCellChars])
	}
	return s
}

func sheetName(title string) string {
	name := []rune(strings.Map(func(r rune) rune {
		if strings.ContainsRune(`:\/?*[]'`, r) {
			return ' '
		}
		return r
	}, title))
	if len(name) > 31 {
		name = name[:31]
	}
	if s := strings.TrimSpace(string(name)); s != "" {
		return s
	}
	return "Sheet1"
}
