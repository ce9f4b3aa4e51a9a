// Package flawed has limiters for tests of those who examine limiters: sound ones
// that do things in their own way, and others with one flaw each, as a user's
// program might have it. Each is a value, and a program for exec: as well.
package flawed

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/limiters"
)

// A Program is a sound limiter that is told, and tells, something else.
type Program struct {
	// What it says of itself. Windows is where those of a fixed window begin;
	// without it is a token bucket.
	Windows    string
	Clock      bool // it goes by a clock of its own
	Unweighted bool
	Resolution time.Duration

	refuses func(limit limiters.Limit, r Request) string    // why it cannot do that, of a limit or of a request
	made    func(l *limiters.Limit)                         // changes the limit
	asks    func() func(r *Request)                         // changes what is asked, of each limiter by itself
	tells   func(r Request, d *limiters.Decision)           // changes what is answered
	windows func(limit limiters.Limit) func(r Request) bool // counts in them, instead of in a bucket
}

// Request is what it is asked.
type Request struct {
	Now time.Duration
	Key string
	N   int64
}

// Sound are programs that break no rule.
func Sound() map[string]Program { return sound() }

// Flawed are programs that do, by what is wrong with them.
func Flawed() map[string]Program {
	all := map[string]Program{}
	for _, some := range []map[string]Program{forgetful(), narrow(), confused(), lying(), clocked()} {
		for name, p := range some {
			all[name] = p
		}
	}
	return all
}

// Algorithm is the one that it claims to be.
func (p Program) Algorithm() string {
	if p.Windows != "" {
		return "fixed-window"
	}
	return "token-bucket"
}

// refusal is what it says that it cannot do.
type refusal string

func (r refusal) Error() string { return "it cannot do that: " + string(r) }

// Is makes it an [errors.ErrUnsupported].
func (r refusal) Is(target error) bool { return target == errUnsupported }

func (p Program) objection(limit limiters.Limit, r Request) error {
	if p.refuses != nil {
		if why := p.refuses(limit, r); why != "" {
			return refusal(why)
		}
	}
	return nil
}

// Limiter is the program in this process, one caller at a time.
type Limiter struct {
	program Program
	model   limiters.Described
	limit   limiters.Limit
	mu      sync.Mutex
	decide  func(Request) limiters.Decision
}

// New returns the program under a limit, whose Burst is 0 for windows.
func (p Program) New(limit limiters.Limit) (*Limiter, error) {
	if err := p.objection(limit, Request{}); err != nil {
		return nil, err
	}
	rate := units.Rate{Count: limit.Rate, Per: limit.Period}
	l := &Limiter{program: p, limit: limit}
	var err error
	if p.Windows != "" {
		l.model, err = limiters.NewFixedWindow(limiters.WindowConfig{Rate: rate})
	} else {
		l.model, err = limiters.NewTokenBucket(limiters.Config{Rate: rate, Burst: units.Count(limit.Burst)})
	}
	if err != nil {
		return nil, err
	}
	l.decide = p.decider(limit)
	return l, nil
}

// always is the same for each limiter.
func always(change func(r *Request)) func() func(*Request) {
	return func() func(*Request) { return change }
}

// decider decides on requests, one after the other.
func (p Program) decider(limit limiters.Limit) func(Request) limiters.Decision {
	if p.made != nil {
		p.made(&limit)
	}
	if p.windows != nil {
		allow := p.windows(limit)
		return func(r Request) limiters.Decision { return silent(allow(r)) }
	}
	bucket, err := limiters.NewTokenBucket(limiters.Config{
		Rate: units.Rate{Count: limit.Rate, Per: limit.Period}, Burst: units.Count(max(1, limit.Burst)),
	})
	if err != nil {
		panic(err) // a flaw that makes no limiter at all
	}
	start, change := time.Now(), func(*Request) {}
	if p.asks != nil {
		change = p.asks()
	}
	return func(r Request) limiters.Decision {
		if p.Clock {
			r.Now = time.Since(start)
		}
		asked := r
		change(&r)
		if r.N < 1 {
			return silent(true)
		}
		d, _ := bucket.Allow(context.Background(), r.Now, r.Key, r.N)
		if p.Clock {
			d.At = limiters.Unknown
		}
		if p.tells != nil {
			p.tells(asked, &d)
		}
		return d
	}
}

// silent is a decision of one that says no more than whether.
func silent(allowed bool) limiters.Decision {
	d := limiters.Decision{Allowed: allowed, At: limiters.Unknown, ResetAfter: limiters.Unknown, Remaining: -1}
	if !allowed {
		d.RetryAfter = limiters.Unknown
	}
	return d
}

// Allow implements [limiters.Limiter].
func (l *Limiter) Allow(_ context.Context, now time.Duration, key string, n int64) (limiters.Decision, error) {
	if n < 1 {
		return limiters.Decision{}, fmt.Errorf("cost is %d; want at least 1", n)
	}
	r := Request{max(0, now), key, n}
	if err := l.program.objection(l.limit, r); err != nil {
		return limiters.Decision{}, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.decide(r), nil
}

// Info implements [limiters.Described].
func (l *Limiter) Info() limiters.Info {
	info := l.model.Info()
	info.Scope, info.State = "process", "the program's own"
	info.Windows, info.Unweighted, info.Resolution = l.program.Windows, l.program.Unweighted, l.program.Resolution
	if l.program.Clock {
		info.TimeSource = limiters.TimeWallClock
	}
	return info
}

// Bound implements [limiters.Described].
func (l *Limiter) Bound(w time.Duration) int64 { return l.model.Bound(w) }
