package conformance

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	tries "github.com/fcbench/fcbench/internal/rounds"
	"github.com/fcbench/fcbench/limiters"
)

var errDown = errors.New("down")

// depending is a subject whose limiters come back with errors from one call on, counted
// among those of all of them, for as many calls.
func depending(s Subject, from, calls int) (of Subject, asked *int) {
	asked = new(int)
	fresh := s.New
	s.New = func(limit limiters.Limit) (limiters.Limiter, error) {
		l, err := fresh(limit)
		if err != nil {
			return nil, err
		}
		d := l.(described)
		return dependent{d, func() error {
			if *asked++; *asked >= from && *asked-from < calls {
				return fmt.Errorf("limiter: %w", errDown)
			}
			return nil
		}}, nil
	}
	s.Outage = outOf
	s.Concurrent = false // whose turn it is, is not known
	return s, asked
}

func outOf(err error) error {
	if errors.Is(err, errDown) {
		return fmt.Errorf("the server did not answer: %w", err)
	}
	return nil
}

// dependent is a limiter that asks something else first.
type dependent struct {
	described
	ask func() error
}

func (d dependent) Unwrap() limiters.Limiter { return d.described }

func (d dependent) Allow(ctx context.Context, now time.Duration, key string, n int64) (limiters.Decision, error) {
	if n > 0 {
		if err := d.ask(); err != nil {
			return limiters.Decision{}, err
		}
	}
	return d.described.Allow(ctx, now, key, n)
}

// dependents are a sound kind, and one that is not.
func dependents(t *testing.T) map[string]Subject {
	few := Options{Decisions: tries.Of(100)}
	sound := bucketsOf(limiters.NewTokenBucket, threePerSecond)
	sound.Options = few
	w := wounds(t)[0]
	for _, some := range wounds(t) {
		if some.name == "denials that cost" {
			w = some
		}
	}
	wrong := Subject{Options: few, Limits: []limiters.Limit{threePerSecond}, New: func(limiters.Limit) (limiters.Limiter, error) { return w.fresh(t), nil }}
	return map[string]Subject{"sound": sound, "wrong": wrong}
}

// doubled are numbers below n, each above twice the one before it.
func doubled(n int) (all []int) {
	for i := 1; i < n; i += 1 + i {
		all = append(all, i)
	}
	return all
}

// TestOutageOfAMoment: whenever it is that something else does not answer once, what is
// found of the limiter is the same.
func TestOutageOfAMoment(t *testing.T) {
	for name, s := range dependents(t) {
		undisturbed, asked := depending(s, 0, 0)
		want := examined(t, undisturbed)
		for _, from := range tries.Some(doubled(*asked)) {
			disturbed, _ := depending(s, from, 1)
			for i, got := range examined(t, disturbed) {
				if got.Status != want[i].Status || got.Reason != want[i].Reason {
					t.Errorf("%s, out at call %d: %s: %s %s %s; want %s %s", name, from, got.Rule, got.Status, got.Reason, got.Message, want[i].Status, want[i].Reason)
				}
			}
		}
	}
}

// TestOutageForGood: what comes after it is not found, and none of it is the limiter's.
func TestOutageForGood(t *testing.T) {
	const forever = 1 << 30
	for name, s := range dependents(t) {
		undisturbed, asked := depending(s, 0, 0)
		want := examined(t, undisturbed)
		for _, from := range tries.Some(doubled(*asked)) {
			disturbed, _ := depending(s, from, forever)
			r, err := Check(t.Context(), disturbed)
			if !errors.Is(err, errDown) || !strings.HasPrefix(err.Error(), "the server did not answer: limiter: down") {
				t.Fatalf("%s, out from call %d: %v; want to be told what is out", name, from, err)
			}
			left := 0
			for i, got := range r.Findings {
				if got.Status == NotRun && got.Reason == err.Error() {
					left++
				} else if got.Status != want[i].Status {
					t.Errorf("%s, out from call %d: %s: %s %s %s; want %s, or not run and why", name, from, got.Rule, got.Status, got.Reason, got.Message, want[i].Status)
				}
			}
			if left == 0 {
				t.Errorf("%s, out from call %d: every rule was run", name, from)
			}
		}
	}
}

// TestOutageOfNobodyKnown: where nothing is said of others an error is the limiter's own.
func TestOutageOfNobodyKnown(t *testing.T) {
	s, _ := depending(dependents(t)["sound"], 1000, 1)
	s.Outage = nil
	if got := failures(examined(t, s)); len(got) == 0 || got[0].Severity != High {
		t.Errorf("failures are %+v; want one that is high", got)
	}
}

// TestOutageInRealTime, of a server that is out from one instant on, for a while or for good.
func TestOutageInRealTime(t *testing.T) {
	for _, from := range []time.Duration{0, 100 * time.Millisecond, time.Second, 7 * time.Second, 9 * time.Second} {
		for lasts, want := range map[time.Duration]bool{time.Millisecond: false, 365 * 24 * time.Hour: true} {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				s := clockedAs(limiters.TimeRedis, false, func(_ limiters.Limit, claim *limiters.TokenBucket) *clocked {
					return &clocked{described: dependent{claim, func() error {
						if now := time.Since(start); now >= from && now < from+lasts {
							time.Sleep(5 * time.Second)
							return errDown
						}
						return nil
					}}}
				})
				s.Outage = outOf
				r, err := Check(t.Context(), s)
				if (err != nil) != want {
					t.Errorf("out at %v for %v: %v; want an error %v", from, lasts, err, want)
				}
				for _, f := range failures(r.Findings) {
					t.Errorf("out at %v for %v: %s: %s; want nobody accused", from, lasts, f.Rule, f.Message)
				}
			})
		}
	}
}
