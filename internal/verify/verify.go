// Package verify holds the kinds of limiter that users can name to the rules of
// package conformance, and reports what came of it.
//
// A limiter is examined where its time can be controlled best. One that takes
// now as an argument is, in this process, shown any instants; one on Redis gets
// its time injected, and is watched on the server's clock for a moment as well.
// One that reads the clock is examined in a synctest bubble, in a child of this
// process. What reads a clock that nothing can move is watched in real time.
package verify

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/fcbench/fcbench/internal/redisproc"
	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/limiters/conformance"
)

// Plan is what is to be examined. Its zero value lacks only Kinds.
type Plan struct {
	// Kinds are names of the catalogue, each perhaps with arguments: KIND:ARGUMENT….
	Kinds []string
	// Limits are those to examine under; none stands for a few that truncation,
	// overflow and edges get wrong.
	Limits []limiters.Limit
	Seed   uint64
	Deep   bool              // many times as many decisions
	Redis  *redisproc.Server // nil when no kind needs one
	Prefix string            // of every Redis key, unique to this process

	made atomic.Int64 // limiters so far, whatever their kind, to give each a prefix of its own
}

// defaultLimits are a plain one, one whose interval is no whole number of
// nanoseconds and that forgives nothing, one of many per microsecond, and a slow one.
func defaultLimits() []limiters.Limit {
	return []limiters.Limit{
		{Rate: 10, Period: time.Second, Burst: 5},
		{Rate: 3, Period: time.Second, Burst: 1},
		{Rate: 700_000, Period: time.Second, Burst: 20},
		{Rate: 100, Period: time.Minute, Burst: 10},
	}
}

func orDefault(limits []limiters.Limit) []limiters.Limit {
	if len(limits) == 0 {
		return defaultLimits()
	}
	return limits
}

// Run examines every kind, as many at once as there are cores. Its error names
// the kinds that could not be examined; what is known of the others is in the
// report. When ctx ends, what came until then is, and what is left is named.
func (p *Plan) Run(ctx context.Context) (*Report, error) {
	p.Limits = orDefault(p.Limits)
	r := &Report{Schema: Schema, Seed: p.Seed, Deep: p.Deep, Limiters: make([]Limiter, len(p.Kinds))}
	problems := make([]error, len(p.Kinds))
	turns := make(turns, runtime.GOMAXPROCS(0))
	var wg sync.WaitGroup
	for i, name := range p.Kinds {
		wg.Go(func() {
			turn := turns.begin()
			defer turn.end()
			r.Limiters[i], problems[i] = p.examine(ctx, name, turn)
			if problems[i] != nil {
				problems[i] = fmt.Errorf("%s: %w", name, problems[i])
			}
		})
	}
	wg.Wait()
	r.Partial = slices.ContainsFunc(r.Limiters, func(l Limiter) bool { return l.unfinished() || len(l.Findings) == 0 })
	return r, errors.Join(problems...)
}

// examine checks one kind where its time can be controlled best.
func (p *Plan) examine(ctx context.Context, name string, turn *turn) (Limiter, error) {
	k, err := p.kind(name)
	if err != nil {
		return Limiter{Kind: name}, err
	}
	l := k.describe(k.time())
	if l.Time == "bubble" && ctx.Err() == nil {
		inside, err := p.inBubble(ctx, name)
		switch {
		case err == nil:
			return inside, nil
		case ctx.Err() == nil:
			return l, err
		}
	}
	l.Findings = conformance.Check(ctx, p.subject(k, turn.clock()))
	return l, nil
}

// time says how the kind is examined; nothing of one that could not be made.
func (k *kind) time() string {
	switch k.info.TimeSource {
	case limiters.TimeArgument:
		return "virtual"
	case limiters.TimeClock:
		return "bubble"
	case "":
		return ""
	}
	return "real"
}

// subject is a kind as package conformance takes it.
func (p *Plan) subject(k *kind, clock *conformance.Clock) conformance.Subject {
	s := conformance.Subject{
		New: k.build, Limits: k.limits, Seed: p.Seed,
		Options: conformance.Options{Concurrent: true, Shared: k.costly, Clock: clock, Decisions: p.decisions(k)},
	}
	if k.several {
		s.Also = also
	}
	if k.info.Scope == "redis" {
		s.Live, s.Granularity = k.buildLive, time.Microsecond
	}
	return s
}

// decisions is what a rule may ask for under each limit: as many as fit a
// second or so for all rules together, and some minutes in depth.
func (p *Plan) decisions(k *kind) int {
	n := 6_000
	switch {
	case k.info.Scope != "local":
		n = 200
	case k.info.TimeSource == limiters.TimeClock:
		n = 4_000
	}
	if p.Deep {
		n *= 10
	}
	return n
}
