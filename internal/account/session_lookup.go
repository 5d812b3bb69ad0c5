package account

import (
	"context"
	"sync"
	"time"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
)

// Look-ups of sessions that arrive together are one query. Each is read after it
// was asked for, so a session that ended before is never found.
const (
	lookupsAtOnce  = 200
	lookupsWaiting = 10_000
	lookupTakes    = 5 * time.Second
)

// lookup is one token that is looked up, and what was found.
type lookup struct {
	hash  string
	found cached // without a user when nobody is signed in by this token
	err   error
}

func (s *Sessions) load(hash string) (cached, error) {
	l := lookup{hash: hash}
	if !s.line.Do(&l) {
		return cached{}, errs.ErrUnavailable.After(1)
	}
	return l.found, l.err
}

func (s *Sessions) lookUp(all []*lookup) {
	hashes := make([]string, 0, len(all))
	for _, l := range all {
		hashes = append(hashes, l.hash)
	}
	ctx, cancel := context.WithTimeout(context.Background(), lookupTakes)
	defer cancel()
	found, err := s.read(ctx, hashes)
	for _, l := range all {
		l.found, l.err = found[l.hash], err
	}
}

var sessionsOf = sync.OnceValue(func() *db.Text {
	agreed, _ := inForce("c")
	return db.NewText(`
		SELECT s.token_hash, s.id, s.user_id, s.seen_at, s.expires_at, u.org_id, u.role, u.is_owner, u.username, u.must_change, u.permissions,
			(SELECT count(*) FROM consents c WHERE c.user_id = u.id AND (` + agreed + `)) AS consents
		FROM sessions s JOIN users u ON u.id = s.user_id
		WHERE s.token_hash IN ? AND u.status = 'active'`)
})

func (s *Sessions) read(ctx context.Context, hashes []string) (map[string]cached, error) {
	var rows []struct {
		TokenHash   string
		ID          id.ID
		UserID      id.ID
		SeenAt      clock.Instant
		ExpiresAt   clock.Instant
		OrgID       id.ID
		Role        Role
		IsOwner     bool
		Username    string
		MustChange  bool
		Permissions string
		Consents    int
	}
	_, args := inForce("c")
	if err := sessionsOf().Scan(ctx, s.db, &rows, append(args, hashes)...); err != nil {
		return nil, err
	}
	found := make(map[string]cached, len(rows))
	for _, r := range rows {
		found[r.TokenHash] = cached{
			who: Principal{
				UserID: r.UserID, OrgID: r.OrgID, Role: r.Role, Username: r.Username, Owner: r.IsOwner,
				MustChange: r.MustChange, MustConsent: r.Consents < len(AgreementNames),
				Permissions: effective(r.Role, r.Permissions), SessionID: r.ID, SessionEnds: r.ExpiresAt,
			},
			seenAt: r.SeenAt, expires: r.ExpiresAt,
		}
	}
	return found, nil
}
