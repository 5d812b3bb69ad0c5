// Package audit writes who did what to which object, in the transaction of the
// change. Entries are append-only and sealed; they hold names of fields and
// masked values, never personal data in clear.
package audit

import (
	"context"
	"encoding/json"

	"github.com/uptrace/bun"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
)

// Actor is who acts, as the trail remembers it. The zero Actor is the platform itself.
type Actor struct {
	UserID    id.ID
	OrgID     id.ID
	Role      string
	Name      string // the user name, kept when the account is deleted
	IP        string
	RequestID string
}

// Entry is one act.
type Entry struct {
	Action     string         // "module.verb", "voucher.claim"
	ObjectKind string         // "voucher", "order"
	ObjectID   id.ID          // of the object
	SubjectOrg id.ID          // the company it is about, if any
	Detail     map[string]any // from, to, reason …; no personal data
}

type row struct {
	bun.BaseModel `bun:"table:audit_entries"`

	ID         id.ID `bun:",pk"`
	At         clock.Instant
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

// Write adds an entry to the trail within tx.
func Write(ctx context.Context, tx *db.Tx, who Actor, e Entry) error {
	detail := []byte("{}")
	if len(e.Detail) > 0 {
		var err error
		if detail, err = json.Marshal(e.Detail); err != nil {
			return err
		}
	}
	_, err := tx.Insert(&row{
		ID: id.New(), At: clock.At(tx.Now()),
		UserID: who.UserID, OrgID: who.OrgID, Role: who.Role, ActorName: who.Name, IP: who.IP, RequestID: who.RequestID,
		Action: e.Action, ObjectKind: e.ObjectKind, ObjectID: e.ObjectID, SubjectOrg: e.SubjectOrg, Detail: string(detail),
	}).Exec(ctx)
	return err
}

// About reads what was done to an object by some actions, newest first.
func About(ctx context.Context, r db.Reader, kind string, object id.ID, actions ...string) (found []Record, err error) {
	err = r.Select(&found).Where("object_kind = ? AND object_id = ? AND action IN (?)", kind, object, bun.List(actions)).
		Order("id DESC").Limit(200).Scan(ctx)
	return found, err
}
