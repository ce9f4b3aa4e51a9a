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
	// Progress is told how far it came, one call at a time; nil for nobody.
	Progress func(Progress)

	traffic  time.Duration // in real time; 0 stands for what package conformance does
	patience time.Duration // with the Redis; 0 stands for what its clients have
	asked    int           // decisions per rule and limit; 0 stands for what fits the kind
	stated   bool          // the limits are not those that are easy to get wrong
	telling  sync.Mutex
	told     Progress
	made     atomic.Int64 // limiters so far, whatever their kind, to give each a prefix of its own
}

// Progress is how far an examination came.
type Progress struct {
	Done, Of int
	Under    []string // examination, by name
}

// defaultLimits are a plain one, one whose interval is no whole number of
// nanoseconds and that forgives nothing, one of many per microsecond, slow ones whose
// state has to last for minutes, an hour and a month, and one of which a cost does
// not fit 16 bits.
func defaultLimits() []limiters.Limit {
	const day = 24 * time.Hour
	return []limiters.Limit{
		{Rate: 7, Period: time.Second, Burst: 5},
		{Rate: 3, Period: time.Second, Burst: 1},
		{Rate: 700_000, Period: time.Second, Burst: 20},
		{Rate: 100, Period: time.Minute, Burst: 10},
		{Rate: 10, Period: time.Hour, Burst: 10},
		{Rate: 1, Period: day, Burst: 30},
		{Rate: 50_000, Period: time.Second, Burst: 100_000},
	}
}

func orDefault(limits []limiters.Limit) []limiters.Limit {
	if len(limits) == 0 {
		return defaultLimits()
	}
	return limits
}

// Run examines every kind, as many at once as there are cores, and beside them those that
// were watched in real time or still are. Its error names
// the kinds that could not be examined; what is known of the others is in the
// report. When ctx ends, what came until then is, and what is left is named.
func (p *Plan) Run(ctx context.Context) (*Report, error) {
	p.stated = len(p.Limits) > 0
	p.Limits = orDefault(p.Limits)
	r := &Report{Schema: Schema, Seed: p.Seed, Deep: p.Deep, Limiters: make([]Limiter, len(p.Kinds))}
	problems := make([]error, len(p.Kinds))
	p.told = Progress{Of: len(p.Kinds)}
	turns := make(turns, runtime.GOMAXPROCS(0))
	var wg sync.WaitGroup
	for _, i := range p.order() {
		name, turn := p.Kinds[i], turns.begin()
		wg.Go(func() {
			defer turn.end()
			defer p.tell(name)()
			r.Limiters[i], problems[i] = p.examine(ctx, i, turn)
			if problems[i] != nil {
				r.Limiters[i].Problem = problems[i].Error()
				problems[i] = fmt.Errorf("%s could not be examined: %w", name, problems[i])
			}
		})
	}
	wg.Wait()
	r.Partial = slices.ContainsFunc(r.Limiters, func(l Limiter) bool { return l.unfinished() })
	return r, errors.Join(problems...)
}

// order has the kinds in the order of their turns: first those that are watched in real
// time, so that others compute meanwhile.
func (p *Plan) order() (all []int) {
	var others []int
	for i, name := range p.Kinds {
		if k, err := p.kind(name); err == nil && (k.info.Scope == "redis" || timeOf(k.info) == "real") {
			all = append(all, i)
		} else {
			others = append(others, i)
		}
	}
	return append(all, others...)
}

// tell tells that an examination begins, and returns what tells that it has ended.
func (p *Plan) tell(name string) (ended func()) {
	change := func(by func(*Progress)) {
		p.telling.Lock()
		defer p.telling.Unlock()
		by(&p.told)
		if p.Progress != nil {
			p.Progress(Progress{p.told.Done, p.told.Of, slices.Clone(p.told.Under)})
		}
	}
	change(func(t *Progress) { t.Under = append(t.Under, name) })
	return func() {
		change(func(t *Progress) {
			i := slices.Index(t.Under, name)
			t.Done, t.Under = t.Done+1, slices.Delete(t.Under, i, i+1)
		})
	}
}

// examine checks one kind, of that number, where its time can be controlled best.
func (p *Plan) examine(ctx context.Context, number int, turn *turn) (l Limiter, err error) {
	name := p.Kinds[number]
	k, err := p.kind(name)
	if err != nil {
		return Limiter{Kind: name}, err
	}
	if k.info.Scope == "redis" && p.Redis != nil {
		k.connect(number)
		defer func() {
			if left := k.disconnect(context.WithoutCancel(ctx)); err == nil {
				err = left // else it is the same
			}
		}()
	}
	l = k.describe(k.info)
	if l.Time == bubbled && ctx.Err() == nil {
		inside, err := p.inBubble(ctx, name)
		switch {
		case err == nil:
			return inside, nil
		case ctx.Err() == nil:
			return l, err
		}
	}
	return k.check(ctx, p.subject(k, turn.clock()))
}

// check returns what came of each rule.
func (k *kind) check(ctx context.Context, of conformance.Subject) (Limiter, error) {
	found, err := conformance.Check(ctx, of)
	info := found.Info
	if info.Algorithm == "" { // none could be made
		info = k.info
	}
	l := k.describe(info)
	if l.Findings = found.Findings; len(l.Findings) == 0 {
		l.Time = "" // that it would have gone by is not known
	}
	return l, err
}

const bubbled = "bubble"

// timeOf says how a limiter is examined; nothing of one that could not be made.
func timeOf(info limiters.Info) string {
	switch info.TimeSource {
	case limiters.TimeArgument:
		return "virtual"
	case limiters.TimeClock:
		return bubbled
	case "":
		return ""
	}
	return "real"
}

// usual is the limit in real time where none is stated: it shows something within a
// second or two, its burst takes no whole number of seconds to flow in, and its
// interval is no whole number of milliseconds, so that one that was cut to them shows.
func usual(like limiters.Limit) limiters.Limit {
	limit := limiters.Limit{Rate: 70, Period: time.Second, Burst: 105}
	if like.Burst == 0 {
		limit.Burst = 0
	}
	return limit
}

// subject is a kind as package conformance takes it.
func (p *Plan) subject(k *kind, clock *conformance.Clock) conformance.Subject {
	s := conformance.Subject{
		New: k.build, Limits: k.limits, Seed: p.Seed,
		Options: conformance.Options{Concurrent: true, Shared: k.costly, Clock: clock, Decisions: p.decisions(k), Traffic: p.traffic},
	}
	if p.Deep {
		s.Traffic = 30 * time.Second
	}
	if !p.stated && k.own == nil && len(k.limits) > 0 {
		s.LiveLimit = usual(k.limits[0])
	}
	if k.several {
		s.Also = also
	}
	if k.info.Scope == "redis" {
		s.Outage = unanswered
		s.Live, s.Granularity = k.buildLive, time.Microsecond
	}
	return s
}

// decisions is what a rule may ask for under each limit: as many as fit a
// second or so for all rules together, and some minutes in depth.
func (p *Plan) decisions(k *kind) int {
	n := 4_000
	switch {
	case p.asked > 0:
		n = p.asked
	case k.info.Scope == "process":
		n = 1_500
	case k.info.Scope != "local":
		n = 200
	case k.info.TimeSource == limiters.TimeClock:
		n = 3_000
	}
	if p.Deep {
		n *= 10
	}
	return n
}
