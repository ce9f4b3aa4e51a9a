package conformance

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"github.com/fcbench/fcbench/internal/oracle"
	"github.com/fcbench/fcbench/limiters"
)

// A subject is what is under test, under one limit, with the scales that
// schedules are made of.
type subject struct {
	Options
	build     func(limiters.Limit) (limiters.Limiter, error)
	live      func(limiters.Limit) (limiters.Limiter, error)
	seed      uint64
	asked     limiters.Limit   // for which the limiter was made
	liveLimit limiters.Limit   // that is to be watched in real time, unless it is the same
	also      []limiters.Limit // that hold beside it

	info     limiters.Info
	sample   limiters.Limiter // to look at, not to ask
	limit    limiters.Limit   // that it says it enforces
	granule  time.Duration
	capacity int64         // what one instant can bring
	interval time.Duration // in which a token flows in, at least a granule
	refill   time.Duration // in which the whole capacity does

	first   bool     // of the limits of its kind
	endless bool     // a shaper that takes in whatever comes
	seen    *answers // once somebody wanted to know
	real    *subject // in real time
	others  map[limiters.Limit]other
	heard   *traffic          // that it was sent in real time
	dear    *bool             // whether it decides on costs above its capacity, likewise
	shared  *shared           // that serves all, if one does
	open    []limiters.Closer // to be closed once a rule is done
}

// longest bounds the refill, so that a schedule of a few hundred of them fits
// the 292 years that a duration can hold.
const longest = time.Duration(1 << 54)

// patient is how many decisions a rule may ask for where nothing else is said.
const patient = 1_000

// fewest is how many it may at least ask for where every schedule costs a limiter
// that is costly to make.
const fewest = 40

func newSubject(of Subject, limit limiters.Limit) (*subject, error) {
	s := &subject{Options: of.Options, build: of.New, live: of.Live, seed: of.Seed, asked: limit, liveLimit: of.LiveLimit, others: map[limiters.Limit]other{}}
	if s.Decisions == 0 {
		s.Decisions = patient
	}
	l, err := s.make(limit)
	if err != nil {
		return nil, err
	}
	d, ok := limiters.As[limiters.Described](l)
	if !ok {
		return nil, errors.New("the limiter does not implement limiters.Described")
	}
	if s.Shared && d.Info().Unkeyed { // what one schedule spent would be missing in the next
		s.Shared, s.Decisions = false, max(fewest, s.Decisions/4)
	}
	if s.Shared {
		s.shared = &shared{limiter: l}
	} else {
		s.adopt(l)
	}
	s.sample, s.info, s.limit = l, d.Info(), d.Info().Limit
	if of.Also != nil {
		s.limit, s.also = limit, of.Also(limit)
	}
	if s.holds() {
		s.granule, s.capacity, s.interval, s.refill = max(1, s.Granularity, s.info.Resolution), d.Bound(0), time.Second, time.Second
		return s, nil
	}
	if s.limit == (limiters.Limit{}) && s.info.Approximate {
		s.limit = limit // it changes; schedules are made for this one
	}
	if s.limit.Rate < 1 || s.limit.Period < 1 {
		return nil, fmt.Errorf("info says that %+v is enforced; want a rate", s.limit)
	}
	s.scale()
	if s.refill > longest {
		return nil, fmt.Errorf("%w: it refills in more than %v; want a shorter time to test with", ErrRefused, longest)
	}
	return s, nil
}

// tedious says why there is little to be seen under the limit.
func (s *subject) tedious() error {
	if s.info.Unweighted && s.capacity > int64(s.Decisions) {
		return fmt.Errorf("%w: it grants single tokens only, and a burst of %d takes as many requests", ErrRefused, s.capacity)
	}
	return nil
}

// scale derives what schedules are made of from the limit.
func (s *subject) scale() {
	s.granule = max(1, s.Granularity, s.info.Resolution)
	s.capacity = s.limit.Burst
	if s.capacity == 0 {
		s.capacity = s.limit.Rate
	}
	s.interval = s.due(1)
	s.refill = s.due(s.capacity)
	if s.info.Shaper && s.refill > longest { // then a few requests show as much as any number
		s.endless, s.capacity = true, 20
		s.refill = s.due(s.capacity)
	}
}

