package ledger

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"time"

	"github.com/uptrace/bun"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
	"smedx/internal/kit/money"
)

// A seal fixes a run of committed rows of a book: SHA-256 over their canonical
// form, chained to the seal before. Append-only triggers stop an honest mistake;
// seals show a change by somebody who went around them. A chain inside the rows
// would make every money write wait for the one before.

// Sealed books.
const (
	journalBook = "journal" // entries with their postings
	auditBook   = "audit"
)

var books = []string{journalBook, auditBook}

const (
	sealAge   = 30 * time.Second // by then a row is committed or never will be
	sealRows  = 5000             // most rows below one seal
	sealBegin = "smedx"          // what the first seal is chained to
)

type sealRow struct {
	bun.BaseModel `bun:"table:seals"`

	ID       id.ID `bun:",pk"`
	Book     string
	Seq      int64
	FirstID  id.ID
	LastID   id.ID
	RowCount int64
	PrevHash string
	Hash     string
	At       clock.Instant
}

// SealDue seals what was written more than 30 seconds ago. Two processes may run
// it at once: one seal of each number is kept.
func SealDue(ctx context.Context, d *db.DB) error { return sealUpTo(ctx, d, id.Floor(sealAge)) }

// SealAll seals every row there is; for tests and before a backup of a stopped server.
func SealAll(ctx context.Context, d *db.DB) error { return sealUpTo(ctx, d, id.Floor(-time.Hour)) }

func sealUpTo(ctx context.Context, d *db.DB, below id.ID) error {
	for _, book := range books {
		for {
			more, err := sealNext(ctx, d, book, below)
			if err != nil {
				return fmt.Errorf("seal %s: %w", book, err)
			}
			if !more {
				break
			}
		}
	}
	return nil
}

// sealNext reads outside the transaction: sealed rows never change.
func sealNext(ctx context.Context, d *db.DB, book string, below id.ID) (more bool, err error) {
	last, err := lastSeal(ctx, d, book)
	if err != nil {
		return false, err
	}
	rows, err := readRows(ctx, d, book, last.LastID, below-1, sealRows)
	if err != nil || len(rows) == 0 {
		return false, err
	}
	next := sealRow{
		ID: id.New(), Book: book, Seq: last.Seq + 1, FirstID: rows[0].id, LastID: rows[len(rows)-1].id,
		RowCount: int64(len(rows)), PrevHash: last.Hash, Hash: digest(last.Hash, rows),
	}
	err = d.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		next.At = clock.At(tx.Now())
		_, err := tx.InsertNew(ctx, &next) // not fresh: another process was faster
		return err
	})
	return len(rows) == sealRows, err
}

func lastSeal(ctx context.Context, r db.Reader, book string) (sealRow, error) {
	var last sealRow
	err := r.Select(&last).Where("book = ?", book).Order("seq DESC").Limit(1).Scan(ctx)
	if db.IsNotFound(err) {
		return sealRow{Book: book, Hash: sealBegin}, nil
	}
	return last, err
}

// Break is a place where a book and its seals disagree.
type Break struct {
	Book string `json:"book"`
	Seq  int64  `json:"seq"` // the seal
	What string `json:"what"`
}

func (b Break) String() string { return fmt.Sprintf("seal %d of %s: %s", b.Seq, b.Book, b.What) }

// Sealed says what Verify has looked at.
type Sealed struct {
	Seals, Rows int64
	Unsealed    int64 // rows younger than the last seal
}

// Verify recomputes every seal.
func Verify(ctx context.Context, r db.Reader) (Sealed, []Break, error) {
	var all Sealed
	var breaks []Break
	for _, book := range books {
		seals, err := readSeals(ctx, r, book)
		if err != nil {
			return all, nil, err
		}
		prev := sealRow{Book: book, Hash: sealBegin}
		for _, s := range seals {
			what, err := check(ctx, r, prev, s)
			if err != nil {
				return all, nil, err
			}
			if what != "" {
				breaks = append(breaks, Break{book, s.Seq, what})
			}
			all.Seals++
			all.Rows += s.RowCount
			prev = s
		}
		young, err := countAfter(ctx, r, book, prev.LastID)
		if err != nil {
			return all, nil, err
		}
		all.Unsealed += young
	}
	return all, breaks, nil
}

func readSeals(ctx context.Context, r db.Reader, book string) ([]sealRow, error) {
	var seals []sealRow
	err := r.Select(&seals).Where("book = ?", book).Order("seq").Scan(ctx)
	return seals, err
}

// check answers what is wrong with a seal, "" for nothing. One row more than
// the seal counts is read, so that an inserted row shows.
func check(ctx context.Context, r db.Reader, prev, s sealRow) (string, error) {
	switch {
	case s.Seq != prev.Seq+1:
		return fmt.Sprintf("follows seal %d", prev.Seq), nil
	case s.PrevHash != prev.Hash:
		return "is not chained to the seal before", nil
	}
	rows, err := readRows(ctx, r, s.Book, prev.LastID, s.LastID, int(s.RowCount)+1)
	switch {
	case err != nil:
		return "", err
	case int64(len(rows)) != s.RowCount:
		return fmt.Sprintf("covers %d rows (%v to %v), the book has %s", s.RowCount, s.FirstID, s.LastID, atLeast(len(rows), s.RowCount)), nil
	case digest(prev.Hash, rows) != s.Hash:
		return fmt.Sprintf("a row between %v and %v was changed after %s", s.FirstID, s.LastID, s.At.Local()), nil
	}
	return "", nil
}

func atLeast(have int, want int64) string {
	if int64(have) > want {
		return "more"
	}
	return fmt.Sprint(have)
}

