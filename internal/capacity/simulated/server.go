// Package simulated has targets for package capacity whose capacity is known: a
// single server whose waiting times follow Lindley's recursion, with all that makes
// a search go wrong.
package simulated

import (
	"context"
	"math"
	"math/rand/v2"
	"time"

	"github.com/fcbench/fcbench/internal/capacity"
)

// part is one of the kinds of service that requests have.
type part struct {
	share float64
	mean  float64 // seconds
	fixed bool    // always the mean; else exponential
}

// server is one queue that serves in order, and what is odd about it.
type server struct {
	parts  []part
	bound  float64 // a response that takes longer is bad, seconds
	allow  float64 // how many of them
	jitter float64 // by how much its speed differs between trials, as a standard deviation

	cap       float64                    // beyond so many a second it thrashes
	slow      func(rate float64) float64 // the share of requests that take longer than the bound without waiting
	ages      float64                    // by how much its speed falls, as a share, in a second
	stuck     float64                    // how much slower it is, as a factor, once it was overloaded
	generator float64                    // what can be generated at most
}

// state is what a server remembers between trials.
type state struct {
	*server
	own     rand.PCG
	age     float64
	overrun bool
}

// overhead is what a trial takes beside its length: the warm-up, mostly.
const overhead = 1200 * time.Millisecond

const warmup = 1.0

// start returns a fresh server.
func (s *server) start(seed uint64) capacity.Measure {
	st := &state{server: s, own: *rand.NewPCG(seed, 0)}
	return func(_ context.Context, t capacity.Trial) (capacity.Observation, error) { return st.trial(t), nil }
}

func (s *state) trial(t capacity.Trial) capacity.Observation {
	o := capacity.Observation{Took: t.Length + overhead}
	if s.generator > 0 && t.Value > s.generator {
		o.Limited = "it sent less than was asked for"
		return o
	}
	speed := math.Exp(-s.jitter * rand.New(&s.own).NormFloat64()) // of services: longer where it is more than 1
	if s.ages > 0 {
		speed *= math.Exp(s.ages * s.age)
	}
	if s.stuck > 0 && s.overrun {
		speed *= s.stuck
	}
	run := s.serve(t, speed)
	s.age += o.Took.Seconds()
	o.Goals = []capacity.Count{{Bad: run.bad, Of: run.n}}
	o.Busy = run.sojourn / t.Length.Seconds()
	o.Backlog = run.late-run.early > max(s.bound, 0.01*t.Length.Seconds())
	switch {
	case o.Backlog:
		s.overrun = true
	case t.Value*s.mean()*speed < 0.4: // time to breathe
		s.overrun = false
	}
	return o
}

// served is what a trial counts.
type served struct {
	n, bad      uint64
	sojourn     float64 // of all requests together
	early, late float64 // work that waits on average, in the second and the last quarter
}

// serve is the recursion.
func (s *state) serve(t capacity.Trial, speed float64) (out served) {
	r := rand.New(rand.NewPCG(t.Seed, 1))
	end := warmup + t.Length.Seconds()
	gap := 1 / t.Value
	var wait float64
	slow := 0.0
	if s.slow != nil {
		slow = s.slow(t.Value * speed)
	}
	if s.cap > 0 && t.Value*speed > s.cap {
		speed = 3
	}
	quarter := t.Length.Seconds() / 4
	var quarters [4]float64
	var counts [4]float64
	for now := gap * r.ExpFloat64(); now < end; {
		service := speed * s.draw(r)
		sojourn := wait + service
		if now >= warmup {
			out.n++
			out.sojourn += sojourn
			if sojourn > s.bound || slow > 0 && r.Float64() < slow {
				out.bad++
			}
			q := min(int((now-warmup)/quarter), 3)
			quarters[q] += wait
			counts[q]++
		}
		next := gap * r.ExpFloat64()
		now += next
		wait = max(0, sojourn-next)
	}
	out.early, out.late = quarters[1]/max(counts[1], 1), quarters[3]/max(counts[3], 1)
	return out
}

// draw is the service of one request.
func (s *server) draw(r *rand.Rand) float64 {
	p := &s.parts[0]
	if len(s.parts) > 1 && r.Float64() >= p.share {
		p = &s.parts[1]
	}
	if p.fixed {
		return p.mean
	}
	return p.mean * r.ExpFloat64()
}

func (s *server) mean() (m float64) {
	for _, p := range s.parts {
		m += p.share * p.mean
	}
	return m
}
