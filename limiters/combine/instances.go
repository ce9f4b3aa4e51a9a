package combine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/fcbench/fcbench/internal/seed"
	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/internal/whole"
	"github.com/fcbench/fcbench/limiters"
)

// InstancesConfig describes gateways that share one limit.
type InstancesConfig struct {
	limiters.Config `yaml:",inline"`
	Instances       int            `yaml:"instances"`
	Sharing         string         `yaml:"sharing"` // split, central or leased
	Skew            units.Duration `yaml:"skew"`    // the most that a gateway's clock is off, either way
	Lease           units.Count    `yaml:"lease"`   // tokens that a gateway takes at a time, when leased
	Seed            uint64         `yaml:"seed"`    // of clocks, and of who gets which request
}

// DefaultInstancesConfig is four gateways that ask a central limiter each time.
func DefaultInstancesConfig() InstancesConfig {
	return InstancesConfig{Config: limiters.DefaultConfig(), Instances: 4, Sharing: "central", Lease: 10}
}

const (
	maxInstances = 1 << 12
	maxSkew      = 24 * time.Hour
)

// Instances is a simulation of gateways that share one limit, to measure by how
// much they miss it. It is not a way to run several: all of them live in here,
// behind one lock.
//
// Each request goes to a gateway drawn at random by the seed. Each gateway's
// clock is off by a constant, drawn from ±skew, and all it does is by that
// clock. Decisions are stated on the true one: At is now, or the latest instant
// at which anything was granted, and waits count from there. They are those of
// the gateway that was asked, and need not hold for the one that is asked next.
//
// The limit is a GCRA, and what is shared is, by the sharing,
//
//   - split: nothing. Each gateway has the k-th part of rate and burst, of the
//     burst one token more where it does not divide. No window ever holds more
//     than the whole limit allows, but a key that is not spread evenly gets
//     less, and so does a request of more than a part.
//   - central: all. The one limiter believes whatever clock asks, so a window
//     of w holds up to bound(w + 2×skew).
//   - leased: all, but a gateway that lacks tokens takes a lease of them, or what
//     is left, and keeps what it does not spend. Those spent late add to those
//     granted meanwhile: up to bound(w + 2×skew) + k×(lease−1).
type Instances struct {
	config InstancesConfig
	limit  limiters.Limit
	clocks []time.Duration // what each gateway adds to now; none is below 0
	parts  []*limiters.GCRA
	draw   seed.Stream

	mu     sync.Mutex
	asked  uint64
	latest time.Duration      // grant, on the true clock
	leases []map[string]int64 // by gateway: tokens in hand, more than 0
}

var _ inner = (*Instances)(nil)

// NewInstances returns a simulation.
func NewInstances(config InstancesConfig) (*Instances, error) {
	limit, err := config.Limit()
	if err = errors.Join(err, config.validate(limit)); err != nil {
		return nil, err
	}
	l := &Instances{config: config, limit: limit, draw: seed.New(config.Seed).Sub("gateway")}
	clocks := seed.New(config.Seed).Sub("skew")
	for i := range config.Instances {
		l.clocks = append(l.clocks, time.Duration(clocks.Uint64(uint64(i))%uint64(2*config.Skew+1)))
		l.leases = append(l.leases, make(map[string]int64))
	}
	for i := range config.limiters() {
		part, err := limiters.NewGCRA(config.part(limit, i))
		if err != nil {
			return nil, err
		}
		l.parts = append(l.parts, part)
	}
	return l, nil
}

// limiters is how many there are behind the gateways.
func (c InstancesConfig) limiters() int {
	if c.Sharing == "split" {
		return c.Instances
	}
	return 1
}

// part is the limit of the i-th limiter.
func (c InstancesConfig) part(limit limiters.Limit, i int) limiters.Config {
	k := int64(c.limiters())
	burst := limit.Burst / k
	if int64(i) < limit.Burst%k {
		burst++
	}
	return limiters.Config{
		Rate:  units.Rate{Count: limit.Rate, Per: limit.Period * time.Duration(k)},
		Burst: units.Count(burst),
	}
}

func (c InstancesConfig) validate(limit limiters.Limit) error {
	var problems []error
	problem := func(broken bool, format string, args ...any) {
		if broken {
			problems = append(problems, fmt.Errorf(format, args...))
		}
	}
	k := int64(c.Instances)
	problem(k < 1 || k > maxInstances, "instances is %d; want 1 to %d", k, maxInstances)
	problem(!slices.Contains([]string{"split", "central", "leased"}, c.Sharing), "sharing is %q; want split, central or leased", c.Sharing)
	problem(c.Skew < 0 || c.Skew.Std() > maxSkew, "skew is %v; want 0 to %v", c.Skew.Std(), maxSkew)
	problem(c.Sharing == "leased" && c.Lease < 1, "lease is %d; want at least 1", int64(c.Lease))
	if c.Sharing == "split" && k > 0 && limit.Burst > 0 {
		problem(limit.Burst < k, "burst is %d; want at least %d, one for each instance that it is split between", limit.Burst, k)
		problem(limit.Period > limiters.Never/time.Duration(k), "rate is %v; want one that can be split by %d", c.Rate, k)
	}
	return errors.Join(problems...)
}

