package expert

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/uptrace/bun"

	"smedx/internal/account"
	"smedx/internal/audit"
	"smedx/internal/codelist"
	"smedx/internal/file"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/page"
	"smedx/internal/kit/seal"
	"smedx/internal/notify"
	"smedx/internal/review"
)

// Accounts gives an expert an account, and takes its use away or back.
type Accounts interface {
	Prepare(ctx context.Context, in account.Staff) (account.NewUser, error)
	Create(ctx context.Context, tx *db.Tx, in account.NewUser) (account.User, error)
	SetActive(ctx context.Context, tx *db.Tx, who account.Principal, userID id.ID, active bool) error
	Names(ctx context.Context, r db.Reader, users ...id.ID) (map[id.ID]string, error)
}

// Ties are what may link a person to a case: phones are blind indexes.
type Ties struct {
	Company     string   // who handed it in
	Phones      []string // of its people
	Buyers      []string // companies that bought what is judged
	BuyerPhones []string
}

// Companies tells what links people to a case.
type Companies interface {
	Ties(ctx context.Context, r db.Reader, c review.Case) (Ties, error)
}

// Teller leaves messages.
type Teller interface {
	Tell(ctx context.Context, tx *db.Tx, m notify.Message) error
}

// Files takes and shares uploads.
type Files interface {
	Claim(ctx context.Context, tx *db.Tx, orgID id.ID, purpose file.Purpose, ids ...id.ID) ([]file.File, error)
	Grant(ctx context.Context, tx *db.Tx, fileID id.ID, grantees ...string) error
}

// Topics tells what a case is about, in words to compare with experts' fields.
type Topics func(ctx context.Context, r db.Reader, c review.Case) ([]string, error)

// Service keeps the roster.
type Service struct {
	db        *db.DB
	box       *seal.Box
	accounts  Accounts
	companies Companies
	files     Files
	tell      Teller
	topics    Topics
}

// New makes the service; topics may be nil.
func New(d *db.DB, box *seal.Box, accounts Accounts, companies Companies, files Files, tell Teller, topics Topics) *Service {
	return &Service{db: d, box: box, accounts: accounts, companies: companies, files: files, tell: tell, topics: topics}
}

// keeps refuses whoever has no business with the roster: of a provider's people
// those with the menu 专家管理, of operators those who admit.
func keeps(who account.Principal) error {
	if who.Role == account.RoleProvider && who.OrgID != 0 && who.Has(account.ExpertManage) {
		return nil
	}
	if who.Role == account.RoleOperator && who.Has(account.ExpertAdmit) {
		return nil
	}
	return errs.ErrForbidden
}

// Nominate enters an expert (专家录入): a provider its own, an operator the platform's.
func (s *Service) Nominate(ctx context.Context, who account.Principal, e Entry) (Expert, error) {
	if err := keeps(who); err != nil {
		return Expert{}, err
	}
	r := row{ID: id.New(), OrgID: who.OrgID, Status: Nominated, Version: 1, CreatedBy: who.UserID}
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := s.fill(ctx, tx, &r, e, ""); err != nil {
			return err
		}
		r.CreatedAt, r.UpdatedAt = clock.At(tx.Now()), clock.At(tx.Now())
		if _, err := tx.Insert(&r).Exec(ctx); err != nil {
			return err
		}
		return s.trail(ctx, tx, who, r, "expert.nominate", nil)
	})
	if err != nil {
		return Expert{}, err
	}
	return s.expert(r)
}

// Change corrects an entry that is not admitted; it is looked at again.
func (s *Service) Change(ctx context.Context, who account.Principal, expertID id.ID, version int64, e Entry) (Expert, error) {
	var r row
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		if r, err = s.own(ctx, tx, who, expertID); err != nil {
			return err
		}
		if r.Version != version {
			return errs.ErrStale
		}
		if r.Status, err = r.Status.Next(Edit); err != nil {
			return err
		}
		if err := s.fill(ctx, tx, &r, e, ""); err != nil {
			return err
		}
		if err := update(ctx, tx, &r); err != nil {
			return err
		}
		return s.trail(ctx, tx, who, r, "expert.change", nil)
	})
	if err != nil {
		return Expert{}, err
	}
	return s.expert(r)
}

