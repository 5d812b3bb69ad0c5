package review

import (
	"context"

	"smedx/internal/account"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
	"smedx/internal/notify"
)

// Opinion is one expert's share as the reader may see it: without the name for
// everybody but staff, without the ballot while the panel still sits.
type Opinion struct {
	ExpertID id.ID             `json:"expertId,omitzero" doc:"Shown to staff only"`
	Number   int               `json:"number" doc:"专家 1, 2, 3 …"`
	Round    int64             `json:"round"`
	State    SeatState         `json:"state" enum:"asked,declared,voted,recused,released"`
	Reason   string            `json:"reason" doc:"Why recused or released; staff only"`
	Voted    bool              `json:"voted"`
	Passed   bool              `json:"passed"`
	Score    int64             `json:"score" doc:"Weighted score in hundredths"`
	Scores   map[string]int64  `json:"scores,omitempty"`
	Words    map[string]string `json:"comments,omitempty" doc:"By criterion"`
	Cause    string            `json:"cause,omitempty" doc:"Code of why recused; staff only"`
	Against  string            `json:"against,omitempty" doc:"Code of why the ballot is against"`
	Comment  string            `json:"comment"`
	At       clock.Instant     `json:"at"`
	Mine     bool              `json:"mine"`
}

// File is a case with everything that the reader may see.
type File struct {
	Case     Case
	Steps    []Step
	Opinions []Opinion
	Tally    *Tally // of the latest round, once it is over
	Actions  []Action
	Seat     *Seat     // the reader's own place on the panel
	Standing *Standing // while pending
	Hasten   bool      // the reader may ask for haste now

	Checks    []Check    // the check-list of the stage at work, for whoever decides
	Handovers []Handover // 转办; names for staff only
	Delegates bool       // the reader may pass the task on
	Holder    string     // who has the task, when it was passed on; staff only
	Earlier   []Case     // cases about the same subject before this one, newest first
}

// Find opens a case for its submitter's company, the desks and the panel.
func (s *Service) Find(ctx context.Context, who account.Principal, caseID id.ID) (File, error) {
	c, err := s.readable(ctx, s.db, who, caseID)
	if err != nil {
		return File{}, err
	}
	f := File{Case: c}
	if f.Steps, err = findSteps(ctx, s.db, c.ID); err != nil {
		return File{}, err
	}
	seats, err := findSeats(ctx, s.db, c.ID)
	if err != nil {
		return File{}, err
	}
	votes, err := findVotes(ctx, s.db, c.ID, 0)
	if err != nil {
		return File{}, err
	}
	if err := s.unhold(ctx, s.db, &c); err != nil {
		return File{}, err
	}
	f.Case.HolderID = c.HolderID
	f.Actions = allowed(c, who, f.Steps)
	if c.mayDecide(who, f.Steps) == nil {
		f.Checks, f.Delegates = c.Checklist(), true
	}
	if f.Handovers, err = findHandovers(ctx, s.db, c.ID); err != nil {
		return File{}, err
	}
	for i := range f.Handovers {
		h := &f.Handovers[i]
		if h.ToID == c.HolderID && h.Version == c.Version {
			f.Holder = h.ToName
		}
		if !who.Staff() {
			h.FromID, h.FromName, h.ToID, h.ToName, h.Reason = 0, "", 0, "", ""
			f.Holder = ""
		}
	}
	if who.Role != account.RoleExpert {
		err = s.db.Select(&f.Earlier).Where("kind = ? AND subject_id = ? AND id < ?", c.Kind, c.SubjectID, c.ID).Order("id DESC").Limit(20).Scan(ctx)
		if err != nil {
			return File{}, err
		}
	}
	f.opine(who, seats, votes)
	standings, err := s.Standings(ctx, s.db, c)
	if err != nil {
		return File{}, err
	}
	if at, ok := standings[c.ID]; ok {
		f.Standing = &at
		f.Hasten = c.of(who) && c.mayHasten(at, clock.At(s.db.Now())) == nil
	}
	if f.Seat != nil && f.Seat.State == SeatAsked { // before the declaration nothing is known but that there is a case
		for i := range f.Steps {
			s := &f.Steps[i]
			s.Reason, s.Comment, s.Fields, s.Remarks, s.Checks = "", "", nil, nil, nil
		}
	}
	for i := range f.Steps {
		if !who.Staff() && f.Steps[i].UserID != who.UserID {
			f.Steps[i].UserName = ""
		}
	}
	return f, nil
}

// allowed lists the acts that the reader may do now.
func allowed(c Case, who account.Principal, steps []Step) []Action {
	out := []Action{}
	for _, a := range Actions {
		if _, err := c.next(a); err != nil || a == Pass || a == Fail {
			continue
		}
		if a == Withdraw {
			if who.UserID == c.SubmitterID {
				out = append(out, a)
			}
			continue
		}
		if c.mayDecide(who, steps) == nil && (c.HolderID == 0 || c.HolderID == who.UserID) {
			out = append(out, a)
		}
	}
	return out
}

// opine shows the panel to the reader. Experts see their own ballot alone, and
// nobody sees ballots of a panel that still sits.
func (f *File) opine(who account.Principal, seats []Seat, votes []Vote) {
	ballot := map[[2]int64]Vote{}
	for _, v := range votes {
		ballot[[2]int64{v.Round, int64(v.UserID)}] = v
	}
	f.Opinions = []Opinion{}
	numbers := map[int64]int{}
	over := func(round int64) bool {
		return round < f.Case.Round || f.Case.Status.Closed() || f.Case.Stage != StageExperts
	}
	for i, seat := range seats {
		mine := seat.UserID == who.UserID
		if mine && seat.Round == f.Case.Round && !seat.left() {
			f.Seat = &seats[i]
		}
		numbers[seat.Round]++
		if who.Role == account.RoleExpert && !mine {
			continue
		}
		if !who.Staff() && !mine && (!over(seat.Round) || seat.left()) {
			continue
		}
		o := Opinion{Number: numbers[seat.Round], Round: seat.Round, State: seat.State, Voted: seat.State == SeatVoted, Mine: mine}
		if who.Staff() {
			o.ExpertID, o.Cause, o.Reason = seat.UserID, seat.Cause, seat.Reason
		}
		if v, ok := ballot[[2]int64{seat.Round, int64(seat.UserID)}]; ok && (mine || over(seat.Round)) {
			o.Passed, o.Score, o.Scores, o.Words, o.Comment, o.Against, o.At = v.Passed, v.Score, v.Scores, v.Comments, v.Comment, v.Reason, v.At
		}
		f.Opinions = append(f.Opinions, o)
	}
	if f.Case.Round > 0 && over(f.Case.Round) && who.Role != account.RoleExpert {
		var last []Vote
		for _, v := range votes {
			if v.Round == f.Case.Round {
				last = append(last, v)
			}
		}
		t := count(sitting(f.Case, seats), last)
		f.Tally = &t
	}
}

// tellWaitedFor reaches the people who can move the case: the desk, or the
// experts whose ballots are missing.
func (s *Service) tellWaitedFor(ctx context.Context, tx *db.Tx, c Case, m notify.Message) error {
	if c.Stage != StageExperts {
		return s.tellDesk(ctx, tx, c, m)
	}
	seats, err := findSeats(ctx, tx, c.ID)
	if err != nil {
		return err
	}
	for _, seat := range seats {
		if seat.Round == c.Round && seat.open() {
			m.UserIDs = append(m.UserIDs, seat.UserID)
		}
	}
	if len(m.UserIDs) == 0 {
		return nil
	}
	return s.tell.Tell(ctx, tx, m)
}
