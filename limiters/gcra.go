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
	limits
	now atomic.Pointer[arrivals]
}

// arrivals is the time of one limit.
type arrivals struct {
	bucket
	keys Keyed[arrival]
	// A key that was never granted anything owed so much at the instant at which
	// the limit came into force, if that was raised.
	began time.Duration
	owed  int64
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
	_ Limiter     = (*GCRA)(nil)
	_ Described   = (*GCRA)(nil)
	_ Peeker      = (*GCRA)(nil)
	_ Reclaimer   = (*GCRA)(nil)
	_ LimitSetter = (*GCRA)(nil)
)

// NewGCRA returns a GCRA per key, with the whole burst free at the start.
func NewGCRA(config Config) (*GCRA, error) {
	b, err := config.bucket()
	if err != nil {
		return nil, err
	}
	r := &arrivals{bucket: b}
	r.keys.open(r.begin, r.retire)
	l := new(GCRA)
	l.now.Store(r)
	l.limits.add(b.limit)
	return l, nil
}

// begin makes s a key that was granted nothing, from since on.
func (r *arrivals) begin(s *arrival, since time.Duration) {
	since = max(since, r.began)
	s.tat.Store(r.point(since, max(0, r.owed-r.flow(since-r.began))))
	s.seen.Store(int64(since))
}

// retire marks a key that is like one that was never granted anything. After a
// change none is before both are as good as new.
func (r *arrivals) retire(s *arrival, now time.Duration) bool {
	tat, seen := s.tat.Load(), time.Duration(s.seen.Load())
	return tat == retired || now >= max(seen, r.began) && r.debt(tat, seen, now) == 0 && r.owed <= r.flow(now-r.began) &&
		s.tat.CompareAndSwap(tat, retired)
}

// SetLimit implements [LimitSetter].
func (l *GCRA) SetLimit(_ context.Context, now time.Duration, limit Limit) (time.Duration, error) {
	b, err := limit.Config().bucket()
	if err != nil {
		return 0, err
	}
	l.limits.mu.Lock()
	defer l.limits.mu.Unlock()
	old := l.now.Load()
	r := &arrivals{bucket: b, began: max(now, old.began, old.keys.since())}
	r.owed = r.taken(old, max(0, old.owed-old.flow(r.began-old.began)))
	inherit := func(from, to *arrival) { r.inherit(old, from, to) }
	r.keys.open(r.begin, r.retire)
	r.keys.follow(&old.keys, inherit, func(s *arrival) { s.tat.Store(retired) })
	l.now.Store(r)
	r.keys.settle(r.began)
	l.limits.add(limit)
	return r.began, nil
}

// inherit makes to what from is under the limit before this one.
func (r *arrivals) inherit(old *arrivals, from, to *arrival) {
	for {
		tat := from.tat.Load()
		if tat == retired {
			return // it was as good as new
		}
		seen := time.Duration(from.seen.Load())
		if !from.tat.CompareAndSwap(tat, retired) {
			continue
		}
		at := max(seen, r.began)
		to.tat.Store(r.point(at, r.taken(old, old.debt(tat, seen, at))))
		to.seen.Store(int64(at))
		return
	}
}

// taken is the debt that is left of one under the limit before this one.
func (r *arrivals) taken(old *arrivals, debt int64) int64 {
	return r.capacity - r.carried(old.capacity-debt, &old.bucket)
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
	r := l.now.Load()
	s := r.keys.Get(key, now, take && n <= r.limit.Burst)
	for {
		tat := s.tat.Load()
		if tat == retired {
			r = l.now.Load()
			s = r.keys.Again(key, now, take && n <= r.limit.Burst)
			continue
		}
		seen := time.Duration(s.seen.Load())
		at := max(now, seen)
		left, wait := r.take(r.capacity-r.debt(tat, seen, at), n)
		if take && wait == 0 {
			s.raise(seen, at)
			if !s.tat.CompareAndSwap(tat, r.point(at, r.capacity-left)) {
				retries++
				continue
			}
		}
		r.answer(left, wait).write(d, at)
		return retries, nil
	}
}

// point returns where on the circle the instant at lies, and debt units on.
func (r *arrivals) point(at time.Duration, debt int64) int64 {
	return (int64(at)*r.perNano + debt) & circle
}

// debt returns how far tat is ahead of at. A key not used for as long as an
// empty bucket takes to fill owes nothing, wherever on the circle its tat lies.
// (If at that moment another caller has raised seen but not moved tat yet, the
// circle alone decides: it may see a debt after an idle time of more than
// 2^62/Rate ns, never miss one.)
func (r *arrivals) debt(tat int64, seen, at time.Duration) int64 {
	if at-seen >= r.refill {
		return 0
	}
	if ahead := (tat - r.point(at, 0)) & circle; ahead <= r.capacity {
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
func (l *GCRA) Keys() int { return l.now.Load().keys.Keys() }

// Reclaim implements [Reclaimer].
func (l *GCRA) Reclaim(now time.Duration) int { return l.now.Load().keys.Reclaim(now) }

// Bound implements [Described]: that of the largest limit there has been.
func (l *GCRA) Bound(w time.Duration) int64 {
	_, most := l.limits.told()
	return most.flood(w)
}

// Info implements [Described].
func (l *GCRA) Info() Info {
	now, _ := l.limits.told()
	return Info{
		Algorithm:  "gcra",
		Scope:      "local",
		State:      "TAT, CAS, and latest instant",
		TimeSource: TimeArgument,
		Limit:      now,
	}
}