// Delete removes an entry that was never admitted.
func (s *Service) Delete(ctx context.Context, who account.Principal, expertID id.ID) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		r, err := s.own(ctx, tx, who, expertID)
		if err != nil {
			return err
		}
		if _, err := r.Status.Next(Remove); err != nil {
			return err
		}
		if ok, err := tx.ExecOne(ctx, `DELETE FROM experts WHERE id = ? AND version = ?`, r.ID, r.Version); err != nil || !ok {
			return errors.Join(err, errs.ErrStale)
		}
		return s.trail(ctx, tx, who, r, "expert.remove", nil)
	})
}

// Admission is the account that an operator gives an expert.
type Admission struct {
	Username string
	Phone    string // optional; also finds conflicts of interest
	Password string // the first one; it must be changed
	Employer string // 工作单位, optional; its own listings are never judged
}

// Admit takes an expert into the committee and gives an account.
func (s *Service) Admit(ctx context.Context, who account.Principal, expertID id.ID, in Admission) (Expert, error) {
	in.Employer = strings.TrimSpace(in.Employer)
	if utf8.RuneCountInString(in.Employer) > employerMax {
		var f errs.Fields
		f.Add("/employer", "field.too_long", "max", employerMax)
		return Expert{}, f.Err()
	}
	prepared, err := s.accounts.Prepare(ctx, account.Staff{Role: account.RoleExpert, Username: in.Username, Phone: in.Phone, Password: in.Password})
	if err != nil {
		return Expert{}, err
	}
	return s.move(ctx, who, expertID, Admit, Note{}, func(ctx context.Context, tx *db.Tx, r *row) error {
		user, err := s.accounts.Create(ctx, tx, prepared)
		if err != nil {
			return err
		}
		var p personal
		if err := s.openPersonal(*r, &p); err != nil {
			return err
		}
		p.Phone, p.Employer = prepared.Phone, in.Employer
		raw, err := json.Marshal(p)
		r.UserID, r.Personal, r.PhoneIndex = user.ID, s.box.Seal(string(raw)), s.box.Index(seal.Phone, prepared.Phone)
		return err
	})
}

const employerMax = 100

// Note says why: a code of the list expert_reason and words.
type Note struct{ Reason, Text string }

func (n *Note) check() error {
	n.Text = strings.TrimSpace(n.Text)
	var f errs.Fields
	reasons, _ := codelist.Get("expert_reason")
	if !reasons.Has(n.Reason) {
		f.Add("/reason", "field.choice")
	}
	if n.Text == "" {
		f.Add("/note", "field.required")
	}
	return f.Err()
}

// Decline sends a nomination back with the reason.
func (s *Service) Decline(ctx context.Context, who account.Principal, expertID id.ID, note Note) (Expert, error) {
	return s.move(ctx, who, expertID, Decline, note, nil)
}

// Suspend takes an expert off all future panels.
func (s *Service) Suspend(ctx context.Context, who account.Principal, expertID id.ID, note Note) (Expert, error) {
	return s.move(ctx, who, expertID, Suspend, note, func(ctx context.Context, tx *db.Tx, r *row) error {
		return s.accounts.SetActive(ctx, tx, who, r.UserID, false)
	})
}

// Resume lets a suspended expert sit again.
func (s *Service) Resume(ctx context.Context, who account.Principal, expertID id.ID) (Expert, error) {
	return s.move(ctx, who, expertID, Resume, Note{}, func(ctx context.Context, tx *db.Tx, r *row) error {
		return s.accounts.SetActive(ctx, tx, who, r.UserID, true)
	})
}

// SetLeave keeps an expert off new panels from one instant to another; two zeros
// end the leave. Seats that the expert has stay.
func (s *Service) SetLeave(ctx context.Context, who account.Principal, expertID id.ID, from, until clock.Instant) (Expert, error) {
	var f errs.Fields
	if until <= from && (from != 0 || until != 0) {
		f.Add("/until", "field.period_empty")
	}
	if err := f.Err(); err != nil {
		return Expert{}, err
	}
	return s.move(ctx, who, expertID, Leave, Note{}, func(_ context.Context, _ *db.Tx, r *row) error {
		r.LeaveFrom, r.LeaveUntil = from, until
		return nil
	})
}

