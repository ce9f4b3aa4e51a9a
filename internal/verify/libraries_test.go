//go:build !race

package verify

import (
	"slices"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/redisproc/redisproctest"
	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/limiters/conformance"
)

// TestDefectsOfLibraries: what libraries are known to do wrong is found without depth,
// by the rule that is about it, and nobody else is accused of it. It takes some seconds
// in real time, and so is one of make long.
func TestDefectsOfLibraries(t *testing.T) {
	defects := []struct {
		kind, rule string
		defect     string
	}{
		{"throttled-redis", "live-callers", "gives up after ten others were quicker"},
		{"throttled:20/s:1:500", "many-keys", "forgets all but 500 keys"},
		{"redis-rate", "live-cost", "says when a cost above the burst will be granted"},
		{"failsafe-bursty", "reserve-cost", "sells any number of permits of periods to come"},
		{"failsafe-smooth", "reserve-cost", "sells several permits at once"},
	}
	sound := map[string][]string{
		"live-callers": {"redis-rate", "ulule-redis", "redis-gcra"},
		"many-keys":    {"x-time-rate", "failsafe-bursty", "gcra"},
		"live-cost":    {"redis-gcra"},
		"reserve-cost": {"x-time-rate"}, "reserve-bound": {"x-time-rate"}, "reserve-wait": {"x-time-rate", "failsafe-bursty"},
	}
	p := &Plan{Redis: redisproctest.Start(t), Seed: 1, asked: 300, traffic: time.Second / 4, Prefix: "verify", Limits: []limiters.Limit{{Rate: 20, Period: time.Second, Burst: 30}}}
	for _, d := range defects {
		p.Kinds = append(p.Kinds, d.kind)
	}
	for _, kinds := range sound {
		p.Kinds = append(p.Kinds, kinds...)
	}
	p.Kinds = unique(p.Kinds)
	r := run(t, p)
	status := func(kind, rule string) conformance.Finding {
		l := r.Limiters[slices.Index(p.Kinds, kind)]
		i := slices.IndexFunc(l.Findings, func(f conformance.Finding) bool { return f.Rule == rule })
		return l.Findings[i]
	}
	for _, d := range defects {
		if f := status(d.kind, d.rule); f.Status != conformance.Fail {
			t.Errorf("%s %s, and %s: %s %s; want fail", d.kind, d.defect, d.rule, f.Status, f.Reason)
		}
	}
	for rule, kinds := range sound {
		for _, kind := range kinds {
			if f := status(kind, rule); f.Status != conformance.Pass {
				t.Errorf("%s, %s: %s %s %s; want pass", kind, rule, f.Status, f.Message, f.Reason)
			}
		}
	}
}
