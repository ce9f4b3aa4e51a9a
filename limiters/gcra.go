package limiters

import (
	"context"
	"sync/atomic"
	"time"
)

// GCRA is the generic cell rate algorithm (ITU-T I.371, virtual scheduling):
// per key one theoretical arrival time, the instant at which everything
// granted so far will have been paid for. Each grant moves it on by its cost,
// and what would move it further than the burst ahead of now is denied.
//
// Time is counted in units of 1/Rate ns with the rate in lowest terms, which
// are the bucket's units: an emission interval is Period of them and a
// nanosecond is Rate of them, so a rate such as 3,000,000/s does not drift.
// Where x/time, uber or a TAT in nanoseconds round, this does not.
type GCRA struct {
	bucket
	keys *Keyed[arrival]
}

// arrival is the state of one key.
//
// tat decides; a grant is one compare-and-swap of it. It lives on a circle of
// 2^63 units, so that no run is too long for a fine unit; a bucket's capacity
// is at most half the circle, which makes "ahead of now" and "behind now"
// distinct for as long as the bucket is not known to be full anyway.
//
// seen is at least the instant of the latest grant. It is raised before tat
// moves and read after tat: whoever reads a tat also reads a seen that covers
// it. So an earlier now is decided as at seen, and grants are ordered by At.
type arrival struct {
	tat  atomic.Int64
	seen atomic.Int64
}

const (
	circle  = 1<<63 - 1 // the mask that wraps units around
	retired = -1        // a tat that is no point of the circle
)

var (
	_ Limiter   = (*GCRA)(nil)
	_ Described = (*GCRA)(nil)
	_ Peeker    = (*GCRA)(nil)
	_ Reclaimer = (*GCRA)(nil)
)

// NewGCRA returns a GCRA per key, with the whole burst free at the start.
func NewGCRA(config Config) (*GCRA, error) {
	b, err := newBucket(config)
	if err != nil {
		return nil, err
	}
	l := &GCRA{bucket: b}
	l.keys = NewKeyed(
		func(s *arrival, since time.Duration) {
			s.tat.Store(l.point(since, 0))
			s.seen.Store(int64(since))
		},
		func(s *arrival, now time.Duration) bool {
			tat, seen := s.tat.Load(), time.Duration(s.seen.Load())
			return now >= seen && l.debt(tat, seen, now) == 0 && s.tat.CompareAndSwap(tat, retired)
		})
	return l, nil
}

// Allow implements [Limiter].
func (l *GCRA) Allow(_ context.Context, now time.Duration, key string, n int64) (d Decision, err error) {
	_, err = l.decide(&d, now, key, n, true)
	return d, err
}

// Peek implements [Peeker].
func (l *GCRA) Peek(_ context.Context, now time.Duration, key string, n int64) (d Decision, err error) {
	_, err = l.decide(&d, now, key, n, false)
	return d, err
}

// decide fills in d, an empty decision. It returns how often somebody else was
// granted something in between, so that it had to decide again. What can be
// said afterwards is, since it happens the more often the longer this takes.
func (l *GCRA) decide(d *Decision, now time.Duration, key string, n int64, take bool) (retries int, err error) {
	if err := checkCost(n); err != nil {
		return 0, err
	}
	keep := take && n <= l.limit.Burst
	s := l.keys.Get(key, now, keep)
	for {
		tat := s.tat.Load()
		if tat == retired {
			s = l.keys.Again(key, now, keep)
			continue
		}
		seen := time.Duration(s.seen.Load())
		at := max(now, seen)
		left, wait := l.take(l.capacity-l.debt(tat, seen, at), n)
		if take && wait == 0 {
			s.raise(seen, at)
			if !s.tat.CompareAndSwap(tat, l.point(at, l.capacity-left)) {
				retries++
				continue
			}
		}
		l.answer(left, wait).write(d, at)
		return retries, nil
	}
}

// point returns where on the circle the instant at lies, and debt units on.
func (l *GCRA) point(at time.Duration, debt int64) int64 {
	return (int64(at)*l.perNano + debt) & circle
}

// debt returns how far tat is ahead of at. A key not used for as long as an
// empty bucket takes to fill owes nothing, wherever on the circle its tat lies.
// (If at that moment another caller has raised seen but not moved tat yet, the
// circle alone decides: it may see a debt after an idle time of more than
// 2^62/Rate ns, never miss one.)
func (l *GCRA) debt(tat int64, seen, at time.Duration) int64 {
	if at-seen >= l.refill {
		return 0
	}
	if ahead := (tat - l.point(at, 0)) & circle; ahead <= l.capacity {
		return ahead
	}
	return 0
}

// raise makes seen at least at.
func (s *arrival) raise(seen, at time.Duration) {
	for seen < at && !s.seen.CompareAndSwap(int64(seen), int64(at)) {
		seen = time.Duration(s.seen.Load())
	}
}

// Keys implements [Reclaimer].
func (l *GCRA) Keys() int { return l.keys.Keys() }

// Reclaim implements [Reclaimer].
func (l *GCRA) Reclaim(now time.Duration) int { return l.keys.Reclaim(now) }

// Info implements [Described].
func (l *GCRA) Info() Info {
	return Info{
		Algorithm:  "gcra",
		Scope:      "local",
		State:      "TAT, CAS, and latest instant",
		TimeSource: TimeArgument,
		Limit:      l.limit,
	}
}