func (s *Service) move(ctx context.Context, who account.Principal, expertID id.ID, a Action, note Note, more func(context.Context, *db.Tx, *row) error) (Expert, error) {
	var r row
	err := s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) (err error) {
		if r, err = find(ctx, tx, expertID); err != nil {
			return err
		}
		from := r.Status
		if r.Status, err = r.Status.Next(a); err != nil {
			return err
		}
		if a == Decline || a == Suspend {
			if err := note.check(); err != nil {
				return err
			}
		}
		r.Reason, r.Note = note.Reason, note.Text
		if more != nil {
			if err := more(ctx, tx, &r); err != nil {
				return err
			}
		}
		if err := update(ctx, tx, &r); err != nil {
			return err
		}
		if err := s.announce(ctx, tx, r, a); err != nil {
			return err
		}
		return s.trail(ctx, tx, who, r, "expert."+string(a), map[string]any{"from": from, "to": r.Status, "reason": note.Text})
	})
	if err != nil {
		return Expert{}, err
	}
	return s.expert(r)
}

// Filter narrows the roster; empty fields do not.
type Filter struct {
	Status Status
	Field  string // words of any of the three fields
}

// List is the roster: a provider sees its own, operators all.
func (s *Service) List(ctx context.Context, who account.Principal, f Filter, p page.Query) (page.Of[Expert], error) {
	if err := keeps(who); err != nil {
		return page.Of[Expert]{}, err
	}
	var rows []row
	q := s.db.Select(&rows).Order("id DESC")
	if who.Role != account.RoleOperator {
		q = q.Where("org_id = ? AND org_id <> 0", who.OrgID)
	}
	if f.Status != "" {
		q = q.Where("status = ?", f.Status)
	}
	if f.Field != "" {
		like := db.Contains(f.Field)
		q = q.Where("(iiot_field LIKE ? ESCAPE '!' OR industry_field LIKE ? ESCAPE '!' OR operation_field LIKE ? ESCAPE '!')", like, like, like)
	}
	total, err := page.Scan(ctx, q, p, &rows)
	if err != nil {
		return page.Of[Expert]{}, err
	}
	return s.experts(ctx, rows, total)
}

// Find opens one expert for its provider or an operator.
func (s *Service) Find(ctx context.Context, who account.Principal, expertID id.ID) (Expert, error) {
	r, err := s.own(ctx, s.db, who, expertID)
	if err != nil {
		return Expert{}, err
	}
	return s.expert(r)
}

// Committee is everybody who is or was admitted, for operators.
func (s *Service) Committee(ctx context.Context, who account.Principal) ([]Expert, error) {
	if who.Role != account.RoleOperator {
		return nil, errs.ErrForbidden
	}
	var rows []row
	if err := s.db.Select(&rows).Where("status IN ('admitted', 'suspended')").Order("id").Scan(ctx); err != nil {
		return nil, err
	}
	found, err := s.experts(ctx, rows, int64(len(rows)))
	return found.Items, err
}

// ByUser finds experts by their accounts, for the names on a panel.
func (s *Service) ByUser(ctx context.Context, users ...id.ID) (map[id.ID]Expert, error) {
	out := map[id.ID]Expert{}
	if len(users) == 0 {
		return out, nil
	}
	var rows []row
	if err := s.db.Select(&rows).Where("user_id IN (?)", bun.List(users)).Scan(ctx); err != nil {
		return nil, err
	}
	for _, r := range rows {
		e, err := s.expert(r)
		if err != nil {
			return nil, err
		}
		out[r.UserID] = e
	}
	return out, nil
}

// own loads an expert that the caller may see; any other is not there.
func (s *Service) own(ctx context.Context, r db.Reader, who account.Principal, expertID id.ID) (row, error) {
	if err := keeps(who); err != nil {
		return row{}, err
	}
	found, err := find(ctx, r, expertID)
	if err == nil && who.Role != account.RoleOperator && (who.OrgID == 0 || found.OrgID != who.OrgID) {
		err = errs.ErrNotFound
	}
	return found, err
}

