package review

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"

	"smedx/internal/account"
	"smedx/internal/audit"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
)

// SeatState is how far one expert's share of a case is.
type SeatState string

// The states of a seat. Recused and released experts have left the panel.
const (
	SeatAsked    SeatState = "asked"    // has not yet declared to have no interest
	SeatDeclared SeatState = "declared" // has declared, may read and score
	SeatVoted    SeatState = "voted"
	SeatRecused  SeatState = "recused"
	SeatReleased SeatState = "released" // replaced by the operator
)

// Seat is one expert's place on a panel.
type Seat struct {
	bun.BaseModel `bun:"table:review_seats"`

	CaseID  id.ID `bun:",pk"`
	Round   int64 `bun:",pk"`
	UserID  id.ID `bun:",pk"`
	State   SeatState
	Cause   string // code of why recused
	Reason  string // why recused or released, in words
	AskedAt clock.Instant
	EndedAt clock.Instant
}

func (s Seat) open() bool { return s.State == SeatAsked || s.State == SeatDeclared }
func (s Seat) left() bool { return s.State == SeatRecused || s.State == SeatReleased }

// Vote is one expert's ballot: written once, never changed.
type Vote struct {
	bun.BaseModel `bun:"table:review_votes"`

	ID       id.ID `bun:",pk"`
	CaseID   id.ID
	Round    int64
	UserID   id.ID
	Scores   map[string]int64  `bun:"type:text"` // by criterion, 0 to 100
	Comments map[string]string `bun:"type:text"` // by criterion
	Score    int64             // weighted, in hundredths
	Passed   bool
	Reason   string // code of why not
	Comment  string
	At       clock.Instant
}

// Ballot is what an expert hands in. ContentHash is that of the material read.
type Ballot struct {
	Scores      map[string]int64
	Comments    map[string]string // by criterion; a score below the threshold needs one
	Pass        bool
	Reason      string // code of review_reason; needed by a ballot against
	Comment     string
	ContentHash string
}

// trim cuts what was typed; empty words for a criterion are none.
func (b *Ballot) trim() {
	b.Comment = strings.TrimSpace(b.Comment)
	if b.Pass {
		b.Reason = ""
	}
	kept := map[string]string{}
	for code, words := range b.Comments {
		if words = strings.TrimSpace(words); words != "" {
			kept[code] = words
		}
	}
	b.Comments = kept
}

func (b Ballot) check() error {
	var f errs.Fields
	for _, c := range Criteria {
		switch n, ok := b.Scores[c.Code]; {
		case !ok:
			f.Add("/scores/"+c.Code, "field.required")
		case n < 0 || n > 100:
			f.Add("/scores/"+c.Code, "field.out_of_range", "min", 0, "max", 100)
		case n < Threshold && b.Comments[c.Code] == "":
			f.Add("/comments/"+c.Code, "field.required")
		}
		if len([]rune(b.Comments[c.Code])) > remarkMax {
			f.Add("/comments/"+c.Code, "field.too_long", "max", remarkMax)
		}
	}
	listed := func(code string) bool {
		return slices.ContainsFunc(Criteria, func(c Criterion) bool { return c.Code == code })
	}
	for code := range b.Scores {
		if !listed(code) {
			f.Add("/scores/"+code, "field.choice")
		}
	}
	for code := range b.Comments {
		if !listed(code) {
			f.Add("/comments/"+code, "field.choice")
		}
	}
	if !b.Pass && b.Reason == "" {
		f.Add("/reason", "field.required")
	} else if !known("review_reason", b.Reason) {
		f.Add("/reason", "field.choice")
	}
	switch n := len([]rune(b.Comment)); {
	case n == 0:
		f.Add("/comment", "field.required")
	case n > 1000:
		f.Add("/comment", "field.too_long", "max", 1000)
	}
	return f.Err()
}

