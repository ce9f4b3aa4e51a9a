package redislua

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/fcbench/fcbench/internal/rediskeys"
	"github.com/fcbench/fcbench/internal/whole"
	"github.com/fcbench/fcbench/limiters"
	"github.com/redis/go-redis/v9"
)

// Adjustable is a limiter whose limit can be changed. Other clients of the same keys
// must make the same changes, in the same order; until they have they are refused.
type Adjustable struct {
	*Scripted
	terms
	mu        sync.Mutex // held to change the limit
	eras      []era      // of a bucket that was changed: the limits so far, the latest last
	forgotten int        // how many there were before these

	told      sync.Mutex // held to say what it is
	now, most limiters.Limit
	largest   func(w time.Duration) int64 // the bound of most
}

var _ limiters.LimitSetter = (*Adjustable)(nil)

// terms are what a kind of limiter makes of a limit.
type terms struct {
	numbers func(limiters.Limit) ([]int64, error) // that its script takes
	bound   func(limiters.Limit) func(w time.Duration) int64
	units   string // the script that knows a bucket's state; empty where counts are good under any limit
}

// newAdjustable makes a limiter under a limit, unless err or the setup forbids it.
func newAdjustable[C any](client redis.UniversalClient, setup Setup[C], d definition, t terms, limit limiters.Limit, err error) (*Adjustable, error) {
	if err == nil {
		d.limit, err = t.numbers(limit)
	}
	d.info.Limit = limit
	l, err := newLimiter(client, setup, d, err)
	if err != nil {
		return nil, err
	}
	l.bound = t.bound(limit)
	return &Adjustable{Scripted: l, terms: t, now: limit, most: limit, largest: l.bound}, nil
}

// SetLimit implements [limiters.LimitSetter]. With the server's time the instant is the
// server's Unix time, and now is ignored. Every key of a bucket is looked at, so that none
// dies before its debt is paid at the new rate; an error says if that did not
// come to its end, and the limit is changed all the same.
func (l *Adjustable) SetLimit(ctx context.Context, now time.Duration, limit limiters.Limit) (time.Duration, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	numbers, err := l.numbers(limit)
	if err != nil {
		return 0, fmt.Errorf("%s: %w", l.name, err)
	}
	at, err := l.change(ctx, now, numbers)
	if err == nil || errors.Is(err, errUnsettled) {
		l.tell(limit)
	}
	return time.Duration(at) * time.Microsecond, err
}

// tell has Info and Bound speak of a limit, and of the largest there was.
func (l *Adjustable) tell(limit limiters.Limit) {
	l.told.Lock()
	defer l.told.Unlock()
	burst := max(l.most.Burst, limit.Burst)
	if whole.Compare(limit.Rate, int64(limit.Period), l.most.Rate, int64(l.most.Period)) > 0 {
		l.most = limit
	}
	l.now, l.most.Burst = limit, burst
	l.largest = l.terms.bound(l.most)
}

// Info implements [limiters.Described].
func (l *Adjustable) Info() limiters.Info {
	l.told.Lock()
	defer l.told.Unlock()
	info := l.Scripted.Info()
	info.Limit = l.now
	return info
}

// Bound implements [limiters.Described]: that of the largest limit there has been.
func (l *Adjustable) Bound(w time.Duration) int64 {
	l.told.Lock()
	defer l.told.Unlock()
	return l.largest(w)
}

// era is the time of one limit of a bucket, in the units of its script.
type era struct {
	rate, period, burst int64
	began               int64 // µs
	untouched           int64 // what a bucket held then that nobody had asked yet
}

func eraOf(numbers []int64) era { return era{rate: numbers[0], period: numbers[1], burst: numbers[2]} }

// maxEras is how many limits a script is told of: the one in force, and those before it
// under which a call that was slow to arrive may have left a state.
const maxEras = 4