// row is a book's row in the form that is sealed.
type row struct {
	id   id.ID
	text string
}

func digest(prev string, rows []row) string {
	h := sha256.New()
	line(h, prev)
	for _, r := range rows {
		line(h, r.text)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// line writes length and text, so that no two sequences of rows look alike.
func line(h hash.Hash, text string) {
	fmt.Fprintf(h, "%d:%s\n", len(text), text)
}

func canonical(fields ...any) string {
	text, err := json.Marshal(fields)
	if err != nil {
		panic(err) // numbers and strings
	}
	return string(text)
}

// readRows reads a book's rows with ids in (after, upTo], in order, at most limit.
func readRows(ctx context.Context, r db.Reader, book string, after, upTo id.ID, limit int) ([]row, error) {
	if book == journalBook {
		return readJournal(ctx, r, after, upTo, limit)
	}
	return readAudit(ctx, r, after, upTo, limit)
}

func readJournal(ctx context.Context, r db.Reader, after, upTo id.ID, limit int) ([]row, error) {
	var entries []entryRow
	err := r.Select(&entries).Where("id > ? AND id <= ?", after, upTo).Order("id").Limit(int64(limit)).Scan(ctx)
	if err != nil || len(entries) == 0 {
		return nil, err
	}
	var postings []postingRow
	err = r.Select(&postings).Where("entry_id >= ? AND entry_id <= ?", entries[0].ID, entries[len(entries)-1].ID).
		Order("entry_id", "line").Scan(ctx)
	if err != nil {
		return nil, err
	}
	lines := map[id.ID][]any{}
	for _, p := range postings {
		lines[p.EntryID] = append(lines[p.EntryID], []any{p.Line, p.Account, int64(p.AmountFen)})
	}
	rows := make([]row, 0, len(entries))
	for _, e := range entries {
		rows = append(rows, row{e.ID, canonical(e.ID, e.Ledger, int64(e.At), e.Kind, e.SourceKind, e.SourceID, e.Reverses, lines[e.ID])})
	}
	return rows, nil
}

type auditRow struct {
	bun.BaseModel `bun:"table:audit_entries"`

	ID         id.ID `bun:",pk"`
	At         int64
	UserID     id.ID
	OrgID      id.ID
	Role       string
	ActorName  string
	IP         string `bun:"ip"`
	RequestID  string
	Action     string
	ObjectKind string
	ObjectID   id.ID
	SubjectOrg id.ID
	Detail     string
}

func readAudit(ctx context.Context, r db.Reader, after, upTo id.ID, limit int) ([]row, error) {
	var entries []auditRow
	err := r.Select(&entries).Where("id > ? AND id <= ?", after, upTo).Order("id").Limit(int64(limit)).Scan(ctx)
	if err != nil {
		return nil, err
	}
	rows := make([]row, 0, len(entries))
	for _, e := range entries {
		rows = append(rows, row{e.ID, canonical(e.ID, e.At, e.UserID, e.OrgID, e.Role, e.ActorName, e.IP, e.RequestID, e.Action, e.ObjectKind, e.ObjectID, e.SubjectOrg, e.Detail)})
	}
	return rows, nil
}

func countAfter(ctx context.Context, r db.Reader, book string, after id.ID) (n int64, err error) {
	table := "audit_entries"
	if book == journalBook {
		table = "journal"
	}
	err = r.Raw(`SELECT COUNT(*) FROM `+table+` WHERE id > ?`, after).Scan(ctx, &n)
	return n, err
}

// Line is one posting of an account with the balance after it.
type Line struct {
	EntryID    id.ID
	At         clock.Instant
	Kind       Kind
	SourceKind string
	SourceID   id.ID
	Amount     money.Fen // signed
	Balance    money.Fen
}

// Statement lists an account's postings, oldest first, with the balance after
// each: those after an entry (0: from the beginning), at most limit.
func Statement(ctx context.Context, r db.Reader, a Account, after id.ID, limit int) ([]Line, error) {
	var balance money.Fen
	err := r.Raw(`SELECT COALESCE(SUM(amount_fen), 0) FROM postings WHERE account = ? AND entry_id <= ?`, a, after).Scan(ctx, &balance)
	if err != nil {
		return nil, err
	}
	var lines []Line
	err = r.Raw(`
		SELECT p.entry_id, j.at, j.kind, j.source_kind, j.source_id, p.amount_fen AS amount, 0 AS balance
		FROM postings p JOIN journal j ON j.id = p.entry_id
		WHERE p.account = ? AND p.entry_id > ? ORDER BY p.entry_id, p.line LIMIT ?`, a, after, limit).Scan(ctx, &lines)
	for i := range lines {
		balance += lines[i].Amount
		lines[i].Balance = balance
	}
	return lines, err
}

// Seal is what an entry of the journal lies under.
type Seal struct {
	Seq  int64
	Hash string
}

// SealsOf finds the seals of entries; one that is not sealed yet is left out.
func SealsOf(ctx context.Context, r db.Reader, entries ...id.ID) (map[id.ID]Seal, error) {
	out := map[id.ID]Seal{}
	if len(entries) == 0 {
		return out, nil
	}
	var rows []struct {
		ID   id.ID
		Seq  int64
		Hash string
	}
	err := r.Raw(`
		SELECT j.id, s.seq, s.hash FROM journal j JOIN seals s ON s.book = ? AND s.first_id <= j.id AND s.last_id >= j.id
		WHERE j.id IN (?)`, journalBook, bun.List(entries)).Scan(ctx, &rows)
	for _, row := range rows {
		out[row.ID] = Seal{row.Seq, row.Hash}
	}
	return out, err
}
