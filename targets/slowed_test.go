package targets_test

import (
	"context"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
	"github.com/fcbench/fcbench/targets/conformance"
)

func TestSlowedConforms(t *testing.T) {
	for name, plain := range map[string]func(t *testing.T) targets.Target{
		"delay":  func(t *testing.T) targets.Target { return delayed(t, 3*time.Millisecond) },
		"inline": func(*testing.T) targets.Target { return limiting(everyOther{}, targets.LimiterOptions{}) },
		"pooled": func(*testing.T) targets.Target { return limiting(everyOther{}, targets.LimiterOptions{Workers: 4}) },
	} {
		t.Run(name, func(t *testing.T) {
			conformance.Run(t, func(t *testing.T) targets.Target { return targets.Slowed(plain(t), 0.15) })
		})
	}
}

func delayed(t *testing.T, service time.Duration) targets.Target {
	t.Helper()
	d, err := targets.NewDelay(targets.DelayConfig{Service: units.Duration(service), Servers: 2, Queue: 5})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestSlowed: every answer takes longer by just that share of what it took, one that had
// to wait too, in the order in which they end, and says the same as before.
func TestSlowed(t *testing.T) {
	target := targets.Slowed(delayed(t, 20*time.Millisecond), 0.15)
	if err := target.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := target.Begin(t.Context(), "t"); err != nil {
		t.Fatal(err)
	}
	var now time.Duration
	env := targets.Env{
		Time: results.Virtual, InFlight: 10, Clock: func() time.Duration { return now },
		Wait: func(_, until time.Duration) time.Duration { return until },
	}
	lane, err := target.Lane(t.Context(), env, 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	took := map[uint32]time.Duration{}
	done := func(token uint32, at time.Duration, r *targets.Response) {
		if took[token] = at; r.Outcome != results.OK {
			t.Errorf("request %d is %v; want ok", token, r.Outcome)
		}
	}
	for token := range uint32(3) { // two are served, one waits
		lane.Start(now, &targets.Request{Token: token}, done)
	}
	for now < 100*time.Millisecond {
		now = lane.Poll(now, 100*time.Millisecond, done)
	}
	want := map[uint32]time.Duration{0: 23 * time.Millisecond, 1: 23 * time.Millisecond, 2: 46 * time.Millisecond}
	for token, at := range want {
		if took[token] != at {
			t.Errorf("request %d took %v; want %v", token, took[token], at)
		}
	}
}

// burning is a caller that takes a while of the processor.
type burning struct{ turns int }

func (b burning) Do(context.Context, targets.Clock, *targets.Request) targets.Response {
	x := uint64(1)
	for range b.turns {
		x = x*6364136223846793005 + 1442695040888963407
	}
	return targets.Response{Outcome: results.OK, Status: uint16(x | 1)}
}

// TestSlowedCaller: what is called without a lane takes longer too, and answers the same.
func TestSlowedCaller(t *testing.T) {
	plain := targets.Inline(burning{20000}, targets.Info{})
	slowed := targets.Slowed(plain, 1).Info().Inline
	began := time.Now()
	clock := func() time.Duration { return time.Since(began) }
	least := func(c targets.Caller) (best time.Duration) {
		for i := range 200 { // the least is not what others on the machine make of it
			before := clock()
			if r := c.Do(t.Context(), clock, &targets.Request{}); r.Outcome != results.OK || r.Status == 0 {
				t.Fatalf("the answer is %+v", r)
			}
			if took := clock() - before; i == 0 || took < best {
				best = took
			}
		}
		return best
	}
	for range 3 { // it learns what calls take
		least(slowed)
	}
	before, after := least(plain.Info().Inline), least(slowed)
	if after < before*3/2 {
		t.Errorf("a call takes %v, and %v where it is to take twice as long", before, after)
	}
}
