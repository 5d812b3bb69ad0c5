package account

import (
	"context"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/seal"
	"smedx/internal/notify"
)

// User is one account. Phone and Email are in clear here and sealed in the database.
type User struct {
	ID          id.ID
	OrgID       id.ID // 0 for staff
	Role        Role
	Owner       bool
	Username    string
	Phone       string
	PhoneProven bool
	Email       string
	MustChange  bool
	Permissions []Permission
	Status      Status
	CreatedAt   clock.Instant
	Version     int64
}

// Status is whether an account may be used.
type Status string

// The states of an account.
const (
	Active   Status = "active"
	Disabled Status = "disabled"
	Deleted  Status = "deleted"
)

const indexPhone = seal.Phone

type userRow struct {
	bun.BaseModel `bun:"table:users"`

	ID            id.ID `bun:",pk"`
	OrgID         id.ID
	Role          Role
	IsOwner       bool
	Username      string
	UsernameKey   string
	Phone         string
	PhoneIndex    string
	PhoneProvenAt clock.Instant
	Email         string
	PasswordHash  string
	MustChange    bool
	Permissions   string
	Status        Status
	CreatedAt     clock.Instant
	Version       int64

	FirstPasswordUntil clock.Instant // 0: no end
}

func (s *Service) user(r userRow) (User, error) {
	phone, err := s.box.Open(r.Phone)
	if err != nil {
		return User{}, err
	}
	email, err := s.box.Open(r.Email)
	return User{
		ID: r.ID, OrgID: r.OrgID, Role: r.Role, Owner: r.IsOwner, Username: r.Username, Phone: phone,
		PhoneProven: r.PhoneProvenAt != 0, Email: email, MustChange: r.MustChange,
		Permissions: effective(r.Role, r.Permissions), Status: r.Status, CreatedAt: r.CreatedAt, Version: r.Version,
	}, err
}

// Hashed is a password that was checked and hashed. Hashing takes long, so it
// happens before a transaction begins.
type Hashed struct{ hash string }

// Hash hashes a password.
func (s *Service) Hash(ctx context.Context, password string) (Hashed, error) {
	h, err := s.hasher.hash(ctx, password)
	return Hashed{h}, err
}

// NewUser is what an account begins with.
type NewUser struct {
	OrgID       id.ID
	Role        Role
	Owner       bool
	Username    string
	Phone       string
	Email       string
	Password    Hashed
	MustChange  bool          // the person did not choose the password
	Permissions []Permission  // nil: all of the role
	FirstFor    time.Duration // how long the first password opens the account; 0: no end
	PhoneProven bool          // staff and demonstration accounts, whose phone somebody vouches for
}

// usernameTaken is the field refusal of a user name that exists.
func usernameTaken() error {
	var refused errs.Fields
	refused.Add("/username", CodeUsernameTaken)
	return refused.Err()
}

// Create adds an account within tx. A taken user name is a field refusal.
func (s *Service) Create(ctx context.Context, tx *db.Tx, in NewUser) (User, error) {
	now := clock.At(tx.Now())
	r := userRow{
		ID: id.New(), OrgID: in.OrgID, Role: in.Role, IsOwner: in.Owner, Username: NormalUsername(in.Username),
		UsernameKey: UsernameKey(in.Username), PasswordHash: in.Password.hash, MustChange: in.MustChange,
		Permissions: stored(in.Permissions), Status: Active, CreatedAt: now, Version: 1,
		Phone: s.box.Seal(in.Phone), PhoneIndex: s.box.Index(indexPhone, in.Phone), Email: s.box.Seal(in.Email),
	}
	if in.PhoneProven {
		r.PhoneProvenAt = now
	}
	if in.FirstFor > 0 {
		r.FirstPasswordUntil = now.Add(in.FirstFor)
	}
	fresh, err := tx.InsertNew(ctx, &r)
	if err != nil {
		return User{}, err
	}
	if !fresh {
		return User{}, s.whyNotFresh(ctx, tx, r)
	}
	return s.user(r)
}

// whyNotFresh tells which of the two unique rules refused an account.
func (s *Service) whyNotFresh(ctx context.Context, r db.Reader, row userRow) error {
	_, err := s.row(ctx, r, "username_key = ?", row.UsernameKey)
	switch {
	case err == nil:
		return usernameTaken()
	case errs.Of(err).Kind != errs.NotFound:
		return err
	}
	return phoneTaken()
}

func phoneTaken() error {
	var refused errs.Fields
	refused.Add("/phone", CodePhoneTaken)
	return refused.Err()
}

