// Package simulated has targets for package capacity whose capacity is known: queues
// that are served in order, whose waiting times follow Lindley's recursion, or that of
// Kiefer and Wolfowitz where there are several servers, with all that makes a search go
// wrong.
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
	parts   []part
	servers int     // 0 for one
	bound   float64 // a response that takes longer is bad, seconds
	allow   float64 // how many of them
	jitter  float64 // by how much its speed differs between trials, as a standard deviation

	cap       float64                    // beyond so many a second it thrashes
	slow      func(rate float64) float64 // the share of requests that take longer than the bound without waiting
	ages      float64                    // by how much its speed falls, as a share, in a second
	stuck     float64                    // how much slower it is, as a factor, once it was overloaded
	generator float64                    // what can be generated at most
	clumpy    bool                       // only clumps of slow requests are drawn
}

// state is what a server remembers between trials.
type state struct {
	*server
	own      rand.PCG
	overhead time.Duration // of a trial, beside its warm-up and its length
	age      float64
	overrun  bool
}

// start returns a fresh server.
func (s *server) start(seed uint64, overhead time.Duration) capacity.Measure {
	st := &state{server: s, own: *rand.NewPCG(seed, 0), overhead: overhead}
	return func(_ context.Context, t capacity.Trial) (capacity.Observation, error) { return st.trial(t), nil }
}

func (s *state) trial(t capacity.Trial) capacity.Observation {
	o := capacity.Observation{Took: t.Warmup + t.Length + s.overhead}
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
	o.Backlog = run.late-run.early > max(20/t.Value, 0.01*t.Length.Seconds()/2) // as of a run: 20 requests, or 1 % of what arrives meanwhile
	switch {
	case o.Backlog:
		s.overrun = true
	case t.Value*s.mean()*speed < 0.4*float64(s.width()): // time to breathe
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
	if s.clumpy {
		return s.drawn(t, r, speed)
	}
	warmup := t.Warmup.Seconds()
	end := warmup + t.Length.Seconds()
	gap := 1 / t.Value
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
	free := make([]float64, s.width()) // when each server is
	for now := gap * r.ExpFloat64(); now < end; now += gap * r.ExpFloat64() {
		next := soonest(free)
		start := max(now, *next)
		*next = start + speed*s.draw(r)
		wait, sojourn := start-now, *next-now
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
	}
	out.early, out.late = quarters[1]/max(counts[1], 1), quarters[3]/max(counts[3], 1)
	return out
}

// width is how many servers there are.
func (s *server) width() int { return max(1, s.servers) }

// soonest is the server that is free first.
func soonest(free []float64) *float64 {
	first := 0
	for i := range free {
		if free[i] < free[first] {
			first = i
		}
	}
	return &free[first]
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
