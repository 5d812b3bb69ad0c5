package review

import (
	"context"
	"fmt"
	"slices"

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
	Reason  string // why recused or released
	AskedAt clock.Instant
	EndedAt clock.Instant
}

func (s Seat) open() bool { return s.State == SeatAsked || s.State == SeatDeclared }
func (s Seat) left() bool { return s.State == SeatRecused || s.State == SeatReleased }

// Vote is one expert's ballot: written once, never changed.
type Vote struct {
	bun.BaseModel `bun:"table:review_votes"`

	ID      id.ID `bun:",pk"`
	CaseID  id.ID
	Round   int64
	UserID  id.ID
	Scores  map[string]int64 `bun:"type:text"` // by criterion, 0 to 100
	Score   int64            // weighted, in hundredths
	Passed  bool
	Comment string
	At      clock.Instant
}

// Ballot is what an expert hands in. ContentHash is that of the material read.
type Ballot struct {
	Scores      map[string]int64
	Pass        bool
	Comment     string
	ContentHash string
}

func (b Ballot) check() error {
	var f errs.Fields
	for _, c := range Criteria {
		switch n, ok := b.Scores[c.Code]; {
		case !ok:
			f.Add("/scores/"+c.Code, "field.required")
		case n < 0 || n > 100:
			f.Add("/scores/"+c.Code, "field.out_of_range", "min", 0, "max", 100)
		}
	}
	for code := range b.Scores {
		if !slices.ContainsFunc(Criteria, func(c Criterion) bool { return c.Code == code }) {
			f.Add("/scores/"+code, "field.choice")
		}
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
		var err error
		if named, err = s.candidates(ctx, tx, c, PanelSize); err != nil {
			return err
		}
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

// candidates are proposals without those who have left a panel of this case.
func (s *Service) candidates(ctx context.Context, r db.Reader, c Case, want int) ([]id.ID, error) {
	seats, err := findSeats(ctx, r, c.ID)
	if err != nil {
		return nil, err
	}
	out := map[id.ID]bool{}
	for _, seat := range seats {
		if seat.left() || seat.Round == c.Round {
			out[seat.UserID] = true
		}
	}
	found, err := s.panel.Experts(ctx, r, c, want+len(out))
	if err != nil {
		return nil, err
	}
	found = slices.DeleteFunc(found, func(u id.ID) bool { return out[u] })
	return found[:min(want, len(found))], nil
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

// Candidates proposes experts to an operator, best first; it writes nothing.
func (s *Service) Candidates(ctx context.Context, who account.Principal, caseID id.ID, want int) ([]id.ID, error) {
	c, err := s.readable(ctx, s.db, who, caseID)
	if err != nil {
		return nil, err
	}
	if !sits(who, c.Kind, StageOperator) || s.panel == nil {
		return nil, errs.ErrForbidden
	}
	return s.candidates(ctx, s.db, c, want)
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
		if err := moveSeat(ctx, tx, seat, SeatDeclared, ""); err != nil {
			return err
		}
		return s.auditSeat(ctx, tx, who, c, "review.declare", nil)
	})
}

// Recuse leaves the panel; another expert is drawn in place.
func (s *Service) Recuse(ctx context.Context, who account.Principal, caseID id.ID, reason string) error {
	return s.atSeat(ctx, who, caseID, "recuse", func(ctx context.Context, tx *db.Tx, c Case, seat Seat) error {
		if err := s.vacate(ctx, tx, c, seat, SeatRecused, reason); err != nil {
			return err
		}
		if err := s.auditSeat(ctx, tx, who, c, "review.recuse", map[string]any{"reason": reason}); err != nil {
			return err
		}
		next, err := s.candidates(ctx, tx, c, 1)
		if err != nil {
			return err
		}
		if len(next) == 0 {
			d := desks[c.Kind][StageOperator]
			users, err := s.people.UsersWith(ctx, tx, d.role, d.perm)
			if err != nil || len(users) == 0 {
				return err
			}
			m := shortPanel(c)
			m.UserIDs = users
			if err := s.tell.Tell(ctx, tx, m); err != nil {
				return err
			}
		} else if err := s.seat(ctx, tx, account.System, c, next); err != nil {
			return err
		}
		return s.settle(ctx, tx, c)
	})
}

// Vote hands in an expert's ballot. The last one of the panel moves the case.
func (s *Service) Vote(ctx context.Context, who account.Principal, caseID id.ID, b Ballot) error {
	return s.atSeat(ctx, who, caseID, "vote", func(ctx context.Context, tx *db.Tx, c Case, seat Seat) error {
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
		if err := moveSeat(ctx, tx, seat, SeatVoted, ""); err != nil {
			return err
		}
		_, err = tx.Insert(&Vote{
			ID: id.New(), CaseID: c.ID, Round: c.Round, UserID: who.UserID, Scores: b.Scores,
			Score: weighted(b.Scores), Passed: b.Pass, Comment: b.Comment, At: clock.At(tx.Now()),
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
			if err := s.vacate(ctx, tx, c, seat, SeatReleased, in.Reason); err != nil {
				return err
			}
			if err := s.auditSeat(ctx, tx, who, c, "review.release", map[string]any{"expert": u, "reason": in.Reason}); err != nil {
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
		if sitting(c, seats) < PanelSize {
			return ErrPanelTooSmall.With("want", PanelSize)
		}
		return s.settle(ctx, tx, c)
	})
	if err != nil {
		s.refused(ctx, who, caseID, "reseat", err)
	}
	return err
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
