package runner

import (
	"context"
	"time"

	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
)

// do is a call that blocks.
type do func(ctx context.Context, r *targets.Request) targets.Response

func (f do) Do(ctx context.Context, _ targets.Clock, r *targets.Request) targets.Response {
	return f(ctx, r)
}

// atOnce is a call that the loop makes itself.
type atOnce struct{ do }

// bare is a target of one lane, without anything else to it.
type bare func(targets.Env) targets.Async

func (bare) Info() targets.Info                           { return targets.Info{Virtual: true, Lanes: 1} }
func (bare) Open(context.Context) error                   { return nil }
func (bare) Begin(context.Context, targets.TrialID) error { return nil }
func (b bare) Lane(_ context.Context, env targets.Env, _, _ int) (targets.Async, error) {
	return b(env), nil
}
func (bare) End(context.Context) error   { return nil }
func (bare) Close(context.Context) error { return nil }

// target makes a target of what a test has.
func target(double any) targets.Target {
	switch d := double.(type) {
	case do:
		return targets.Pooled(d, targets.Info{Virtual: true}, 0)
	case atOnce:
		return targets.Inline(d, targets.Info{})
	}
	return double.(targets.Target)
}

func noop() targets.Target {
	t, _ := targets.NewNoop(struct{}{})
	return t
}

// trial is one of one lane, in a bubble or as slow as in one.
func trial(source Source, double any, r Recorder) Trial {
	return Trial{
		Source: func(int, int) Source { return source }, Target: target(double), Record: func(int) Recorder { return r },
		Timeout: []time.Duration{5 * time.Second}, Drain: 5 * time.Second, MaxInFlight: 4096, Time: results.Bubble,
	}
}

var ok = targets.Response{Outcome: results.OK}
