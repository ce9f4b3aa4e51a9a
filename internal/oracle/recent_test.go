package oracle

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"
)

// admittedOnce is one admission as a slow model remembers it.
type admittedOnce struct {
	key string
	at  time.Duration
	n   int64
}

// mostOf looks at every period that ends with an admission.
func mostOf(all []admittedOnce, period time.Duration) (most int64) {
	for _, last := range all {
		var tokens int64
		for _, a := range all {
			if a.key == last.key && a.at <= last.at && last.at-a.at < period {
				tokens = sum(tokens, a.n)
			}
		}
		most = max(most, tokens)
	}
	return most
}

func TestMostPerPeriod(t *testing.T) {
	for _, algorithm := range algorithms() {
		if algorithm == "concurrency" {
			continue
		}
		for seed := range uint64(20) {
			rng := rand.New(rand.NewPCG(seed, 17))
			l := limits()[seed%uint64(len(limits()))]
			j := mustNew(t, algorithm, l)
			var all []admittedOnce
			traffic{"token-bucket", l, 1 + int(seed%4), true, time.Nanosecond}.drive(rng, 300,
				func() subject { return func(time.Duration, int64) bool { return rng.IntN(3) > 0 } },
				func(o Observation) {
					if o.Until = o.At; algorithm == "leaky-bucket-queue" {
						o.Until += time.Duration(rng.Int64N(2 * int64(l.Period)))
					}
					if j.Observe(o); o.Allowed {
						all = append(all, admittedOnce{o.Key, o.Until, o.N})
					}
				})
			r := j.Report()
			want := Peak{Key: r.Most.Key, End: r.Most.End, Tokens: mostOf(all, l.Period), Period: l.Period, Asked: l.Rate, Burst: l.Burst}
			if r, _ := ruleOf(algorithm); r.windowed() {
				want.Burst = 0
			}
			if r.Most != want {
				t.Errorf("%s, seed %d: %+v; want %+v", algorithm, seed, r.Most, want)
			}
		}
	}
}

// TestMostPerPeriodOfWhatIsAsked: it compares like with like, whatever the algorithm.
func TestMostPerPeriodOfWhatIsAsked(t *testing.T) {
	l := Limit{Rate: 100, Period: time.Second, Burst: 20}
	for algorithm, want := range map[string]int64{
		"gcra": 119, "fixed-window": 200, "sliding-window-log": 100, "sliding-window-counter": 198,
	} {
		j := mustNew(t, algorithm, l)
		model := correct(newReference(algorithm, l))
		for at := time.Second; at < 4*time.Second; at += 10 * time.Millisecond {
			if at > time.Second && at < 1800*time.Millisecond {
				continue // what a counter weighs the least comes all at its end
			}
			for range 200 {
				j.Observe(Observation{N: 1, At: at - 1, Allowed: model(at-1, 1)})
			}
		}
		if got := j.Report().Most; got.Tokens != want || got.AtLeast {
			t.Errorf("%s: %+v; want %d", algorithm, got, want)
		}
	}
}

// TestMostPerPeriodBetween: over intervals it is what was certainly in one period.
func TestMostPerPeriodBetween(t *testing.T) {
	for seed := range uint64(40) {
		rng := rand.New(rand.NewPCG(seed, 3))
		l := Limit{Rate: 10, Period: time.Second, Burst: 3}
		j := mustNew(t, "gcra", l)
		var within []Observation
		var now time.Duration
		for range 200 {
			now += time.Duration(rng.Int64N(int64(100 * time.Millisecond)))
			o := Observation{Key: fmt.Sprint(rng.IntN(2)), N: 1 + rng.Int64N(3), At: -1, Called: now, Allowed: rng.IntN(2) == 0}
			o.Returned = now + time.Duration(rng.Int64N(int64(300*time.Millisecond)))
			if j.Observe(o); o.Allowed {
				within = append(within, o)
			}
		}
		var want int64
		for _, last := range within {
			var tokens int64
			for _, o := range within {
				if o.Key == last.Key && o.Returned <= last.Returned && last.Returned-o.Called < l.Period {
					tokens += o.N
				}
			}
			want = max(want, tokens)
		}
		if got := j.Report().Most; got.Tokens != want || !got.AtLeast {
			t.Errorf("seed %d: %+v; want at least %d", seed, got, want)
		}
	}
}

// TestMostPerPeriodIsBounded: past what is remembered the count is the least it can be.
func TestMostPerPeriodIsBounded(t *testing.T) {
	j := mustNew(t, "gcra", Limit{Rate: 1, Period: day, Burst: 1})
	for i := range time.Duration(maxStamps + 10) {
		j.Observe(Observation{N: 1, At: i, Allowed: true})
	}
	if got := j.Report().Most; got.Tokens != maxStamps || !got.AtLeast || j.stamps != maxStamps {
		t.Errorf("%+v of %d; want at least %d, which is what is remembered", got, j.stamps, maxStamps)
	}
}

// TestMostPerPeriodOfHugeCosts saturates, and forgets as much as it counted.
func TestMostPerPeriodOfHugeCosts(t *testing.T) {
	j := mustNew(t, "gcra", Limit{Rate: 1, Period: time.Second, Burst: 1})
	for _, n := range []int64{1 << 40, math.MaxInt64, math.MaxInt64, 5} {
		j.Observe(Observation{N: n, Allowed: true})
	}
	if got := j.Report().Most.Tokens; got != math.MaxInt64 {
		t.Errorf("%d; want all that there can be", got)
	}
	j.Observe(Observation{N: 7, At: time.Second, Allowed: true})
	if got := j.latest(j.keys.find("")); got != 7 {
		t.Errorf("%d are counted a period later; want 7", got)
	}
}

// TestMostPerPeriodOutOfOrder: what another key was admitted later is no reason to
// forget what this one was.
func TestMostPerPeriodOutOfOrder(t *testing.T) {
	j := mustNew(t, "gcra", Limit{Rate: 1, Period: time.Second, Burst: 1})
	for _, o := range []Observation{{Key: "a", At: 0}, {Key: "b", At: 900}, {Key: "a", At: 500}, {Key: "a", At: 600}} {
		o.N, o.At, o.Allowed = 1, o.At*time.Millisecond, true
		j.Observe(o)
	}
	if got := j.Report().Most; got.Key != "a" || got.Tokens < 2 || got.Tokens > 3 || !got.AtLeast {
		t.Errorf("%+v; want at least 2 and at most 3 of a", got)
	}
}
