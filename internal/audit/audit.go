// Package audit writes who did what to which object, in the transaction of the
// change. Entries are append-only and sealed; they hold names of fields and
// masked values, never personal data in clear.
package audit

import (
	"context"
	"encoding/json"
	"reflect"

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

// An Act is an entry and who did it.
type Act struct {
	Actor Actor
	Entry Entry
}

// Write adds an entry to the trail within tx.
func Write(ctx context.Context, tx *db.Tx, who Actor, e Entry) error {
	return WriteAll(ctx, tx, Act{who, e})
}

// WriteAll adds many entries in one statement.
func WriteAll(ctx context.Context, tx *db.Tx, acts ...Act) error {
	if len(acts) == 0 {
		return nil
	}
	rows := make([]row, 0, len(acts))
	detail := []byte("{}")
	for i, a := range acts {
		if i == 0 || reflect.ValueOf(a.Entry.Detail).Pointer() != reflect.ValueOf(acts[i-1].Entry.Detail).Pointer() { // acts of one kind share theirs
			var err error
			if detail, err = text(a.Entry.Detail); err != nil {
				return err
			}
		}
		rows = append(rows, row{
			ID: id.New(), At: clock.At(tx.Now()),
			UserID: a.Actor.UserID, OrgID: a.Actor.OrgID, Role: a.Actor.Role, ActorName: a.Actor.Name, IP: a.Actor.IP, RequestID: a.Actor.RequestID,
			Action: a.Entry.Action, ObjectKind: a.Entry.ObjectKind, ObjectID: a.Entry.ObjectID, SubjectOrg: a.Entry.SubjectOrg, Detail: string(detail),
		})
	}
	return tx.InsertAll(ctx, rows)
}

func text(detail map[string]any) ([]byte, error) {
	if len(detail) == 0 {
		return []byte("{}"), nil
	}
	return json.Marshal(detail)
}

// About reads what was done to an object by some actions, newest first.
func About(ctx context.Context, r db.Reader, kind string, object id.ID, actions ...string) (found []Record, err error) {
	err = r.Select(&found).Where("object_kind = ? AND object_id = ? AND action IN (?)", kind, object, bun.List(actions)).
		Order("id DESC").Limit(200).Scan(ctx)
	return found, err
}
