package books

import (
	"archive/zip"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io"
	"time"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/sheet"
)

//go:embed dossier.html
var dossierPage string

var dossierTemplate = template.Must(template.New("dossier").Parse(dossierPage))

// Names of the files that every package has.
const (
	indexFile    = "index.html"
	dataFile     = "dossier.json"
	manifestFile = "manifest.sha256"
)

// archive is a zip that notes the SHA-256 of each file.
type archive struct {
	zip   *zip.Writer
	made  time.Time
	lines []string
}

// create opens a file that bears the time of the package.
func (a *archive) create(name string) (io.Writer, error) {
	return a.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: a.made})
}

// file writes one file of the package.
func (a *archive) file(name string, write func(io.Writer) error) (sum string, err error) {
	w, err := a.create(name)
	if err != nil {
		return "", err
	}
	h := sha256.New()
	if err := write(io.MultiWriter(w, h)); err != nil {
		return "", fmt.Errorf("%s: %w", name, err)
	}
	sum = hex.EncodeToString(h.Sum(nil))
	a.lines = append(a.lines, sum+"  "+name+"\n")
	return sum, nil
}

// Write sends the package as it is made; nothing of it lies in memory but its
// words. A file that is not in the store any more is named in a file of its own.
func (d *Dossier) Write(ctx context.Context, to io.Writer) error {
	a := &archive{zip: zip.NewWriter(to), made: d.MadeAt.Time().In(clock.Shanghai)}
	if _, err := a.file(indexFile, func(w io.Writer) error { return dossierTemplate.Execute(w, d) }); err != nil {
		return err
	}
	_, err := a.file(dataFile, func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		e.SetEscapeHTML(false)
		return e.Encode(d)
	})
	if err != nil {
		return err
	}
	for _, s := range d.Sections {
		for _, t := range s.Tables {
			if t.CSV == "" {
				continue
			}
			if _, err := a.file(t.CSV, t.csv); err != nil {
				return err
			}
		}
	}
	for _, e := range d.evidence {
		if err := d.copy(ctx, a, e); err != nil {
			return err
		}
	}
	w, err := a.create(manifestFile)
	if err != nil {
		return err
	}
	for _, line := range a.lines {
		if _, err := io.WriteString(w, line); err != nil {
			return err
		}
	}
	return a.zip.Close()
}

func (d *Dossier) copy(ctx context.Context, a *archive, e evidence) error {
	_, content, err := d.files.Open(ctx, d.viewer, e.fileID)
	if errors.Is(err, errs.ErrNotFound) {
		_, err = a.file(e.path+".missing.txt", func(w io.Writer) error {
			_, err := fmt.Fprintf(w, "文件 %v 已不在平台上。提交时的 SHA-256：%s\n", e.fileID, e.sha256)
			return err
		})
		return err
	}
	if err != nil {
		return err
	}
	defer content.Close() //nolint:errcheck // read only
	sum, err := a.file(e.path, func(w io.Writer) error {
		_, err := io.Copy(w, content)
		return err
	})
	if err == nil && sum != e.sha256 {
		_, err = a.file(e.path+".changed.txt", func(w io.Writer) error {
			_, err := fmt.Fprintf(w, "警告：此文件与提交时不同。提交时的 SHA-256：%s，现在：%s\n", e.sha256, sum)
			return err
		})
	}
	return err
}

// csv writes the table so that a spreadsheet reads it: with a byte order mark,
// and no text that it would take for a formula.
func (t Table) csv(to io.Writer) error {
	if _, err := io.WriteString(to, "\ufeff"); err != nil {
		return err
	}
	w := csv.NewWriter(to)
	for _, row := range append([][]string{t.Head}, t.Rows...) {
		safe := make([]string, len(row))
		for i, cell := range row {
			safe[i] = sheet.Safe(cell)
		}
		if err := w.Write(safe); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}