// under is the same kind under another limit, which is one for all rules.
func (s *subject) under(limit limiters.Limit) (*subject, error) {
	other, known := s.others[limit]
	if !known {
		of := Subject{New: s.build, Live: s.live, LiveLimit: s.liveLimit, Seed: s.seed, Options: s.Options}
		other.subject, other.err = newSubject(of, limit)
		s.others[limit] = other
	}
	return other.subject, other.err
}

// other is the same kind under another limit, or why there is none.
type other struct {
	*subject
	err error
}

// forget has what an outage may have cut short be found out anew.
func (s *subject) forget() {
	s.seen, s.heard, s.dear = nil, nil, nil
	maps.DeleteFunc(s.others, func(_ limiters.Limit, o other) bool { return o.err != nil })
	for _, o := range s.others {
		o.forget()
	}
	if s.real != nil {
		s.real.forget()
	}
}

// fresh returns a limiter that has decided nothing yet.
func (s *subject) fresh() (limiters.Limiter, error) {
	l, err := s.make(s.asked)
	if err == nil {
		s.adopt(l)
	}
	return l, err
}

// make makes a limiter, unless what it depends on does not answer. With an error comes
// one that is not to be asked.
func (s *subject) make(limit limiters.Limit) (limiters.Limiter, error) {
	if err := s.lost.err(); err != nil {
		return s.sample, err
	}
	l, err := s.build(limit)
	if err != nil {
		s.lost.note(err)
		return s.sample, err
	}
	return l, nil
}

// adopt remembers to close l.
func (s *subject) adopt(l limiters.Limiter) {
	if c, ok := limiters.As[limiters.Closer](l); ok {
		s.open = append(s.open, c)
	}
}

// recycle closes the limiters of the schedule that was played, whatever became of ctx.
func (s *subject) recycle(ctx context.Context) {
	ctx = context.WithoutCancel(ctx)
	for _, c := range s.open {
		_ = c.Close(ctx) // what it decided is known, and nobody needs it any more
	}
	s.open = s.open[:0]
}

// close closes all that is left.
func (s *subject) close(ctx context.Context) {
	if s.real != nil {
		s.real.close(ctx)
	}
	for _, o := range s.others {
		if o.err == nil {
			o.close(ctx)
		}
	}
	s.recycle(ctx)
	if s.shared == nil {
		return
	}
	if c, ok := limiters.As[limiters.Closer](s.shared.limiter); ok {
		_ = c.Close(ctx)
	}
}

// The abilities that rules ask for.

func (s *subject) holds() bool { return has[limiters.Releaser](s) }

// ability is what a rule has found that a limiter can do.
func ability[T any](l limiters.Limiter) T {
	t, _ := limiters.As[T](l)
	return t
}

func has[T any](s *subject) bool {
	_, ok := limiters.As[T](s.sample)
	return ok
}

// free reports whether now is an argument, and so any instant can be shown.
func (s *subject) free() bool { return s.info.TimeSource == limiters.TimeArgument }

// moved reports whether time is that of a clock that waiting moves, exactly.
func (s *subject) moved() bool {
	return s.info.TimeSource == limiters.TimeClock && s.Clock != nil && s.Clock.Still
}

// window reports whether Rate is granted per Period, with no burst beside it.
func (s *subject) window() bool { return s.limit.Burst == 0 }

// judge returns an exact model of what the limiter claims to be.
func (s *subject) judge() (*oracle.Judge, error) { return oracle.NewJudge(s.claims()) }

// claims are what the limiter says of itself, to an oracle. To the nanosecond at
// which a queue lets go an oracle knows of no granules.
func (s *subject) claims() oracle.Options {
	o := oracle.Options{Algorithm: s.info.Algorithm, Limit: exactly(s.limit), Resolution: s.slack()}
	if s.info.Shaper {
		o.Resolution = s.info.Resolution
	}
	for _, l := range s.also {
		o.Also = append(o.Also, exactly(l))
	}
	return o
}

func exactly(l limiters.Limit) oracle.Limit {
	return oracle.Limit{Rate: l.Rate, Period: l.Period, Burst: l.Burst}
}