// draw seats the panel of the case's new round: the named experts, or by lot.
func (s *Service) draw(ctx context.Context, tx *db.Tx, who account.Principal, c Case, named []id.ID) error {
	if s.panel == nil {
		return ErrPanelTooSmall
	}
	if len(named) == 0 {
		found, err := s.candidates(ctx, tx, c, PanelSize)
		if err != nil {
			return err
		}
		named = users(found)
	}
	slices.Sort(named)
	named = slices.Compact(named)
	if len(named) < PanelSize {
		return ErrPanelTooSmall.With("want", PanelSize)
	}
	if len(named)%2 == 0 {
		return ErrPanelEven
	}
	return s.seat(ctx, tx, who, c, named)
}

// candidates are at most want who may be asked, the best first.
func (s *Service) candidates(ctx context.Context, r db.Reader, c Case, want int) ([]Candidate, error) {
	found, err := s.committee(ctx, r, c)
	if err != nil {
		return nil, err
	}
	found = slices.DeleteFunc(found, func(k Candidate) bool { return k.Out != "" })
	return found[:min(want, len(found))], nil
}

// committee ranks everybody for a case. Who judged the submission before this one
// comes first, so that handing in again does not find milder experts; who has
// left a panel of the case, or sits on it, is out.
func (s *Service) committee(ctx context.Context, r db.Reader, c Case) ([]Candidate, error) {
	seats, err := findSeats(ctx, r, c.ID)
	if err != nil {
		return nil, err
	}
	out := map[id.ID]string{}
	for _, seat := range seats {
		switch {
		case seat.left():
			out[seat.UserID] = string(seat.State)
		case seat.Round == c.Round && out[seat.UserID] == "":
			out[seat.UserID] = "seated"
		}
	}
	before, err := satBefore(ctx, r, c)
	if err != nil {
		return nil, err
	}
	found, err := s.panel.Experts(ctx, r, c)
	if err != nil {
		return nil, err
	}
	for i := range found {
		k := &found[i]
		k.Before = slices.Contains(before, k.UserID)
		if k.Out == "" {
			k.Out = out[k.UserID]
		}
		if k.UserID == c.SubmitterID {
			k.Out = "submitter"
		}
	}
	slices.SortStableFunc(found, func(a, b Candidate) int {
		switch {
		case a.Before == b.Before:
			return 0
		case a.Before:
			return -1
		}
		return 1
	})
	return found, nil
}

// satBefore lists who judged the last submission of the subject, if it did not
// end in an approval.
func satBefore(ctx context.Context, r db.Reader, c Case) (before []id.ID, err error) {
	err = r.Raw(`
		SELECT DISTINCT s.user_id FROM review_seats s JOIN review_cases p ON p.id = s.case_id
		WHERE s.state IN ('declared', 'voted') AND p.status <> 'approved' AND p.id = (
			SELECT max(q.id) FROM review_cases q WHERE q.kind = ? AND q.subject_id = ? AND q.id < ?)`,
		c.Kind, c.SubjectID, c.ID).Scan(ctx, &before)
	return before, err
}

func users(found []Candidate) []id.ID {
	out := make([]id.ID, 0, len(found))
	for _, k := range found {
		out = append(out, k.UserID)
	}
	return out
}

