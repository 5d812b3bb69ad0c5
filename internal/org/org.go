// Package org owns companies: what they say of themselves (drafts and frozen
// versions of their profile) and whether the platform has verified it. How a case
// is decided belongs to review, who signs in to account.
package org

import (
	"github.com/uptrace/bun"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/review"
)

// Kind tells who buys from who sells.
type Kind string

// The kinds of companies.
const (
	KindEnterprise Kind = "enterprise" // 企业用户
	KindProvider   Kind = "provider"   // 服务商
)

// caseKind is the flow that a company's verification takes.
func (k Kind) caseKind() review.Kind {
	if k == KindProvider {
		return review.KindProvider
	}
	return review.KindEnterprise
}

// Organization is one company.
type Organization struct {
	bun.BaseModel `bun:"table:organizations"`

	ID             id.ID `bun:",pk"`
	Kind           Kind
	Name           string
	USCC           string `bun:"uscc"`
	Verification   Verification
	RegionCode     string
	CurrentVersion id.ID
	PendingVersion id.ID
	CaseID         id.ID
	Verdict        string
	DraftForm      string
	DraftYear      int64
	DraftValues    string
	DraftSealed    string
	DraftAt        clock.Instant
	DraftVersion   int64
	VerifiedAt     clock.Instant
	CreatedAt      clock.Instant

	ReturnedVersion id.ID         // profile version that waits for correction
	ValidUntil      clock.Instant // end of the verification; 0: none set
	ExpiryNotice    int64         // days of the last reminder of that end
}

// Version is one submitted state of a profile; it never changes.
type Version struct {
	bun.BaseModel `bun:"table:profile_versions"`

	ID          id.ID `bun:",pk"`
	OrgID       id.ID
	Seq         int64
	Form        string
	Year        int64
	Answers     string
	Sealed      string
	Facts       string
	Name        string
	USCC        string `bun:"uscc"`
	RegionCode  string
	PhoneIndex  string
	ContentHash string
	SubmittedBy id.ID
	SubmittedAt clock.Instant
}

// Refusals of this module.
var (
	ErrUnverified = errs.New(errs.Forbidden, "org.unverified")
	ErrSubmitted  = errs.New(errs.Conflict, "org.already_submitted")
)

// Codes of single refused inputs.
const (
	CodeDuplicate     = "org.uscc_taken"
	CodeFileMissing   = "org.file_missing"
	CodeLocked        = "org.field_locked"   // not among the fields to correct
	CodeNothingMarked = "org.nothing_marked" // returned without a field to correct
	CodeUnknownField  = "org.unknown_field"  // a marked field that the form has not
)

// FieldCodes lists them.
var FieldCodes = []string{CodeDuplicate, CodeFileMissing, CodeLocked, CodeNothingMarked, CodeUnknownField}
