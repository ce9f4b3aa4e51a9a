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

	tries "github.com/fcbench/fcbench/internal/rounds"
	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/limiters"
)

// quick are the options of a short examination.
var quick = Options{Concurrent: true, NoAllocation: true, Decisions: 2_000}

func failures(findings []Finding) []Finding {
	return slices.DeleteFunc(slices.Clone(findings), func(f Finding) bool { return f.Status != Fail })
}

// examined is what is found of a kind of which some can be made.
func examined(t *testing.T, s Subject) []Finding {
	t.Helper()
	r, err := Check(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return r.Findings
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
	few := quick
	few.Decisions = 500
	for _, w := range tries.Some(wounds(t)) {
		t.Run(w.rule+"/"+w.name, func(t *testing.T) {
			found := failures(examined(t, Subject{
				New:    func(limiters.Limit) (limiters.Limiter, error) { return w.fresh(t), nil },
				Limits: []limiters.Limit{threePerSecond}, Options: few,
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
			findings := examined(t, s)
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
		return examined(t, s)
	}
	if a, b := check(7), check(7); !reflect.DeepEqual(a, b) {
		t.Errorf("%s: the same seed found %+v, and then %+v", w.name, failures(a), failures(b))
	}
}

func TestCheckSaysWhyNothingApplies(t *testing.T) {
	refused := Subject{Limits: []limiters.Limit{threePerSecond}, New: func(limiters.Limit) (limiters.Limiter, error) {
		return nil, fmt.Errorf("%w: too odd", ErrRefused)
	}}
	for _, f := range examined(t, refused) {
		if f.Status != NotApplicable || !strings.Contains(f.Reason, "too odd") {
			t.Fatalf("%s: %+v; want not applicable, and why", f.Rule, f)
		}
	}
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	r, err := Check(stopped, bucketsOf(limiters.NewGCRA, threePerSecond))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range r.Findings {
		if f.Status != NotRun {
			t.Fatalf("%s: %+v; want nothing done after the end", f.Rule, f)
		}
	}
}

// TestWhatCannotBeMade under any limit was not examined; under one of several, that
// is a finding.
func TestWhatCannotBeMade(t *testing.T) {
	refused := func(l limiters.Limit) bool { return true }
	dead := Subject{Options: quick, Limits: []limiters.Limit{threePerSecond, {Rate: 9, Period: time.Hour, Burst: 9}}}
	dead.New = func(l limiters.Limit) (limiters.Limiter, error) {
		if refused(l) {
			return nil, errors.New("connection refused")
		}
		return limiters.NewTokenBucket(limiters.Config{Rate: units.Rate{Count: l.Rate, Per: l.Period}, Burst: units.Count(l.Burst)})
	}
	if r, err := Check(t.Context(), dead); err == nil || !strings.Contains(err.Error(), "connection refused") || r.Findings != nil {
		t.Errorf("%+v, %v; want an error that says what happened", r, err)
	}
	refused = func(l limiters.Limit) bool { return l.Burst == 9 }
	f := finding(t, examined(t, dead), "description")
	if f.Status != Fail || f.Limit.Burst != 9 || !strings.Contains(f.Message, "connection refused") {
		t.Errorf("%+v; want a failure under the limit under which none could be made", f)
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
