package simulated

import (
	"math"
	"time"

	"github.com/fcbench/fcbench/internal/capacity"
)

// World is a target for searches, of which the answer is known.
type World struct {
	Name  string
	About string
	Truth float64 // its capacity; 0 where it has none
	Want  capacity.Verdict
	plan  capacity.Plan
	*server
}

// Plan is a search of the world.
func (w World) Plan(seed uint64) capacity.Plan {
	p := w.plan
	p.Seed = seed
	return p
}

// By is the world to be searched by another strategy.
func (w World) By(s capacity.Strategy) World {
	if s == capacity.MLRsearch {
		w.plan.Strategy, w.plan.Terms = s, capacity.Terms{Exceed: 0.5}
		w.plan.Fit()
	}
	return w
}

// Start returns the world as it is before a search.
func (w World) Start(seed uint64) capacity.Measure { return w.start(seed, w.plan.Overhead) }

// Worlds are all there are.
func Worlds() []World {
	queue := func(name, about string, from float64, s server) World {
		s.allow = 0.01
		return World{Name: name, About: about, Truth: s.truth(), Want: capacity.Capacity, plan: plan(from, s.allow, s.bound), server: &s}
	}
	without := func(want capacity.Verdict, w World) World {
		w.Truth, w.Want = 0, want
		return w
	}
	all := []World{
		queue("mm1", "M/M/1, 10k/s, 1 % over 5 ms: clumps of hundreds of slow requests", 1000,
			server{parts: []part{{1, 100e-6, false}}, bound: 5e-3}),
		queue("md1", "M/D/1, 5k/s, 1 % over 5 ms: a steep knee", 500,
			server{parts: []part{{1, 200e-6, true}}, bound: 5e-3}),
		queue("gc-pause", "services of 0.1 ms, and before one of 2,000 a pause of 1 ms; 1 % over 5 ms", 500,
			server{parts: []part{{1999.0 / 2000, 100e-6, false}, {1.0 / 2000, 1100e-6, false}}, bound: 5e-3}),
		queue("bimodal", "services of 0.05 ms, and of 0.5 ms for one of 20, exactly; 1 % over 5 ms", 500,
			server{parts: []part{{0.95, 50e-6, true}, {0.05, 500e-6, true}}, bound: 5e-3}),
	}
	live := queue("mm4", "M/M/4, services of 0.7 ms, 1 % over 20 ms, as served live: a trial has less than one clump of slow requests", 500,
		server{parts: []part{{1, 700e-6, false}}, servers: 4, bound: 20e-3})
	live.plan.Budget, live.plan.Overhead = 4*time.Minute, time.Second/2
	live.plan.Fit()
	all = append(all, live, shallow(), thrashing())
	mm1 := server{parts: []part{{1, 200e-6, false}}, bound: 10e-3}
	drift, stuck, feeble := mm1, mm1, mm1
	drift.ages, stuck.stuck, feeble.generator = 0.0004, 1.6, 3500
	return append(all,
		without(capacity.UnstableTarget, queue("drift", "M/M/1 that becomes slower by 0.04 % in a second", 500, drift)),
		without(capacity.UnstableTarget, queue("metastable", "M/M/1 that, once overloaded, is 1.6 times slower until the load is below 40 %", 500, stuck)),
		without(capacity.GeneratorLimited, queue("generator-limited", "M/M/1 of 5k/s before a generator of 3.5k/s", 500, feeble)))
}

// shallow is a target whose share of slow requests grows with the fifth power of
// the load, and on which no request waits for another.
func shallow() World {
	const capacityOf, speedy = 4000.0, 1e-6
	s := &server{
		parts: []part{{1, speedy, false}}, bound: 1, allow: 0.01, jitter: 0.01,
		slow: func(rate float64) float64 { return 0.01 * math.Pow(rate/capacityOf, 5) },
	}
	truth := capacityOf * math.Exp(-5*s.jitter*s.jitter/2)
	return World{
		Name: "shallow", About: "1 % slow at 4k/s, with the fifth power of the load; its speed differs by 1 % between trials",
		Truth: truth, Want: capacity.Capacity, plan: plan(400, s.allow, 0), server: s,
	}
}

// thrashing is a cliff.
func thrashing() World {
	s := &server{parts: []part{{1, 100e-6, false}}, bound: 5e-3, allow: 0.01, jitter: 0.01, cap: 4000}
	return World{
		Name: "cliff", About: "at 4k/s it is half idle, beyond that it thrashes; the edge differs by 1 % between trials",
		Truth: s.cap, Want: capacity.Capacity, plan: plan(400, s.allow, s.bound), server: s,
	}
}

// plan is a search by a goal that is about a queue, which has a bound in seconds, or none.
func plan(from, budget, bound float64) capacity.Plan {
	p := capacity.Plan{
		Over: "rate", From: from, Precision: 0.02, Confidence: 0.95, Budget: 5 * time.Minute, Overhead: 200 * time.Millisecond,
		Goals: []capacity.Goal{{Name: "slow", Budget: budget, Within: time.Duration(bound * 1e9)}},
	}
	p.Fit()
	return p
}