// Allow implements [limiters.Limiter].
func (l *Instances) Allow(ctx context.Context, now time.Duration, key string, n int64) (limiters.Decision, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	d, err := l.decide(ctx, now, key, n, true)
	l.asked++
	if d.Allowed {
		l.latest = d.At
	}
	return d, err
}

// Peek implements [limiters.Peeker]. It asks the gateway that is next.
func (l *Instances) Peek(ctx context.Context, now time.Duration, key string, n int64) (limiters.Decision, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.decide(ctx, now, key, n, false)
}

func (l *Instances) decide(ctx context.Context, now time.Duration, key string, n int64, take bool) (d limiters.Decision, err error) {
	now = max(now, l.latest)
	gateway := int(l.draw.Uint64(l.asked) % uint64(len(l.clocks)))
	local := after(now, l.clocks[gateway])
	if l.config.Sharing == "leased" && n > 0 {
		d, err = l.lease(ctx, local, l.leases[gateway], key, n, take)
	} else {
		d, err = ask(ctx, l.parts[gateway%len(l.parts)], local, key, n, take)
	}
	if err != nil {
		return d, err
	}
	// Somebody's clock may have been ahead: then it is longer to wait, from now.
	ahead := d.At - local
	d.At, d.RetryAfter, d.ResetAfter = now, delayed(d.RetryAfter, ahead), delayed(d.ResetAfter, ahead)
	return d, nil
}

// delayed is a wait, if it is one, that begins later.
func delayed(wait, by time.Duration) time.Duration {
	if wait <= 0 {
		return wait
	}
	return after(by, wait)
}

// lease decides from what a gateway has in hand, and if that is too little from
// what it can take.
func (l *Instances) lease(ctx context.Context, local time.Duration, hand map[string]int64, key string, n int64, take bool) (limiters.Decision, error) {
	central, held := l.parts[0], hand[key]
	missing := max(0, n-held)
	if n > l.limit.Burst {
		missing = n // never, whatever is in hand
	}
	d, err := central.Peek(ctx, local, key, max(1, missing))
	if err != nil {
		return d, err
	}
	rest := d.Remaining
	if d.Allowed {
		rest += max(1, missing)
	}
	if missing > rest {
		d.Remaining += held
		return d, nil
	}
	taken := min(rest, max(missing, int64(l.config.Lease)))
	if missing == 0 {
		taken = 0
	} else if d, err = ask(ctx, central, local, key, taken, take); err != nil {
		return d, err
	}
	d.Allowed, d.RetryAfter, d.Remaining = true, 0, held+rest-n
	switch left := held + taken - n; {
	case take && left > 0:
		hand[key] = left
	case take:
		delete(hand, key)
	}
	return d, nil
}

// Info implements [limiters.Described]. Only gateways that ask one limiter, by one
// clock, are more than an approximation of it.
func (l *Instances) Info() limiters.Info {
	info := l.parts[0].Info()
	info.Limit = l.limit
	info.Approximate = l.config.Sharing != "central" || l.config.Skew > 0
	info.State = fmt.Sprintf("%d instances, %s: %s", l.config.Instances, l.config.Sharing, info.State)
	return info
}

// Bound implements [limiters.Described]: what the sharing, rather than the
// limit, allows.
func (l *Instances) Bound(w time.Duration) int64 {
	if l.config.Sharing == "split" {
		sum := int64(0)
		for _, p := range l.parts {
			sum = plus(sum, p.Bound(w))
		}
		return sum
	}
	most := l.parts[0].Bound(after(w, 2*l.config.Skew.Std()))
	if l.config.Sharing == "leased" {
		most = plus(most, whole.MulDiv(int64(l.config.Instances), int64(l.config.Lease)-1, 1))
	}
	return most
}

// Keys implements [limiters.Reclaimer]. A key counts once for every limiter and
// every gateway that remembers it.
func (l *Instances) Keys() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.keys()
}

func (l *Instances) keys() int {
	keys := 0
	for _, p := range l.parts {
		keys += p.Keys()
	}
	for _, hand := range l.leases {
		keys += len(hand)
	}
	return keys
}

// Reclaim implements [limiters.Reclaimer]. What stays, for as long as nobody
// spends it, is a key of which a gateway has tokens in hand: they are taken from
// the central limiter, and no time gives them back.
func (l *Instances) Reclaim(now time.Duration) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	before := l.keys()
	for _, p := range l.parts {
		p.Reclaim(now)
	}
	return before - l.keys()
}