// fill puts the form into the row.
func (s *Service) fill(ctx context.Context, tx *db.Tx, r *row, e Entry, phone string) error {
	e.trim()
	f := e.Check()
	if e.Photo != 0 && e.Photo != r.PhotoFile {
		_, err := s.files.Claim(ctx, tx, r.OrgID, file.ExpertPhoto, e.Photo)
		switch {
		case errors.Is(err, errs.ErrNotFound):
			f.Add("/photo", "field.required")
		case err != nil:
			return err
		default:
			if err := s.files.Grant(ctx, tx, e.Photo, file.ToRight(string(account.ExpertAdmit))); err != nil {
				return err
			}
		}
	}
	if err := f.Err(); err != nil {
		return err
	}
	raw, err := json.Marshal(personal{Name: e.Name, Age: e.Age, Gender: e.Gender, Education: e.Education, Phone: phone})
	if err != nil {
		return err
	}
	r.Personal, r.IIoTField, r.IndustryField, r.OperationField = s.box.Seal(string(raw)), e.IIoTField, e.IndustryField, e.OperationField
	r.IIoTYears, r.IndustryYears, r.Achievements = e.IIoTYears, e.IndustryYears, e.Achievements
	r.Position, r.PhotoFile, r.Bio = e.Position, e.Photo, e.Bio
	return nil
}

func (s *Service) openPersonal(r row, p *personal) error {
	raw, err := s.box.Open(r.Personal)
	if err != nil {
		return err
	}
	return json.Unmarshal([]byte(raw), p)
}

func (s *Service) expert(r row) (Expert, error) {
	var p personal
	err := s.openPersonal(r, &p)
	return Expert{
		Entry: Entry{
			Name: p.Name, Age: p.Age, Gender: p.Gender, IIoTField: r.IIoTField, IndustryField: r.IndustryField,
			OperationField: r.OperationField, IIoTYears: r.IIoTYears, IndustryYears: r.IndustryYears,
			Achievements: r.Achievements, Position: r.Position, Education: p.Education, Photo: r.PhotoFile, Bio: r.Bio,
		},
		ID: r.ID, OrgID: r.OrgID, UserID: r.UserID, Status: r.Status, Reason: r.Reason, Note: r.Note, Employer: p.Employer, Phone: p.Phone,
		LeaveFrom: r.LeaveFrom, LeaveUntil: r.LeaveUntil, Version: r.Version, CreatedAt: r.CreatedAt,
	}, err
}

func usersOf(rows []row) (users []id.ID) {
	for _, r := range rows {
		if r.UserID != 0 {
			users = append(users, r.UserID)
		}
	}
	return users
}

func (s *Service) experts(ctx context.Context, rows []row, total int64) (page.Of[Expert], error) {
	out := page.Of[Expert]{Items: []Expert{}, Total: total}
	names, err := s.accounts.Names(ctx, s.db, usersOf(rows)...)
	if err != nil {
		return out, err
	}
	for _, r := range rows {
		e, err := s.expert(r)
		if err != nil {
			return out, err
		}
		e.Username = names[r.UserID]
		out.Items = append(out.Items, e)
	}
	return out, nil
}

func (s *Service) trail(ctx context.Context, tx *db.Tx, who account.Principal, r row, action string, detail map[string]any) error {
	return audit.Write(ctx, tx, who.Actor(), audit.Entry{
		Action: action, ObjectKind: "expert", ObjectID: r.ID, SubjectOrg: r.OrgID, Detail: detail,
	})
}

func find(ctx context.Context, r db.Reader, expertID id.ID) (found row, err error) {
	err = r.Select(&found).Where("id = ?", expertID).Scan(ctx)
	if db.IsNotFound(err) {
		err = errs.ErrNotFound
	}
	return found, err
}

// update writes the row; its version in the WHERE clause is the lock.
func update(ctx context.Context, tx *db.Tx, r *row) error {
	was := r.Version
	r.Version, r.UpdatedAt = was+1, clock.At(tx.Now())
	res, err := tx.Update(r).WherePK().Where("version = ?", was).Exec(ctx)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return errors.Join(err, errs.ErrStale)
	}
	return nil
}
