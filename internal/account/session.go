package account

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"maps"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/uptrace/bun"

	"smedx/internal/kit/batch"
	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
	"smedx/internal/kit/seal"
)

// How long a session lasts: without use, and at the most.
const (
	idleCompany  = 30 * time.Minute
	totalCompany = 12 * time.Hour
	idleStaff    = 15 * time.Minute
	totalStaff   = 8 * time.Hour
	touchEvery   = time.Minute // how often a used session is written
	readEvery    = time.Minute // how often a remembered session is read again

	maxSessions = 10 // of one user at a time; the oldest ends
)

type sessionRow struct {
	bun.BaseModel `bun:"table:sessions"`

	ID        id.ID `bun:",pk"`
	TokenHash string
	UserID    id.ID
	CreatedAt clock.Instant
	SeenAt    clock.Instant
	ExpiresAt clock.Instant
	IP        string `bun:"ip"`
	Agent     string
}

// Sessions keeps who is signed in. Tokens are 256 random bits and stored hashed.
//
// Principals are cached until anything about their account changes, which the
// processes that share a database tell each other. While a process does not hear
// the others, every request asks the database, together with those that arrive
// at the same time.
type Sessions struct {
	db      *db.DB
	box     *seal.Box // of the service that uses them
	line    *batch.Line[*lookup]
	hearing atomic.Pointer[db.Hearing]

	mu    sync.RWMutex
	cache map[string]cached // by token hash
	turn  int               // how often something was forgotten
}

// sessionsChannel is where processes tell each other whose sessions changed.
const sessionsChannel = "smedx_sessions"

type cached struct {
	who     Principal
	readAt  clock.Instant
	seenAt  clock.Instant
	expires clock.Instant
}

// NewSessions is called once, by the wiring.
func NewSessions(d *db.DB) *Sessions {
	s := &Sessions{db: d, cache: map[string]cached{}}
	s.line = batch.New(lookupsAtOnce, lookupsWaiting, s.lookUp)
	if d.Engine() == db.SQLite {
		s.Follow(context.Background()) // nobody else serves the file
	}
	return s
}

// Follow hears what other processes change, until the context ends.
func (s *Sessions) Follow(ctx context.Context) {
	s.hearing.Store(s.db.Hear(ctx, sessionsChannel, func(text string) {
		user, err := id.Parse(text)
		if err != nil {
			user = 0
		}
		s.forget(user)
	}))
}

// Forget empties the cache.
func (s *Sessions) Forget() { s.forget(0) }

// forget makes the next request of a user ask the database; 0 is everybody.
func (s *Sessions) forget(user id.ID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.turn++
	if user == 0 {
		clear(s.cache)
		return
	}
	maps.DeleteFunc(s.cache, func(_ string, c cached) bool { return c.who.UserID == user })
}

// changed is called by whatever changes a user, permissions or sessions, in the
// same transaction, so that the user's next request sees the change in every process.
func (s *Sessions) changed(ctx context.Context, tx *db.Tx, user id.ID) error {
	tx.OnCommit(func() { s.forget(user) })
	return tx.Tell(ctx, sessionsChannel, user.String())
}

// Start signs a user in within tx and returns the token for the cookie.
func (s *Sessions) Start(ctx context.Context, tx *db.Tx, userID id.ID, role Role, ip, agent string) (token string, err error) {
	token = newToken()
	now := clock.At(tx.Now())
	_, err = tx.Insert(&sessionRow{
		ID: id.New(), TokenHash: hashToken(token), UserID: userID, CreatedAt: now, SeenAt: now,
		ExpiresAt: now.Add(total(role)), IP: s.sealed(ip), Agent: cut(agent, 200),
	}).Exec(ctx)
	if err != nil {
		return "", err
	}
	if err := s.trace(ctx, tx, userID, role, ip, agent); err != nil {
		return "", err
	}
	ended, err := tx.Exec(ctx, `
		DELETE FROM sessions WHERE user_id = ? AND id NOT IN (
			SELECT id FROM sessions WHERE user_id = ? ORDER BY created_at DESC, id DESC LIMIT ?)`, userID, userID, maxSessions)
	if err == nil && ended > 0 {
		err = s.changed(ctx, tx, userID)
	}
	return token, err
}

// sealed is how an address is stored; sessions without a box belong to tests of
// sessions alone, and keep none.
func (s *Sessions) sealed(ip string) string {
	if s.box == nil {
		return ""
	}
	return s.box.Seal(ip)
}

