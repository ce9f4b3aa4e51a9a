package verify

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/limiters/conformance"
)

// TestArgumentsStateTheLimit: what is given beside the kind is what is verified.
func TestArgumentsStateTheLimit(t *testing.T) {
	for name, want := range map[string][]limiters.Limit{
		"gcra:100/s:20":            {{Rate: 100, Period: time.Second, Burst: 20}},
		"gcra:7/m":                 {{Rate: 7, Period: time.Minute, Burst: 1}},
		"fixed-window:600/m":       {{Rate: 600, Period: time.Minute}},
		"fixed-window:600/m:1h":    {{Rate: 36000, Period: time.Hour}},
		"concurrency:7":            {{Burst: 7}},
		"uber:100/s":               {{Rate: 100, Period: time.Second}},
		"exec:./mine:7/s:3":        {{Rate: 7, Period: time.Second, Burst: 3}},
		"gcra":                     defaultLimits(),
		"x-time-rate:::true":       defaultLimits(),
		"exec:./mine":              defaultLimits(),
		"throttled:::10":           defaultLimits(),
		"instances:::3:leased":     defaultLimits(),
		"instances:10/s:5:3:split": {{Rate: 10, Period: time.Second, Burst: 5}},
	} {
		k, err := (&Plan{Limits: defaultLimits()}).kind(name)
		if err != nil || k.refused != nil || !slices.Equal(k.limits, want) {
			t.Errorf("%s: %v (%v, %v); want %v", name, k.limits, err, k.refused, want)
		}
	}
	_, err := Select([]string{"gcra:100/s:20"}, false, tenPerSecond)
	if err == nil || !strings.Contains(err.Error(), "limiter gcra:100/s:20 states a limit beside --limit") {
		t.Errorf("%v; want one limit or the other", err)
	}
}

// TestStatedLimitIsVerified finds what is broken under the stated limit alone. What is
// known by hand is known of others, and must be asked of them whatever the window.
func TestStatedLimitIsVerified(t *testing.T) {
	r := run(t, &Plan{Kinds: []string{"naive-lazy-bucket:1/s:1", "fixed-window:600/m:1h", "sliding-window-counter:1/s:10s"}, Seed: 1})
	wrong := conformance.Limit{Rate: 1, Period: time.Second, Burst: 1}
	for _, f := range r.Limiters[0].Failures() {
		if f.Category != conformance.KnownAnswers && f.Limit != wrong {
			t.Errorf("%s is broken under %v; want %v", f.Rule, f.Limit, wrong)
		}
	}
	if got := r.Limiters[0].Category(conformance.Oracle); got != conformance.Fail {
		t.Errorf("naive-lazy-bucket: %s; want fail", got)
	}
	for _, l := range r.Limiters[1:] {
		if got := l.Failures(); len(got) > 0 || l.Category(conformance.KnownAnswers) != conformance.Pass {
			t.Errorf("%s: %+v; want all right", l.Kind, got)
		}
	}
}

// TestDefaultLimitsAreHardOnes: state has to last for weeks under one, a cost does
// not fit 16 bits under another, and an interval is no whole number of nanoseconds.
func TestDefaultLimitsAreHardOnes(t *testing.T) {
	weeks, wide, odd := false, false, false
	for _, l := range defaultLimits() {
		weeks = weeks || time.Duration(l.Burst)*(l.Period/time.Duration(l.Rate)) > 21*24*time.Hour
		wide = wide || l.Burst > 1<<16
		odd = odd || l.Period%time.Duration(l.Rate) != 0
	}
	if !weeks || !wide || !odd {
		t.Errorf("default limits are %v; want a slow one, a large one and an odd one", defaultLimits())
	}
}
