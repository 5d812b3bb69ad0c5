package account

import (
	"context"
	"fmt"
	"net/netip"
	"time"

	"github.com/uptrace/bun"

	"smedx/internal/kit/clock"
	"smedx/internal/kit/db"
	"smedx/internal/kit/id"
)

// TraceKind is a thing that sign-ins of different companies are compared by.
type TraceKind string

// The kinds of traces.
const (
	TraceAddress TraceKind = "address" // the network address
	TraceDevice  TraceKind = "device"  // address and browser together
)

// Purposes of their keyed hashes: unlike those of signin_places they are the same
// for every user, so that companies can be compared.
const (
	indexTraceAddress = "trace.address"
	indexTraceDevice  = "trace.device"
)

type traceRow struct {
	bun.BaseModel `bun:"table:signin_traces"`

	OrgID   id.ID     `bun:",pk"`
	Kind    TraceKind `bun:",pk"`
	Mark    string    `bun:",pk"`
	Day     int64     `bun:",pk"`
	FirstAt clock.Instant
	LastAt  clock.Instant
	Shown   string
}

// trace remembers from where a company's user signs in, once a day and place. The
// machine itself (a demonstration, a proxy that hides its callers) says nothing.
func (s *Sessions) trace(ctx context.Context, tx *db.Tx, userID id.ID, role Role, ip, agent string) error {
	addr, err := netip.ParseAddr(ip)
	if s.box == nil || !role.ofCompany() || err != nil || addr.IsLoopback() || addr.IsUnspecified() {
		return nil
	}
	addr = addr.Unmap()
	var orgID id.ID
	if err := tx.Raw(`SELECT org_id FROM users WHERE id = ?`, userID).Scan(ctx, &orgID); err != nil || orgID == 0 {
		return err
	}
	now := clock.At(tx.Now())
	day := int64(now) / (24 * time.Hour).Milliseconds()
	for _, r := range []traceRow{
		{Kind: TraceAddress, Mark: s.box.Index(indexTraceAddress, addr.String()), Shown: maskAddress(addr)},
		{Kind: TraceDevice, Mark: s.box.Index(indexTraceDevice, addr.String()+"\n"+agent), Shown: maskAddress(addr) + " " + device(agent)},
	} {
		r.OrgID, r.Day, r.FirstAt, r.LastAt, r.Shown = orgID, day, now, now, s.box.Seal(r.Shown)
		_, err := tx.Insert(&r).On("CONFLICT (org_id, kind, mark, day) DO UPDATE").Set("last_at = EXCLUDED.last_at").Exec(ctx)
		if err != nil {
			return err
		}
	}
	return nil
}

// maskAddress keeps the network: 203.0.*.*
func maskAddress(addr netip.Addr) string {
	if addr.Is4() {
		b := addr.As4()
		return fmt.Sprintf("%d.%d.*.*", b[0], b[1])
	}
	p, err := addr.Prefix(32)
	if err != nil {
		return "***"
	}
	return p.Masked().Addr().String() + "***"
}

// ShownTraces answers the masked values of some traces. Only what is asked for is opened.
func (s *Service) ShownTraces(ctx context.Context, r db.Reader, kind TraceKind, marks ...string) (map[string]string, error) {
	out := map[string]string{}
	if len(marks) == 0 {
		return out, nil
	}
	var rows []traceRow
	err := r.Select(&rows).Where("kind = ? AND mark IN (?)", kind, bun.List(marks)).Limit(1000).Scan(ctx)
	for _, t := range rows {
		if out[t.Mark] != "" || err != nil {
			continue
		}
		out[t.Mark], err = s.box.Open(t.Shown)
	}
	return out, err
}
