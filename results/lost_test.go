package results

import "testing"

// TestLost: one rule, whatever a target answers instead of ok.
func TestLost(t *testing.T) {
	made := func(outcomes, causes map[string]uint64) *Run {
		r := &Run{Outcomes: outcomes, Causes: causes, MeasuredNS: 1e9}
		for _, n := range outcomes {
			r.Offered += n
		}
		return r
	}
	type counts = map[string]uint64
	for name, c := range map[string]struct {
		run *Run
		why string
	}{
		"ok":       {made(counts{"ok": 5}, nil), ""},
		"one ok":   {made(counts{"ok": 1, "rejected": 99}, counts{"rejected: 429": 99}), ""},
		"404":      {made(counts{"failed": 5}, counts{"failed: status 404": 5}), "every request was lost (failed: status 404, 5 times)"},
		"503":      {made(counts{"rejected": 5}, counts{"rejected: 503": 5}), "nothing was ok (rejected: 503, 5 times)"},
		"429":      {made(counts{"rejected": 5}, counts{"rejected: 429": 5}), "nothing was ok (rejected: 429, 5 times)"},
		"shed":     {made(counts{"shed": 5}, counts{"shed: queue full": 5}), "nothing was ok (shed: queue full, 5 times)"},
		"mixed":    {made(counts{"rejected": 2, "timed_out": 3}, counts{"timed_out: timeout": 3, "rejected: 503": 2}), "nothing was ok (timed_out: timeout, 3 times)"},
		"unsent":   {made(counts{"unsent": 5}, nil), ""},
		"own":      {made(counts{"failed": 5}, counts{"failed: generator: too many open files": 5}), ""},
		"nothing":  {made(nil, nil), ""},
		"some own": {made(counts{"failed": 5}, counts{"failed: generator: too many open files": 2, "failed: EOF": 3}), "every request was lost (failed: EOF, 3 times)"},
	} {
		why, lost := Lost(c.run)
		if lost != (c.why != "") || why != c.why && lost {
			t.Errorf("%s: lost is %v, %q; want %q", name, lost, why, c.why)
		}
	}
}