func (s *Service) seat(ctx context.Context, tx *db.Tx, who account.Principal, c Case, users []id.ID) error {
	for _, u := range users {
		conflict, err := s.panel.Conflict(ctx, tx, c, u)
		if err != nil {
			return err
		}
		if conflict != "" || u == c.SubmitterID {
			return ErrExpertConflict
		}
		fresh, err := tx.InsertNew(ctx, &Seat{CaseID: c.ID, Round: c.Round, UserID: u, State: SeatAsked, AskedAt: clock.At(tx.Now())})
		if err != nil {
			return err
		}
		if !fresh {
			return ErrNotAllowed.In("seated")
		}
		if err := s.tell.Tell(ctx, tx, invited(c, u)); err != nil {
			return err
		}
		err = audit.Write(ctx, tx, who.Actor(), audit.Entry{
			Action: "review.seat", ObjectKind: "review_case", ObjectID: c.ID, SubjectOrg: c.SubmitterOrg,
			Detail: map[string]any{"expert": u, "round": c.Round},
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Candidates shows the committee to an operator, the best first and those who
// cannot be asked last; it writes nothing.
func (s *Service) Candidates(ctx context.Context, who account.Principal, caseID id.ID) ([]Candidate, error) {
	c, err := s.readable(ctx, s.db, who, caseID)
	if err != nil {
		return nil, err
	}
	if !sits(who, c.Kind, StageOperator) || s.panel == nil {
		return nil, errs.ErrForbidden
	}
	found, err := s.committee(ctx, s.db, c)
	slices.SortStableFunc(found, func(a, b Candidate) int { return min(len(a.Out), 1) - min(len(b.Out), 1) })
	return found, err
}

// Declare is an expert's word to have no interest in the case; the material
// opens with it.
func (s *Service) Declare(ctx context.Context, who account.Principal, caseID id.ID) error {
	return s.atSeat(ctx, who, caseID, "declare", func(ctx context.Context, tx *db.Tx, c Case, seat Seat) error {
		if seat.State == SeatDeclared {
			return nil
		}
		conflict, err := s.panel.Conflict(ctx, tx, c, who.UserID)
		if err != nil {
			return err
		}
		if conflict != "" {
			return ErrConflict
		}
		if err := moveSeat(ctx, tx, seat, SeatDeclared, "", ""); err != nil {
			return err
		}
		return s.auditSeat(ctx, tx, who, c, "review.declare", nil)
	})
}

// Recuse leaves the panel, with a reason of the list recusal_reason and words;
// another expert is drawn in place.
func (s *Service) Recuse(ctx context.Context, who account.Principal, caseID id.ID, cause, reason string) error {
	reason = strings.TrimSpace(reason)
	return s.atSeat(ctx, who, caseID, "recuse", func(ctx context.Context, tx *db.Tx, c Case, seat Seat) error {
		var f errs.Fields
		switch {
		case cause == "":
			f.Add("/cause", "field.required")
		case !known("recusal_reason", cause):
			f.Add("/cause", "field.choice")
		}
		if cause == "other" && reason == "" {
			f.Add("/reason", "field.required")
		}
		if err := f.Err(); err != nil {
			return err
		}
		if err := s.vacate(ctx, tx, c, seat, SeatRecused, cause, reason); err != nil {
			return err
		}
		if err := s.auditSeat(ctx, tx, who, c, "review.recuse", map[string]any{"cause": cause, "reason": reason}); err != nil {
			return err
		}
		next, err := s.candidates(ctx, tx, c, 1)
		if err != nil {
			return err
		}
		if len(next) == 0 {
			err = s.tellOperators(ctx, tx, c, shortPanel(c))
		} else {
			err = s.seat(ctx, tx, account.System, c, users(next))
		}
		if err != nil {
			return err
		}
		return s.settle(ctx, tx, c)
	})
}

// Vote hands in an expert's ballot. The last one of the panel moves the case.
func (s *Service) Vote(ctx context.Context, who account.Principal, caseID id.ID, b Ballot) error {
	return s.atSeat(ctx, who, caseID, "vote", func(ctx context.Context, tx *db.Tx, c Case, seat Seat) error {
		b.trim()
		if err := b.check(); err != nil {
			return err
		}
		if b.ContentHash != c.ContentHash {
			return errs.ErrStale
		}
		if seat.State != SeatDeclared {
			return ErrNotDeclared
		}
		conflict, err := s.panel.Conflict(ctx, tx, c, who.UserID)
		if err != nil {
			return err
		}
		if conflict != "" {
			return ErrConflict
		}
		if err := moveSeat(ctx, tx, seat, SeatVoted, "", ""); err != nil {
			return err
		}
		_, err = tx.Insert(&Vote{
			ID: id.New(), CaseID: c.ID, Round: c.Round, UserID: who.UserID, Scores: b.Scores, Comments: b.Comments,
			Score: weighted(b.Scores), Passed: b.Pass, Reason: b.Reason, Comment: b.Comment, At: clock.At(tx.Now()),
		}).Exec(ctx)
		if err != nil {
			return err
		}
		if err := s.auditSeat(ctx, tx, who, c, "review.vote", map[string]any{"hash": c.ContentHash}); err != nil {
			return err
		}
		return s.settle(ctx, tx, c)
	})
}

// Change is what an operator does to a sitting panel.
type Change struct {
	Release []id.ID // experts who have not voted
	Add     []id.ID
	Reason  string
}

// Reseat replaces experts who do not answer. A ballot that was cast stays.
func (s *Service) Reseat(ctx context.Context, who account.Principal, caseID id.ID, in Change) error {
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		c, err := s.readable(ctx, tx, who, caseID)
		if err != nil {
			return err
		}
		if !sits(who, c.Kind, StageOperator) {
			return errs.ErrForbidden
		}
		if c, err = lockPanel(ctx, tx, caseID); err != nil {
			return err
		}
		for _, u := range in.Release {
			seat, err := findSeat(ctx, tx, c, u)
			if err != nil {
				return err
			}
			if !seat.open() {
				return ErrVoted
			}
			if err := s.release(ctx, tx, who, c, seat, in.Reason); err != nil {
				return err
			}
		}
		if err := s.seat(ctx, tx, who, c, in.Add); err != nil {
			return err
		}
		seats, err := findSeats(ctx, tx, c.ID)
		if err != nil {
			return err
		}
		switch n := sitting(c, seats); {
		case n < PanelSize:
			return ErrPanelTooSmall.With("want", PanelSize)
		case n%2 == 0:
			return ErrPanelEven
		}
		return s.settle(ctx, tx, c)
	})
	if err != nil {
		s.refused(ctx, who, caseID, "reseat", err)
	}
	return err
}

// release takes an expert who has not voted off the panel.
func (s *Service) release(ctx context.Context, tx *db.Tx, who account.Principal, c Case, seat Seat, reason string) error {
	if err := s.vacate(ctx, tx, c, seat, SeatReleased, "", reason); err != nil {
		return err
	}
	return s.auditSeat(ctx, tx, who, c, "review.release", map[string]any{"expert": seat.UserID, "reason": reason})
}

// atSeat runs an expert's act under the lock of the case's panel.
func (s *Service) atSeat(ctx context.Context, who account.Principal, caseID id.ID, act string, fn func(context.Context, *db.Tx, Case, Seat) error) error {
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		c, err := s.readable(ctx, tx, who, caseID)
		if err != nil {
			return err
		}
		if !sits(who, c.Kind, StageExperts) {
			return ErrNotAssigned
		}
		if c, err = lockPanel(ctx, tx, caseID); err != nil {
			return err
		}
		seat, err := findSeat(ctx, tx, c, who.UserID)
		if err != nil {
			return err
		}
		switch {
		case seat.State == SeatVoted:
			return ErrVoted
		case seat.left():
			return ErrNotAssigned
		}
		return fn(ctx, tx, c, seat)
	})
	if err != nil {
		s.refused(ctx, who, caseID, act, err)
	}
	return err
}

