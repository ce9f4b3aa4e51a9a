package experiment

import (
	"context"
	"testing"

	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
)

// leaking is a pipeline of which some goroutines go on.
type leaking struct {
	targets.Target
	targets.Queued
	n    int
	stop chan struct{}
}

// Lane implements [targets.Target].
func (l leaking) Lane(ctx context.Context, env targets.Env, i, n int) (targets.Async, error) {
	for range l.n {
		go func() { <-l.stop }()
	}
	return l.Target.Lane(ctx, env, i, n)
}

// TestLeftBehind: what a pipeline did not end is counted in real time, and in virtual
// time there is nothing to count; other subjects do not tell.
func TestLeftBehind(t *testing.T) {
	for _, c := range []struct {
		subject string
		time    results.Time
		leaks   int
		want    int // below 0 for what is not there
	}{
		{"pipeline: {kind: block, then: [{queue: 'drop-oldest:5'}]}", results.Real, 0, 0},
		{"pipeline: {kind: none, control: dynamic-rate, limiter: 'token-bucket:1000/s:10'}", results.Real, 3, 3},
		{"pipeline: {kind: codel}", results.Virtual, 0, -1},
		{"limiter: {kind: gcra, rate: 100/s}", results.Real, 0, -1},
	} {
		p := planOf(t, "name: left\nworkload: {arrivals: 'constant:2k/s'}\nduration: 100ms\nsubjects: [{name: it, "+c.subject+"}]\n")
		p.Time = c.time
		o, err := p.Open(t.Context(), p, p.Scenario.Subjects[0])
		if err != nil {
			t.Fatal(err)
		}
		if c.leaks > 0 {
			stop := make(chan struct{})
			defer close(stop)
			o.target = leaking{o.target, o.target.(targets.Queued), c.leaks, stop}
		}
		run, err := o.Run(t.Context(), Trial{Plan: p, Repeat: 1, Order: 1, Of: 1}, nobody{})
		if err != nil {
			t.Fatal(err)
		}
		left := -1
		if run.Goroutines != nil {
			left = run.Goroutines.Left()
		}
		if left != c.want {
			t.Errorf("%s in %s time leaves %d (%+v); want %d", c.subject, c.time, left, run.Goroutines, c.want)
		}
		if s, want := run.Cost.Saturated, c.time == results.Real; (s != nil && s.Ops > 0 && s.NSPerOp > 0) != want {
			t.Errorf("%s in %s time has decisions that cost %+v; want them measured: %t", c.subject, c.time, s, want)
		}
		if err := o.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
}
