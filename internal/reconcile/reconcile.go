// Package reconcile proves that the books are right: named checks over the
// tables of all modules, each one statement, so that it may run beside a working
// server. It reads only and repairs nothing.
package reconcile

import (
	"context"
	"encoding/json"
	"fmt"
	"io"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/ledger"
)

// Violation is one place where a check does not hold.
type Violation struct {
	Check   string `json:"check"`
	Subject string `json:"subject"` // "voucher 123"
	What    string `json:"what"`
}

// CheckResult is one check's answer.
type CheckResult struct {
	ID         string      `json:"id"`
	Statement  string      `json:"statement"`
	OK         bool        `json:"ok"`
	Violations []Violation `json:"violations,omitempty"` // at most 50
	Note       string      `json:"note,omitempty"`
}

// Report is the answer of all checks.
type Report struct {
	At     clock.Instant `json:"at"`
	Engine string        `json:"engine"`
	OK     bool          `json:"ok"`
	Checks []CheckResult `json:"checks"`
}

// most is how many violations of one check are named.
const most = 50

// check is one statement about the data. The query answers what breaks it, as
// rows (subject, what); or fn does, where SQL cannot.
type check struct {
	id, statement string
	query         string
	args          []any
	fn            func(context.Context, db.Reader, *db.DB) ([]Violation, string, error)
}

// Run makes every check. An error says that the checks could not be made; what
// they found stands in the report.
func Run(ctx context.Context, r db.Reader, d *db.DB) (Report, error) {
	report := Report{At: clock.At(r.Now()), Engine: string(d.Engine()), OK: true}
	for _, c := range checks() {
		res, err := c.run(ctx, r, d)
		if err != nil {
			return report, err
		}
		report.OK = report.OK && res.OK
		report.Checks = append(report.Checks, res)
	}
	return report, nil
}

func (c check) run(ctx context.Context, r db.Reader, d *db.DB) (CheckResult, error) {
	res := CheckResult{ID: c.id, Statement: c.statement}
	var err error
	if c.fn != nil {
		res.Violations, res.Note, err = c.fn(ctx, r, d)
	} else {
		res.Violations, err = ask(ctx, r, c)
	}
	if err != nil {
		return res, fmt.Errorf("check %s: %w", c.id, err)
	}
	for i := range res.Violations {
		res.Violations[i].Check = c.id
	}
	res.OK = len(res.Violations) == 0
	return res, nil
}

func ask(ctx context.Context, r db.Reader, c check) ([]Violation, error) {
	var rows []struct{ Subject, What string }
	err := r.Raw(`SELECT subject, what FROM (`+c.query+`) AS broken ORDER BY subject LIMIT ?`, append(append([]any{}, c.args...), most)...).Scan(ctx, &rows)
	var out []Violation
	for _, row := range rows {
		out = append(out, Violation{Subject: row.Subject, What: row.What})
	}
	return out, err
}

// Violations lists what every check found.
func (r Report) Violations() (all []Violation) {
	for _, c := range r.Checks {
		all = append(all, c.Violations...)
	}
	return all
}

// JSON writes the report for machines.
func (r Report) JSON(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(r)
}

// Text writes the report for people.
func (r Report) Text(w io.Writer) error {
	for _, c := range r.Checks {
		mark := "ok  "
		if !c.OK {
			mark = "FAIL"
		}
		if _, err := fmt.Fprintf(w, "%s  %-12s %s%s\n", mark, c.ID, c.Statement, note(c.Note)); err != nil {
			return err
		}
		for _, v := range c.Violations {
			if _, err := fmt.Fprintf(w, "        %s: %s\n", v.Subject, v.What); err != nil {
				return err
			}
		}
	}
	last := "The books are right."
	if !r.OK {
		last = fmt.Sprintf("The books are NOT right: %d violations.", len(r.Violations()))
	}
	_, err := fmt.Fprintln(w, last)
	return err
}

func note(text string) string {
	if text == "" {
		return ""
	}
	return " (" + text + ")"
}

func seals(ctx context.Context, r db.Reader, _ *db.DB) ([]Violation, string, error) {
	sealed, breaks, err := ledger.Verify(ctx, r)
	var out []Violation
	for _, b := range breaks {
		if len(out) < most {
			out = append(out, Violation{Subject: fmt.Sprintf("seal %d of %s", b.Seq, b.Book), What: b.What})
		}
	}
	return out, fmt.Sprintf("%d seals over %d rows; %d rows not sealed yet", sealed.Seals, sealed.Rows, sealed.Unsealed), err
}
