package conformance

import (
	"cmp"
	"maps"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fcbench/fcbench/internal/flawed"
	tries "github.com/fcbench/fcbench/internal/rounds"
	"github.com/fcbench/fcbench/limiters"
)

// asProgram is a kind as programs in processes of their own are: it costs something
// to make, so that one serves all schedules, and there are not many decisions.
func asProgram(p flawed.Program) Subject {
	limits := []limiters.Limit{
		{Rate: 10, Period: time.Second, Burst: 5},
		{Rate: 3, Period: time.Second, Burst: 1},
		{Rate: 700_000, Period: time.Second, Burst: 20},
		{Rate: 10, Period: time.Hour, Burst: 10},
		{Rate: 1, Period: 24 * time.Hour, Burst: 30},
		{Rate: 50_000, Period: time.Second, Burst: 100_000},
	}
	live := limiters.Limit{Rate: 70, Period: time.Second, Burst: 105}
	if p.Windows != "" {
		live.Burst = 0
		for i := range limits {
			limits[i].Burst = 0
		}
	}
	start := time.Now()
	return Subject{
		Limits: limits, LiveLimit: live, Seed: 1,
		New: func(l limiters.Limit) (limiters.Limiter, error) { return p.New(l) },
		Options: Options{Shared: true, Concurrent: true, Decisions: 1_500, Clock: &Clock{
			Now:  func() time.Duration { return time.Since(start) },
			Wait: func(until time.Duration) { time.Sleep(until - time.Since(start)) },
		}},
	}
}

// TestSoundProgramsAreNotAccused: whatever a program says that it cannot do, whatever
// its clock and wherever its windows begin, what it does right is right.
func TestSoundProgramsAreNotAccused(t *testing.T) {
	sound := flawed.Sound()
	for _, name := range tries.Some(slices.Sorted(maps.Keys(sound))) {
		p := sound[name]
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				of := asProgram(p)
				of.Decisions = 200
				soundly(t, examined(t, of))
			})
		})
	}
}

func soundly(t *testing.T, findings []Finding) {
	held := 0
	for _, f := range findings {
		switch f.Status {
		case Fail:
			t.Errorf("%s is broken under %+v: %s\n%s", f.Rule, f.Limit, f.Message, f.History())
		case Pass:
			held++
		case NotApplicable:
			if f.Reason == "" {
				t.Errorf("%s does not apply, and nothing says why", f.Rule)
			}
		}
	}
	if held < 7 {
		t.Errorf("%d rules hold; want some more to have been examined", held)
	}
}

// aboutFlaws names a rule that is about each flaw.
var aboutFlaws = map[string]string{
	"LRU of 64 keys": "many-keys", "LRU of 1000 keys": "many-keys", "unlimited after 1000": "many-keys",
	"idle for a minute": "bound", "idle for an hour": "false-admits", "idle for a day": "false-admits",
	"purged every minute": "false-admits", "purged every hour": "bound", "purged every day": "false-admits",

	"cost in a byte": "cost", "cost in 16 bits": "cost", "cost in 32 bits": "cost", "cost in a float32": "cost",
	"ms in an int32": "false-denials", "ms in a uint32": "false-denials", "µs in a uint32": "false-denials", "ns in a uint32": "false-denials",
	"seconds in an int32": "false-denials", "ms cut off": "false-denials",

	"remaining too high on grants": "remaining", "remaining too low on grants": "remaining", "remaining 0 on grants": "remaining",
	"reset too late on grants": "reset-after", "reset too early on grants": "reset-after", "reset 0 on grants": "reset-after", "reset as soon as the wait": "reset-after",
	"a wait too short": "retry-after", "half the wait": "retry-after", "a wait too long": "retry-tight", "an hour to wait": "retry-tight",
	"a wait for what never comes": "cost", "decided at the start": "order",

	"by the clock, denies everything": "live-denials", "by the clock, grants everything": "live-admits", "by the clock, one bucket for all": "live-denials",
	"by the clock, a tenth of the rate": "live-denials", "by the clock, 5 % below the rate": "live-denials", "by the clock, 5 % above the rate": "live-admits",
	"by the clock, an interval cut to a ms": "live-admits",
	"by the clock, half of the burst":       "live-denials", "by the clock, one more than a burst": "live-bound", "by the clock, unlimited after 3 s": "live-admits",
	"by the clock, idle for 500 ms": "live-debt", "by the clock, purged each second": "live-debt", "by the clock, LRU of 64 keys": "live-keys",
	"by the clock, keys in lower case": "live-keys", "by the clock, keys of 255 bytes": "live-keys", "by the clock, cost in a byte": "live-cost",
	"by the clock, half the wait": "live-retry", "by the clock, a wait for what never comes": "live-cost",
}

// TestEveryFlawIsFound in limiters that the suite has never seen, by a rule that is
// about it, without many decisions. Of keys that are taken for others that is one rule.
func TestEveryFlawIsFound(t *testing.T) {
	flaws := flawed.Flawed()
	for name := range aboutFlaws {
		if _, known := flaws[name]; !known {
			t.Errorf("flaw is %q; want one that there is", name)
		}
	}
	for _, name := range tries.Some(slices.Sorted(maps.Keys(flaws))) {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				about := cmp.Or(aboutFlaws[name], "keys")
				if f := findingOf(t, asProgram(flaws[name]), about); f.Status != Fail {
					t.Errorf("%s: %s %s; want fail", about, f.Status, f.Reason)
				} else {
					t.Logf("%s (%s): %s", f.Rule, f.Severity, f.Message)
				}
			})
		})
	}
}

// findingOf is what comes of one rule, under every limit until it breaks.
func findingOf(t *testing.T, of Subject, name string) Finding {
	t.Helper()
	a := all{ctx: t.Context()}
	for _, limit := range of.Limits {
		a.add(of, limit)
	}
	i := slices.IndexFunc(rules(), func(r rule) bool { return r.name == name })
	if i < 0 || a.broken != nil {
		t.Fatalf("rule is %q; want one of the suite's (%v)", name, a.broken)
	}
	return a.find(rules()[i], nil)
}
