package voucher

import (
	"hash/maphash"
	"net/netip"
	"sync"
	"time"

	"smedx/internal/kit/errs"
	"smedx/internal/kit/id"
)

// ErrTooFast says that a company or an address asks faster than people can.
var ErrTooFast = errs.New(errs.TooMany, "voucher.too_fast")

// pace keeps programs from asking in place of people: a bucket for each company
// and a generous one for each address, behind which a whole park may sit. It is
// asked before everything else, holds one number for each and allocates nothing
// for whoever is known.
type pace struct {
	companies buckets[id.ID]
	addresses buckets[netip.Addr]
}

// rate fills a bucket: one more in each interval, burst at most.
type rate struct {
	every time.Duration
	burst int64
}

var (
	companyRate = rate{500 * time.Millisecond, 20}
	addressRate = rate{5 * time.Millisecond, 2000}
)

func newPace() *pace {
	return &pace{companies: buckets[id.ID]{rate: companyRate}, addresses: buckets[netip.Addr]{rate: addressRate}}
}

// refusal is nil, or says in how many seconds to ask again. The machine itself is
// no address: behind a proxy that is not declared, everybody would come from there.
func (p *pace) refusal(orgID id.ID, address string, now time.Time) error {
	wait := p.companies.take(orgID, now)
	if ip, err := netip.ParseAddr(address); err == nil && !ip.IsLoopback() {
		if ip.Is6() {
			if net, err := ip.Prefix(64); err == nil {
				ip = net.Addr()
			}
		}
		wait = max(wait, p.addresses.take(ip, now))
	}
	if wait == 0 {
		return nil
	}
	seconds := int((wait + time.Second - 1) / time.Second)
	return ErrTooFast.With("seconds", seconds).After(seconds)
}

const (
	bucketShards = 16
	bucketLimit  = 20_000 // of a shard; then all of it begin anew
)

var bucketSeed = maphash.MakeSeed()

// buckets hold for each key the time at which its bucket is full again.
type buckets[K comparable] struct {
	rate
	shards [bucketShards]struct {
		sync.Mutex
		full map[K]int64 // nanoseconds
	}
}

// take takes one from the bucket of a key, or answers how long to wait.
func (b *buckets[K]) take(key K, now time.Time) time.Duration {
	s := &b.shards[maphash.Comparable(bucketSeed, key)%bucketShards]
	at, every := now.UnixNano(), int64(b.every)
	s.Lock()
	defer s.Unlock()
	if s.full == nil || len(s.full) >= bucketLimit {
		s.full = map[K]int64{}
	}
	full := max(s.full[key], at)
	if full > at+every*b.burst+int64(time.Minute) {
		full = at // the clock was set back
	}
	if over := full + every - (at + every*b.burst); over > 0 {
		return time.Duration(over)
	}
	s.full[key] = full + every
	return 0
}
