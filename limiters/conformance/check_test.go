package conformance

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/limiters"
)

// quick are the options of a short examination.
var quick = Options{Concurrent: true, NoAllocation: true, Decisions: 2_000}

func failures(findings []Finding) []Finding {
	return slices.DeleteFunc(slices.Clone(findings), func(f Finding) bool { return f.Status != Fail })
}

func finding(t *testing.T, findings []Finding, rule string) Finding {
	t.Helper()
	i := slices.IndexFunc(findings, func(f Finding) bool { return f.Rule == rule })
	if i < 0 {
		t.Fatalf("rule is %q; want one of the suite's", rule)
	}
	return findings[i]
}

// TestCheckCatchesEveryWound with a history that can be followed by hand.
func TestCheckCatchesEveryWound(t *testing.T) {
	for _, w := range wounds(t) {
		t.Run(w.rule+"/"+w.name, func(t *testing.T) {
			found := failures(Check(t.Context(), Subject{
				New:    func(limiters.Limit) (limiters.Limiter, error) { return w.fresh(t), nil },
				Limits: []limiters.Limit{threePerSecond}, Options: quick,
			}))
			if len(found) == 0 {
				t.Fatal("no rule is broken")
			}
			shortest := slices.MinFunc(found, func(a, b Finding) int { return len(a.Steps) + a.Omitted - len(b.Steps) - b.Omitted })
			if steps := len(shortest.Steps) + shortest.Omitted; steps > 6 {
				t.Errorf("the shortest history has %d steps; want a few:\n%s", steps, shortest.History())
			}
		})
	}
}

// bucketsOf makes a subject of a constructor.
func bucketsOf[L limiters.Limiter](construct func(limiters.Config) (L, error), limits ...limiters.Limit) Subject {
	return Subject{Limits: limits, Options: quick, New: func(l limiters.Limit) (limiters.Limiter, error) {
		made, err := construct(limiters.Config{Rate: units.Rate{Count: l.Rate, Per: l.Period}, Burst: units.Count(l.Burst)})
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrRefused, err)
		}
		return made, nil
	}}
}

func TestCheckPassesSoundLimiters(t *testing.T) {
	limits := []limiters.Limit{threePerSecond, {Rate: 700_000, Period: time.Second, Burst: 20}}
	all := map[string]Subject{
		"gcra":               bucketsOf(limiters.NewGCRA, limits...),
		"leaky-bucket-queue": bucketsOf(limiters.NewLeakyBucketQueue, limits...),
		"fixed-window": {Options: quick, Limits: []limiters.Limit{{Rate: 5, Period: time.Second}}, New: func(l limiters.Limit) (limiters.Limiter, error) {
			return limiters.NewFixedWindow(limiters.WindowConfig{Rate: units.Rate{Count: l.Rate, Per: l.Period}, Window: units.Duration(l.Period)})
		}},
		"concurrency": {Options: quick, Limits: []limiters.Limit{{Burst: 5}}, New: func(l limiters.Limit) (limiters.Limiter, error) {
			return limiters.NewConcurrency(limiters.ConcurrencyConfig{Limit: units.Count(l.Burst)})
		}},
	}
	for name, s := range all {
		t.Run(name, func(t *testing.T) {
			findings := Check(t.Context(), s)
			for _, f := range failures(findings) {
				t.Errorf("%s: %s\n%s", f.Rule, f.Message, f.History())
			}
			for _, f := range findings {
				if f.Status == NotApplicable && f.Reason == "" {
					t.Errorf("%s does not apply, and nothing says why", f.Rule)
				}
			}
		})
	}
}

// TestSameSeedSameFindings leaves out callers at once, whom nobody controls.
func TestSameSeedSameFindings(t *testing.T) {
	broken := wounds(t)
	w := broken[slices.IndexFunc(broken, func(w wound) bool { return w.rule == "disorder" })]
	check := func(seed uint64) []Finding {
		o := quick
		o.Concurrent = false
		s := Subject{Limits: []limiters.Limit{threePerSecond}, Seed: seed, Options: o}
		s.New = func(limiters.Limit) (limiters.Limiter, error) {
			again := wounds(t)[slices.IndexFunc(broken, func(w wound) bool { return w.rule == "disorder" })]
			return again.fresh(t), nil
		}
		return Check(t.Context(), s)
	}
	if a, b := check(7), check(7); !reflect.DeepEqual(a, b) {
		t.Errorf("%s: the same seed found %+v, and then %+v", w.name, failures(a), failures(b))
	}
}

func TestCheckSaysWhyNothingApplies(t *testing.T) {
	refused := Subject{Limits: []limiters.Limit{threePerSecond}, New: func(limiters.Limit) (limiters.Limiter, error) {
		return nil, fmt.Errorf("%w: too odd", ErrRefused)
	}}
	for _, f := range Check(t.Context(), refused) {
		if f.Status != NotApplicable || !strings.Contains(f.Reason, "too odd") {
			t.Fatalf("%s: %+v; want not applicable, and why", f.Rule, f)
		}
	}
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	for _, f := range Check(stopped, bucketsOf(limiters.NewGCRA, threePerSecond)) {
		if f.Status != NotRun {
			t.Fatalf("%s: %+v; want nothing done after the end", f.Rule, f)
		}
	}
}

func TestWhatCannotBeMadeFails(t *testing.T) {
	dead := Subject{Limits: []limiters.Limit{threePerSecond}, New: func(limiters.Limit) (limiters.Limiter, error) {
		return nil, errors.New("connection refused")
	}}
	if f := Check(t.Context(), dead)[0]; f.Status != Fail || !strings.Contains(f.Message, "connection refused") {
		t.Errorf("%+v; want a failure that says what happened", f)
	}
}

// TestKnownAnswersTellRightFromWrong: each schedule of the table that is about
// buckets tells a sound one from some that are not.
func TestKnownAnswersTellRightFromWrong(t *testing.T) {
	generous := func(c limiters.Config) (limiters.Limiter, error) {
		claim, err := limiters.NewTokenBucket(c)
		c.Burst++
		l, _ := limiters.NewTokenBucket(c)
		return sold{l, claim}, err
	}
	wrong := func(retime func(time.Duration) time.Duration) func(limiters.Config) (limiters.Limiter, error) {
		return func(c limiters.Config) (limiters.Limiter, error) {
			l, err := limiters.NewTokenBucket(c)
			w := retimed(retime)
			w.TokenBucket = l
			return w, err
		}
	}
	failed := map[string]bool{}
	for _, construct := range []func(limiters.Config) (limiters.Limiter, error){
		generous,
		wrong(func(now time.Duration) time.Duration { return now + now/100 }),
		wrong(func(now time.Duration) time.Duration { return now - now%(2*time.Second) }),
	} {
		s, err := newSubject(bucketsOf(construct), threePerSecond)
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range knownTable() {
			failed[k.name] = failed[k.name] || k.model == "" && k.check(s) != nil
		}
	}
	for _, k := range knownTable() {
		if k.model == "" && !failed[k.name] {
			t.Errorf("%s passes whatever it is played to", k.name)
		}
	}
}

// sold is one limiter described as another.
type sold struct {
	limiters.Limiter
	limiters.Described
}