// settle moves the case when all ballots are in. It runs under the panel's lock,
// so of the last two votes exactly one sees the other.
func (s *Service) settle(ctx context.Context, tx *db.Tx, c Case) error {
	seats, err := findSeats(ctx, tx, c.ID)
	if err != nil {
		return err
	}
	votes, err := findVotes(ctx, tx, c.ID, c.Round)
	if err != nil {
		return err
	}
	t := count(sitting(c, seats), votes)
	a := t.outcome()
	if a == "" {
		return nil
	}
	v := Verdict{Reason: "panel", Comment: panelResult(t)}
	return s.move(ctx, tx, account.System, &c, a, v)
}

func sitting(c Case, seats []Seat) (n int64) {
	for _, seat := range seats {
		if seat.Round == c.Round && !seat.left() {
			n++
		}
	}
	return n
}

func (s *Service) auditSeat(ctx context.Context, tx *db.Tx, who account.Principal, c Case, action string, detail map[string]any) error {
	return audit.Write(ctx, tx, who.Actor(), audit.Entry{
		Action: action, ObjectKind: "review_case", ObjectID: c.ID, SubjectOrg: c.SubmitterOrg, Detail: detail,
	})
}

func panelResult(t Tally) string {
	return fmt.Sprintf(textPanel, t.Voted, t.Passed, t.Mean/100, t.Mean%100)
}
