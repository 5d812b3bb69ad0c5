// Package risk looks for signs that vouchers are abused: it compares what companies
// state, from where they sign in, what they buy and when. It finds and keeps hits
// with their evidence; what a hit means a person decides. Stopping vouchers belongs
// to voucher, companies to org. It reads over several modules and changes none.
package risk

import (
	"context"
	_ "embed"

	"github.com/uptrace/bun"
	"go.yaml.in/yaml/v3"

	"smedx/internal/account"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/org"
	"smedx/internal/setting"
)

// State is where a hit stands.
type State string

// The states of a hit.
const (
	Open      State = "new"
	Dismissed State = "dismissed" // nothing wrong with it
	Confirmed State = "confirmed" // it is what it looks like
)

// Event is what a person decides.
type Event string

// The events of a hit.
const (
	Dismiss Event = "dismiss"
	Confirm Event = "confirm"
)

// Flow is the state machine of a hit.
var Flow = map[State]map[Event]State{
	Open:      {Dismiss: Dismissed, Confirm: Confirmed},
	Dismissed: {},
	Confirmed: {},
}

// Next is where an event leads, or a refusal that names the state.
func (s State) Next(e Event) (State, error) {
	if to, ok := Flow[s][e]; ok {
		return to, nil
	}
	return "", errs.ErrInvalidState.In(string(s))
}

// Name is the Chinese name of a rule.
func (c Code) Name() string {
	for _, r := range Rules {
		if r.Code == c {
			return r.Name
		}
	}
	return string(c)
}

// ErrReasonMissing says that a decision came without a reason.
var ErrReasonMissing = errs.New(errs.Invalid, "risk.reason_missing")

// Code names a rule.
type Code string

// Rule is what is known of a rule before it finds anything.
type Rule struct {
	Code   Code   `json:"code"`
	Name   string `json:"name"`
	Means  string `json:"means" doc:"What a hit of it means"`
	Weight int64  `json:"weight" doc:"3: look first"`
}

//go:embed rules.yaml
var rulesFile []byte

// Rules lists every rule, in the order of the page.
var Rules = func() (list []Rule) {
	if err := yaml.Unmarshal(rulesFile, &list); err != nil {
		panic(err)
	}
	return list
}()

// Shared is something that the companies of a hit have in common; the value itself
// is known by its keyed hash only.
type Shared struct {
	Kind string `json:"kind"` // phone, address, legal_rep, bank, related, ip, device
	Mark string `json:"mark"`
}

// Line is one fact of a hit's evidence: what happened to which object, when.
type Line struct {
	Note   string        `json:"note"` // claimed, placed, paid, paid_by_provider, paid_by_other, revoked, delivered, accepted, priced, rated, registered, signed_in
	Object string        `json:"object,omitempty"`
	ID     id.ID         `json:"id,omitzero"`
	OrgID  id.ID         `json:"orgId,omitzero"`
	At     clock.Instant `json:"at,omitzero"`
	From   int64         `json:"from,omitempty"` // fen, or minutes
	To     int64         `json:"to,omitempty"`
	Why    string        `json:"why,omitempty"` // as the company was told
}

// Evidence is what a hit rests on.
type Evidence struct {
	Orgs   []id.ID  `json:"orgs"`
	Shared []Shared `json:"shared,omitempty"`
	Lines  []Line   `json:"lines,omitempty"`
	Basis  []string `json:"basis"` // what makes it the same evidence again
}

// Hit is one lead.
type Hit struct {
	bun.BaseModel `bun:"table:risk_hits,alias:h"`

	ID          id.ID `bun:",pk"`
	Rule        Code
	Subject     string
	State       State
	Evidence    Evidence
	Companies   int64
	FoundAt     clock.Instant
	DecidedBy   id.ID
	DecidedName string
	DecidedAt   clock.Instant
	Reason      string
}

type hitOrg struct {
	bun.BaseModel `bun:"table:risk_hit_orgs"`

	HitID id.ID `bun:",pk"`
	OrgID id.ID `bun:",pk"`
}

// Service is the use cases of hits.
type Service struct {
	db       *db.DB
	orgs     *org.Service
	accounts *account.Service
	settings *setting.Service
	follow   Follow
}

// New makes the service.
func New(d *db.DB, orgs *org.Service, accounts *account.Service, settings *setting.Service) *Service {
	return &Service{
		db: d, orgs: orgs, accounts: accounts, settings: settings,
		follow: func(context.Context, *db.Tx, ...id.ID) error { return nil },
	}
}
