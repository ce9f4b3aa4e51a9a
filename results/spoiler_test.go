package results

import (
	"testing"
	"time"
)

// TestSpoiler is held to what runs are really told.
func TestSpoiler(t *testing.T) {
	late := func(r *Run, _ *Evidence) { r.Latency.SendDelay["ok"].P99NS = int64(20 * time.Millisecond) }
	unsent := func(r *Run, _ *Evidence) { r.Outcomes["ok"], r.Outcomes["unsent"] = 9000, 1000 }
	clock := func(_ *Run, e *Evidence) { e.Negative = 3 }
	for name, c := range map[string]struct {
		spoil []func(*Run, *Evidence)
		want  Spoiler
	}{
		"valid":            {nil, ByNothing},
		"suspect":          {[]func(*Run, *Evidence){unsent}, ByNothing},
		"late":             {[]func(*Run, *Evidence){late}, ByGenerator},
		"late, and unsent": {[]func(*Run, *Evidence){unsent, late}, ByGenerator},
		"a little late, and unsent": {[]func(*Run, *Evidence){unsent, func(r *Run, _ *Evidence) {
			r.Latency.SendDelay["ok"].P99NS = int64(2 * time.Millisecond)
		}}, ByUnsent},
		"starved": {[]func(*Run, *Evidence){func(_ *Run, e *Evidence) { e.Released = 5000 }}, ByGenerator},
		"no core": {[]func(*Run, *Evidence){func(r *Run, _ *Evidence) { r.Generator = &Generator{RunQueueShare: 0.9} }}, ByGenerator},
		"its own": {[]func(*Run, *Evidence){func(r *Run, _ *Evidence) {
			r.Generator = &Generator{UndelayedCount: 10_000}
			r.Latency.Response["ok"].P99NS = int64(time.Second)
		}}, ByGenerator},
		"deaf": {[]func(*Run, *Evidence){func(r *Run, _ *Evidence) {
			r.Generator = &Generator{ReceiveCount: 10, ReceiveP99NS: int64(time.Second)}
		}}, ByGenerator},
		"no ports":        {[]func(*Run, *Evidence){func(r *Run, _ *Evidence) { r.Causes = map[string]uint64{"failed: generator: something new": 3} }}, ByGenerator},
		"clock":           {[]func(*Run, *Evidence){clock}, ByOther},
		"clock, and late": {[]func(*Run, *Evidence){clock, late}, ByOther},
		"throttled":       {[]func(*Run, *Evidence){func(_ *Run, e *Evidence) { e.ThrottledShare = 0.1 }}, ByOther},
		"nothing":         {[]func(*Run, *Evidence){func(r *Run, _ *Evidence) { r.Offered, r.Outcomes = 0, nil }}, ByOther},
	} {
		run, e := clean()
		for _, spoil := range c.spoil {
			spoil(run, &e)
		}
		if v := Assess(run, e); v.Spoiler() != c.want {
			t.Errorf("%s: %q because of %q; want %q", name, v.Spoiler(), v.Reasons, c.want)
		}
	}
}