func stored(perms []Permission) string {
	if perms == nil {
		return "*"
	}
	words := make([]string, 0, len(perms))
	for _, p := range perms {
		words = append(words, string(p))
	}
	return strings.Join(words, " ")
}

// Find answers one account that is not deleted.
func (s *Service) Find(ctx context.Context, r db.Reader, userID id.ID) (User, error) {
	var row userRow
	err := userOf.Scan(ctx, r, &row, userID)
	if err == nil && row.ID == 0 {
		err = errs.ErrNotFound
	}
	if err != nil {
		return User{}, err
	}
	return s.user(row)
}

var userOf = db.NewText(`
	SELECT id, org_id, role, is_owner, username, username_key, phone, phone_index, phone_proven_at, email, password_hash, must_change,
		permissions, status, created_at, version, first_password_until
	FROM users WHERE id = ? AND status <> 'deleted'`)

// FindByUsername answers the account of a user name that is not deleted.
func (s *Service) FindByUsername(ctx context.Context, username string) (User, error) {
	row, err := s.row(ctx, s.db, "username_key = ? AND status <> 'deleted'", UsernameKey(username))
	if err != nil {
		return User{}, err
	}
	return s.user(row)
}

// row finds one account; not_found when there is none.
func (s *Service) row(ctx context.Context, r db.Reader, where string, args ...any) (userRow, error) {
	var row userRow
	err := r.Select(&row).Where(where, args...).Scan(ctx)
	if db.IsNotFound(err) {
		err = errs.ErrNotFound
	}
	return row, err
}

// Names answers the user names of accounts, deleted ones too.
func (s *Service) Names(ctx context.Context, r db.Reader, users ...id.ID) (map[id.ID]string, error) {
	names := map[id.ID]string{}
	if len(users) == 0 {
		return names, nil
	}
	var rows []userRow
	if err := r.Select(&rows).Column("id", "username").Where("id IN (?)", bun.List(users)).Scan(ctx); err != nil {
		return nil, err
	}
	for _, row := range rows {
		names[row.ID] = row.Username
	}
	return names, nil
}

// Contacts implements notify.Contacts: phones that were proven and mail
// addresses of active accounts.
func (s *Service) Contacts(ctx context.Context, r db.Reader, users ...id.ID) (map[id.ID]notify.Contact, error) {
	out := map[id.ID]notify.Contact{}
	var rows []userRow
	if err := r.Select(&rows).Where("id IN (?) AND status = 'active'", bun.List(users)).Scan(ctx); err != nil {
		return nil, err
	}
	for _, row := range rows {
		u, err := s.user(row)
		if err != nil {
			return nil, err
		}
		c := notify.Contact{Email: u.Email}
		if u.PhoneProven {
			c.Phone = u.Phone
		}
		out[u.ID] = c
	}
	return out, nil
}

// OwnerOf answers the main account of a company.
func (s *Service) OwnerOf(ctx context.Context, r db.Reader, orgID id.ID) (User, error) {
	row, err := s.row(ctx, r, "org_id = ? AND is_owner AND status <> 'deleted'", orgID)
	if err != nil {
		return User{}, err
	}
	return s.user(row)
}

// UsersOf lists the active accounts of a company.
func (s *Service) UsersOf(ctx context.Context, r db.Reader, orgID id.ID) ([]id.ID, error) {
	var ids []id.ID
	if orgID == 0 {
		return nil, nil
	}
	err := r.Raw(`SELECT id FROM users WHERE org_id = ? AND status = 'active' ORDER BY id`, orgID).Scan(ctx, &ids)
	return ids, err
}

// PhoneIndexes are the keyed hashes of the phones of companies' people.
func (s *Service) PhoneIndexes(ctx context.Context, r db.Reader, orgs ...id.ID) ([]string, error) {
	var indexes []string
	if len(orgs) == 0 {
		return nil, nil
	}
	err := r.Raw(`SELECT phone_index FROM users WHERE org_id IN (?) AND phone_index <> '' ORDER BY id`, bun.List(orgs)).Scan(ctx, &indexes)
	return indexes, err
}

// UsersWith lists the active accounts of a role that hold a permission ("" asks for none).
func (s *Service) UsersWith(ctx context.Context, r db.Reader, role Role, perm Permission) ([]id.ID, error) {
	var rows []userRow
	err := r.Select(&rows).Column("id", "role", "permissions").Where("role = ? AND status = 'active'", role).Order("id").Scan(ctx)
	if err != nil {
		return nil, err
	}
	var ids []id.ID
	for _, row := range rows {
		who := Principal{Permissions: effective(row.Role, row.Permissions)}
		if perm == "" || who.Has(perm) {
			ids = append(ids, row.ID)
		}
	}
	return ids, nil
}
