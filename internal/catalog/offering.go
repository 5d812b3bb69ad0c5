// Package catalog owns what providers offer: offerings and their revisions,
// plans and prices, listing and delisting, and the search that buyers use. It
// does not own orders, ratings or the review, which tell it what they decided.
package catalog

import (
	"github.com/uptrace/bun"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/org"
)

// Status is how an offering stands, or the working copy of one that is listed.
type Status string

// The states. Listed and delisted belong to the offering, the others to its
// working copy; an offering that was never listed stands as its working copy.
const (
	Draft     Status = "draft"     // 草稿
	InReview  Status = "in_review" // 待审核
	Rejected  Status = "rejected"  // 已驳回
	Withdrawn Status = "withdrawn" // 已撤销
	Listed    Status = "listed"    // 已上架
	Delisted  Status = "delisted"  // 已下架
)

// Statuses lists every state.
var Statuses = []Status{Draft, InReview, Rejected, Withdrawn, Listed, Delisted}

// Action moves an offering.
type Action string

// The acts, by the provider (save to relist) and by the review (approve to withdraw).
const (
	Save     Action = "save"
	Submit   Action = "submit"
	Discard  Action = "discard" // drops a draft; what was handed in before stands again
	Revise   Action = "revise"  // 重新编辑, or a new version of what is listed
	Delist   Action = "delist"
	Relist   Action = "relist"
	Approve  Action = "approve"
	Reject   Action = "reject"
	Return   Action = "return"
	Withdraw Action = "withdraw"
)

// Actions lists every act.
var Actions = []Action{Save, Submit, Discard, Revise, Delist, Relist, Approve, Reject, Return, Withdraw}

// moves is the whole state machine. Discard leaves a draft; where to, only the
// offering's history knows.
var moves = map[Status]map[Action]Status{
	Draft:     {Save: Draft, Submit: InReview, Discard: Draft},
	InReview:  {Approve: Listed, Reject: Rejected, Return: Draft, Withdraw: Withdrawn},
	Rejected:  {Revise: Draft},
	Withdrawn: {Revise: Draft},
	Listed:    {Delist: Delisted, Revise: Draft},
	Delisted:  {Relist: Listed, Revise: Draft},
}

// Next is the only function that knows where an act leads.
func (s Status) Next(a Action) (Status, error) {
	if to, ok := moves[s][a]; ok {
		return to, nil
	}
	return "", errs.ErrInvalidState.In(string(s))
}

// Kind is the publishing type (发布类型) of an offering.
type Kind string

// Solution is 解决方案与产品, the type that the guides walk through. forms.yaml has all.
const Solution Kind = "solution"

// Offering is one thing on offer, over all its versions.
type Offering struct {
	bun.BaseModel `bun:"table:offerings"`

	ID           id.ID `bun:",pk"`
	OrgID        id.ID
	Kind         Kind
	Status       Status
	Work         Status // of the working copy; "" when there is none
	WorkRevision id.ID
	WorkNote     string // what the reviewer said last
	WorkFields   string // JSON list of pointers to correct
	LiveRevision id.ID  // what is on sale, or was when it was delisted
	Name         string // of the live revision, or of the working copy before
	CoverFile    id.ID
	Version      int64
	LastNumber   int64
	CreatedBy    id.ID
	CreatedAt    clock.Instant
	UpdatedAt    clock.Instant
	ListedAt     clock.Instant
	DelistedAt   clock.Instant
	DelistedBy   string // role that took it off sale
	DelistReason string
	Sales        int64
	ScoreSum     int64
	ScoreCount   int64
	IndexVersion int64
}

// at is the state that an act moves: the shelf's for delisting and for opening a
// working copy where none is, else the working copy's.
func (o Offering) at(a Action) Status {
	if a == Delist || a == Relist || o.Work == "" {
		return o.Status
	}
	return o.Work
}

// newest is the revision that says the latest: the working copy, else what is on sale.
func (o Offering) newest() id.ID {
	if o.WorkRevision != 0 {
		return o.WorkRevision
	}
	return o.LiveRevision
}

// Allowed lists what the provider may do with the offering now.
func (o Offering) Allowed() []Action {
	out := []Action{}
	for _, a := range []Action{Save, Submit, Discard, Revise, Delist, Relist, Withdraw} {
		if _, err := o.at(a).Next(a); err == nil {
			out = append(out, a)
		}
	}
	return out
}

// Revision is one version of what an offering says: a draft that changes, then
// frozen for good when it is handed in.
type Revision struct {
	bun.BaseModel `bun:"table:revisions"`

	ID          id.ID `bun:",pk"`
	OfferingID  id.ID
	Number      int64
	Status      RevisionStatus
	Content     string // JSON without personal data
	Personal    string // sealed JSON of the contacts
	Hash        string // of the content when it was handed in
	Version     int64  // grows with every save
	CaseID      id.ID
	CreatedAt   clock.Instant
	UpdatedAt   clock.Instant
	SubmittedAt clock.Instant
	ApprovedAt  clock.Instant
}

// RevisionStatus is how one revision ended, or that it has not.
type RevisionStatus string

// The states of a revision.
const (
	RevDraft     RevisionStatus = "draft"
	RevInReview  RevisionStatus = "in_review"
	RevRejected  RevisionStatus = "rejected"
	RevReturned  RevisionStatus = "returned"
	RevWithdrawn RevisionStatus = "withdrawn"
	RevLive      RevisionStatus = "live"
	RevArchived  RevisionStatus = "archived"
)

// Refusals of this module.
var (
	ErrNotSubmittable = org.ErrUnverified
	ErrRelistByStaff  = errs.New(errs.Conflict, "catalog.delisted_by_operator")
	ErrNoPicture      = errs.New(errs.Invalid, "catalog.not_a_picture")
	ErrLargePicture   = errs.New(errs.Invalid, "catalog.picture_too_large")
	ErrFileMissing    = errs.New(errs.Invalid, "catalog.file_missing")
	ErrNothingMarked  = errs.New(errs.Invalid, "catalog.nothing_marked")
)
