package oracle

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// TestPredictions of short histories, by hand.
func TestPredictions(t *testing.T) {
	const ms = time.Millisecond
	two := Limit{Rate: 2, Period: time.Second, Burst: 2}
	for name, c := range map[string]struct {
		o    Options
		at   []time.Duration
		keys string
		cost int64
		want []bool
	}{
		"bucket":          {Options{Algorithm: "gcra", Limit: two}, []time.Duration{0, 0, 0, 499 * ms, 500 * ms}, "aaaaa", 1, []bool{true, true, false, false, true}},
		"keys apart":      {Options{Algorithm: "token-bucket", Limit: two}, []time.Duration{0, 0, 0, 0}, "aaba", 1, []bool{true, true, true, false}},
		"one for all":     {Options{Algorithm: "token-bucket", Limit: two, OneKey: true}, []time.Duration{0, 0, 0}, "abc", 1, []bool{true, true, false}},
		"too dear":        {Options{Algorithm: "token-bucket", Limit: two}, []time.Duration{0, time.Hour}, "aa", 3, []bool{false, false}},
		"window":          {Options{Algorithm: "fixed-window", Limit: two}, []time.Duration{900 * ms, 950 * ms, 999 * ms, 1000 * ms}, "aaaa", 1, []bool{true, true, false, true}},
		"log":             {Options{Algorithm: "sliding-window-log", Limit: two}, []time.Duration{900 * ms, 950 * ms, 1899 * ms, 1900 * ms}, "aaaa", 1, []bool{true, true, false, true}},
		"two buckets":     {Options{Algorithm: "composite", Limit: two, Also: []Limit{{1, time.Minute, 1}}}, []time.Duration{0, 0, 59 * time.Second, time.Minute}, "aaaa", 1, []bool{true, false, false, true}},
		"whole µs":        {Options{Algorithm: "gcra", Limit: two, Resolution: time.Microsecond}, []time.Duration{999, 999, 500*ms + 999}, "aaa", 1, []bool{true, true, true}},
		"just before one": {Options{Algorithm: "gcra", Limit: two, Resolution: time.Microsecond}, []time.Duration{1000, 1000, 500*ms + 999}, "aaa", 1, []bool{true, true, false}},
	} {
		p, err := NewPredictor(c.o)
		if err != nil {
			t.Fatal(name, err)
		}
		var got []bool
		for i, at := range c.at {
			got = append(got, p.Admits(at, c.keys[i:i+1], c.cost))
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: %v; want %v", name, got, c.want)
		}
	}
}

// TestWhatCannotBePredicted is refused, with what can.
func TestWhatCannotBePredicted(t *testing.T) {
	bound := func(time.Duration) int64 { return 1 }
	for _, o := range []Options{{Algorithm: "concurrency"}, {Algorithm: "leaky-bucket-queue"}, {Algorithm: "mine", Bound: bound}, {}} {
		o.Limit = Limit{1, time.Second, 1}
		_, err := NewPredictor(o)
		if err == nil || !strings.Contains(err.Error(), "want one of token-bucket, leaky-bucket-meter, gcra, fixed-window, sliding-window-log, sliding-window-counter, composite") {
			t.Errorf("%q: %v; want a refusal that lists what can be predicted", o.Algorithm, err)
		}
	}
}
