// Package rating holds the buyers' opinions of what they bought: one for each
// order line, after completion, with the provider's reply. Figures on the
// catalog's pages are the catalog's; it is told every score.
package rating

import (
	"strings"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
)

// Rating is one opinion.
type Rating struct {
	bun.BaseModel `bun:"table:ratings"`

	ID          id.ID `bun:",pk"`
	OrderLineID id.ID
	OrderID     id.ID
	OfferingID  id.ID
	BuyerOrg    id.ID
	ProviderOrg id.ID
	UserID      id.ID
	Login       string
	Score       int64 // 1 to 5 stars
	Comment     string
	RatedAt     clock.Instant
	Reply       string
	RepliedBy   id.ID
	RepliedAt   clock.Instant
}

// MaxText is the longest comment or reply, in characters.
const MaxText = 500

// Refusals of this module.
var (
	ErrRated   = errs.New(errs.Conflict, "rating.exists")
	ErrReplied = errs.New(errs.Conflict, "rating.replied")
)

// Masked is the name under which an opinion is shown: z***g, never the name itself.
func (r Rating) Masked() string {
	runes := []rune(r.Login)
	switch {
	case len(runes) == 0:
		return "***"
	case len(runes) < 3:
		return string(runes[:1]) + "**"
	}
	return string(runes[:1]) + "***" + string(runes[len(runes)-1:])
}

func check(score int64, comment string) (string, error) {
	var refused errs.Fields
	if score < 1 || score > 5 {
		refused.Add("/score", "field.out_of_range", "min", 1, "max", 5)
	}
	comment = strings.TrimSpace(comment)
	if utf8.RuneCountInString(comment) > MaxText {
		refused.Add("/comment", "field.too_long", "max", MaxText)
	}
	return comment, refused.Err()
}

func checkReply(reply string) (string, error) {
	var refused errs.Fields
	reply = strings.TrimSpace(reply)
	switch {
	case reply == "":
		refused.Add("/reply", "field.required")
	case utf8.RuneCountInString(reply) > MaxText:
		refused.Add("/reply", "field.too_long", "max", MaxText)
	}
	return reply, refused.Err()
}
