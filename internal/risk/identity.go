package risk

import (
	"context"
	"fmt"
	"strings"
	"time"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
)

// Bounds of one look: rows that a query answers, companies and lines that a hit keeps.
const (
	rowsAtOnce = 20_000
	mostOrgs   = 200
	mostLines  = 50
)

// Whoever holds vouchers or was paid with them; m is a company's row.
const involved = `(EXISTS (SELECT 1 FROM vouchers v WHERE v.org_id = m.org_id)
	OR EXISTS (SELECT 1 FROM voucher_holds vh WHERE vh.provider_org = m.org_id AND vh.status = 'redeemed'))`

// sameMark finds companies of one kind that stated the same.
func sameMark(kind string) find {
	return func(ctx context.Context, r db.Reader, _ clock.Instant) ([]finding, error) {
		return shared(ctx, r, kind, `
			SELECT o.kind AS side, m.mark, m.org_id FROM org_marks m JOIN organizations o ON o.id = m.org_id
			WHERE m.kind = ? AND m.mark IN (SELECT mark FROM org_marks WHERE kind = ? GROUP BY mark HAVING COUNT(*) > 1) AND `+involved+`
			ORDER BY m.mark, o.kind, m.org_id LIMIT ?`, kind, kind, rowsAtOnce)
	}
}

// sameDevice finds enterprises whose people signed in at the same machine.
func sameDevice(ctx context.Context, r db.Reader, now clock.Instant) ([]finding, error) {
	since := now.Add(-30 * 24 * time.Hour)
	return shared(ctx, r, "device", `
		SELECT DISTINCT o.kind AS side, m.mark, m.org_id FROM signin_traces m JOIN organizations o ON o.id = m.org_id
		WHERE m.kind = 'device' AND m.last_at > ? AND o.kind = 'enterprise'
			AND m.mark IN (SELECT mark FROM signin_traces WHERE kind = 'device' GROUP BY mark HAVING COUNT(DISTINCT org_id) > 1) AND `+involved+`
		ORDER BY m.mark, o.kind, m.org_id LIMIT ?`, since, rowsAtOnce)
}

// shared makes a finding of each mark that two companies of a side have.
func shared(ctx context.Context, r db.Reader, kind, query string, args ...any) ([]finding, error) {
	var rows []struct {
		Side  string
		Mark  string
		OrgID id.ID
	}
	if err := r.Raw(query, args...).Scan(ctx, &rows); err != nil {
		return nil, err
	}
	var out []finding
	for i := 0; i < len(rows); {
		f := finding{subject: kind + ":" + rows[i].Side + ":" + rows[i].Mark, Evidence: Evidence{Shared: []Shared{{kind, rows[i].Mark}}}}
		n := i
		for ; n < len(rows) && rows[n].Mark == rows[i].Mark && rows[n].Side == rows[i].Side; n++ {
			f.with(rows[n].OrgID)
			f.Basis = append(f.Basis, rows[n].OrgID.String())
		}
		if n-i > 1 {
			out = append(out, f)
		}
		i = n
	}
	return out, nil
}

// burst is how many registrations with the same particulars, within what time.
const (
	burstSize   = 5
	burstWithin = 24 * time.Hour
	burstBack   = 30 * 24 * time.Hour
)

// registrationBurst finds companies that registered within a day with the same
// particulars or from the same place.
func registrationBurst(ctx context.Context, r db.Reader, now clock.Instant) ([]finding, error) {
	var rows []struct {
		Kind string
		Mark string
		registered
	}
	since := now.Add(-burstBack)
	err := r.Raw(`
		SELECT m.kind, m.mark, m.org_id, o.created_at AS at FROM org_marks m JOIN organizations o ON o.id = m.org_id
		WHERE m.at > ? AND m.kind <> 'related' AND o.created_at > ?
		UNION
		SELECT CASE WHEN t.kind = 'address' THEN 'ip' ELSE t.kind END, t.mark, t.org_id, o.created_at FROM signin_traces t JOIN organizations o ON o.id = t.org_id
		WHERE t.last_at > ? AND o.created_at > ? AND o.created_at BETWEEN t.first_at - ? AND t.last_at + ?
		ORDER BY 1, 2, 4, 3 LIMIT ?`, since, since, since, since, time.Hour.Milliseconds(), time.Hour.Milliseconds(), rowsAtOnce).Scan(ctx, &rows)
	if err != nil {
		return nil, err
	}
	var out []finding
	for i := 0; i < len(rows); {
		n := i
		var group []registered
		for ; n < len(rows) && rows[n].Kind == rows[i].Kind && rows[n].Mark == rows[i].Mark; n++ {
			group = append(group, rows[n].registered)
		}
		if thick := densest(group); len(thick) >= burstSize {
			f := finding{subject: rows[i].Kind + ":" + rows[i].Mark, Evidence: Evidence{Shared: []Shared{{rows[i].Kind, rows[i].Mark}}}}
			for _, g := range thick {
				f.with(g.OrgID)
				f.Basis = append(f.Basis, g.OrgID.String())
				f.line(Line{Note: "registered", Object: "organization", ID: g.OrgID, OrgID: g.OrgID, At: g.At})
			}
			out = append(out, f)
		}
		i = n
	}
	return out, nil
}

type registered struct {
	OrgID id.ID
	At    clock.Instant
}

// densest is the largest part of a group, in the order of time, that lies within
// the time of a burst.
func densest(group []registered) []registered {
	var best []registered
	from := 0
	for to := range group {
		for group[to].At > group[from].At.Add(burstWithin) {
			from++
		}
		if to-from+1 > len(best) {
			best = group[from : to+1]
		}
	}
	return best
}

// pair names two companies in a subject.
func pair(buyer, provider id.ID) string { return fmt.Sprintf("%v+%v", buyer, provider) }

// basis writes shared things as what makes evidence the same.
func basis(list []Shared) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = strings.Join([]string{s.Kind, s.Mark}, ":")
	}
	return out
}