// newToken is 256 random bits in letters that a cookie may have.
func newToken() string {
	raw := make([]byte, 32)
	rand.Read(raw) //nolint:errcheck // never fails since Go 1.24
	return base64.RawURLEncoding.EncodeToString(raw)
}

// End signs one session out.
func (s *Sessions) End(ctx context.Context, who Principal) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		if _, err := tx.Exec(ctx, `DELETE FROM sessions WHERE id = ? AND user_id = ?`, who.SessionID, who.UserID); err != nil {
			return err
		}
		return s.changed(ctx, tx, who.UserID)
	})
}

// EndAll signs a user out everywhere, but for the session to keep (0 keeps none).
// Sign-ins that wait for the second factor end too.
func (s *Sessions) EndAll(ctx context.Context, tx *db.Tx, userID, keep id.ID) error {
	if err := s.changed(ctx, tx, userID); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `DELETE FROM signin_steps WHERE user_id = ?`, userID); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `DELETE FROM sessions WHERE user_id = ? AND id <> ?`, userID, keep)
	return err
}

// Who answers whose token it is; an unknown, idle or ended session is a visitor.
func (s *Sessions) Who(ctx context.Context, token string) (Principal, error) {
	return s.who(ctx, token, true)
}

// Glance is Who for a request that a page makes by itself: it does not keep an
// idle session alive.
func (s *Sessions) Glance(ctx context.Context, token string) (Principal, error) {
	return s.who(ctx, token, false)
}

func (s *Sessions) who(ctx context.Context, token string, use bool) (Principal, error) {
	if token == "" {
		return Principal{}, nil
	}
	hash := hashToken(token)
	now := clock.At(s.db.Now())
	s.mu.RLock()
	c, hit := s.cache[hash]
	turn := s.turn
	s.mu.RUnlock()
	if h := s.hearing.Load(); h == nil || !h.Sound() || now >= c.readAt.Add(readEvery) || now < c.readAt {
		hit = false
	}
	if !hit {
		var err error
		if c, err = s.load(hash); err != nil || c.who.UserID == 0 {
			return Principal{}, err
		}
		c.readAt = now
	}
	if now >= c.expires || now >= c.seenAt.Add(Idle(c.who.Role)) {
		return Principal{}, nil
	}
	if use && now >= c.seenAt.Add(touchEvery) {
		c.seenAt = now
		if err := s.touch(ctx, c.who.SessionID, now); err != nil && errs.Of(err).Kind != errs.Unavailable {
			return Principal{}, err
		}
		hit = false
	}
	if !hit {
		s.remember(hash, c, turn)
	}
	return c.who, nil
}

// remember keeps what was read, unless something changed since the turn in which
// it was looked for.
func (s *Sessions) remember(hash string, c cached, turn int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.turn != turn {
		return
	}
	if len(s.cache) > 50_000 {
		clear(s.cache)
	}
	s.cache[hash] = c
}

func (s *Sessions) touch(ctx context.Context, session id.ID, now clock.Instant) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		_, err := tx.Exec(ctx, `UPDATE sessions SET seen_at = ? WHERE id = ? AND seen_at < ?`, now, session, now)
		return err
	})
}

// Purge deletes sessions that ended; the sweep runner calls it.
func (s *Sessions) Purge(ctx context.Context) error {
	return s.db.Write(ctx, func(ctx context.Context, tx *db.Tx) error {
		now := clock.At(tx.Now())
		if _, err := tx.Exec(ctx, `DELETE FROM signin_steps WHERE expires_at <= ?`, now); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, `DELETE FROM sessions WHERE expires_at <= ? OR seen_at <= ?`, now, now.Add(-totalCompany))
		return err
	})
}

// effective cuts what is stored to what the role may have: '*' is all of it.
func effective(role Role, stored string) []Permission {
	all := permissionsOf[role]
	if stored == "*" {
		return all
	}
	var out []Permission
	for _, p := range all {
		for w := range strings.FieldsSeq(stored) {
			if w == string(p) {
				out = append(out, p)
			}
		}
	}
	return out
}

// Idle is how long a session lasts without use.
func Idle(r Role) time.Duration {
	if r.ofCompany() {
		return idleCompany
	}
	return idleStaff
}

func total(r Role) time.Duration {
	if r.ofCompany() {
		return totalCompany
	}
	return totalStaff
}

func hashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

func cut(s string, n int) string {
	r := []rune(s)
	if len(r) > n {
		return string(r[:n])
	}
	return s
}