// change puts a limit in force, and returns the µs from which it is.
func (l *Adjustable) change(ctx context.Context, now time.Duration, numbers []int64) (int64, error) {
	at, err := l.micros(ctx, now)
	switch {
	case err != nil:
		return 0, fmt.Errorf("%s: %w", l.name, err)
	case l.units == "":
		l.script.Store(l.newScript(numbers, l.scripts...))
		return at, nil
	}
	err = l.takeOver(ctx, now, numbers)
	return l.eras[len(l.eras)-1].began, err
}

// takeOver puts a limit of a bucket in force and has every key taken over. The first
// time it does so twice: first without a change, so that no key dies while others are
// looked at.
func (l *Adjustable) takeOver(ctx context.Context, now time.Duration, numbers []int64) error {
	if l.eras == nil {
		first := eraOf(l.limit)
		first.untouched = first.burst * first.period
		l.eras = []era{first}
		if !l.inject {
			if err := l.next(ctx, now, first); err != nil {
				return err
			}
		}
	}
	return l.next(ctx, now, eraOf(numbers))
}

// errUnsettled is of a limit that was changed before something went wrong.
var errUnsettled = errors.New("the limit is changed, but not all keys were looked at")

// next puts e in force.
func (l *Adjustable) next(ctx context.Context, now time.Duration, e era) error {
	last := l.eras[len(l.eras)-1]
	at, err := l.micros(ctx, now)
	if err != nil {
		return fmt.Errorf("%s: %w", l.name, err)
	}
	e.began = max(at, last.began)
	e.untouched = e.held(last)
	eras, forgotten := append(slices.Clone(l.eras), e), l.forgotten
	if len(eras) > maxEras {
		eras, forgotten = eras[1:], forgotten+1
	}
	told := tale(eras, forgotten)
	scripts := append([]string{l.units, "changed.lua"}, l.scripts...)
	script, takeOver := l.newScript(told, scripts...), l.newScript(told, l.units, "changed.lua", "take_over.lua")
	if err := errors.Join(l.load(ctx, script), l.load(ctx, takeOver)); err != nil {
		return err
	}
	l.eras, l.forgotten = eras, forgotten
	l.script.Store(script)
	err = rediskeys.Each(ctx, l.client, l.prefix, func(p redis.Pipeliner, key string) {
		args := slices.Clone(takeOver.call)
		args[argKey], args[argCost] = key, 1
		if l.inject {
			args[len(args)-1] = e.began
		}
		_ = p.Process(ctx, redis.NewIntSliceCmd(ctx, args...))
	})
	if err != nil {
		return fmt.Errorf("%s: %w: %w", l.name, errUnsettled, err)
	}
	return nil
}

// tale is what a script is told of limits: the one in force, and then those before it.
func tale(eras []era, forgotten int) []int64 {
	past, now := eras[:len(eras)-1], eras[len(eras)-1]
	numbers := []int64{now.rate, now.period, now.burst, int64(forgotten + len(past)), now.began, now.untouched, int64(len(past))}
	for i, e := range past {
		numbers = append(numbers, e.rate, e.period, e.burst, eras[i+1].began)
	}
	return numbers
}

// held is what a bucket that nobody has asked holds when e follows last.
func (e era) held(last era) int64 {
	full := last.burst * last.period
	held := min(full, whole.Product(uint64(e.began-last.began), uint64(last.rate)).Plus(whole.Uint128{Lo: uint64(last.untouched)}).Quo(1))
	return min(e.burst*e.period, whole.MulDiv(held, e.period, last.period))
}

// micros is the instant of a change.
func (l *Adjustable) micros(ctx context.Context, now time.Duration) (int64, error) {
	if l.inject {
		if now > maxNow {
			return 0, fmt.Errorf("now is %v; want at most %v, for a script to be exact", now, maxNow)
		}
		return max(0, now).Microseconds(), nil
	}
	t, err := l.client.Time(ctx).Result()
	if err != nil {
		return 0, fmt.Errorf("TIME: %w", err)
	}
	return t.UnixMicro(), nil
}
