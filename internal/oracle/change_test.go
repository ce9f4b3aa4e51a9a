package oracle

import (
	"math/big"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/whole"
)

// change makes the reference one under another limit, at an instant not before its latest.
func (b *refBucket) change(at time.Duration, l Limit) {
	now := ratio(int64(at))
	held := new(big.Rat).Sub(b.depth, new(big.Rat))
	if b.tat.Cmp(now) > 0 {
		held.Sub(b.depth, new(big.Rat).Sub(b.tat, now))
	}
	held.Quo(held, b.interval)
	least := whole.GCD(l.Rate, int64(l.Period))
	units := held.Mul(held, ratio(int64(l.Period)/least))
	whole := new(big.Int).Div(units.Num(), units.Denom())
	held.SetFrac(whole, big.NewInt(int64(l.Period)/least))
	if held.Cmp(ratio(l.Burst)) > 0 {
		held = ratio(l.Burst)
	}
	*b = *newReference("gcra", l).(*refBucket)
	lack := new(big.Rat).Sub(ratio(l.Burst), held)
	b.tat = lack.Mul(lack, b.interval).Add(lack, now)
}

// TestChangedBucket: a limiter that keeps its tokens is right, and has no excess; one that is given
// the new burst, or refills at the old rate, or forgets what was spent, is found.
func TestChangedBucket(t *testing.T) {
	for _, wrong := range []string{"", "full", "late", "early"} {
		found := 0
		for seed := range uint64(60) {
			rng := rand.New(rand.NewPCG(seed, 23))
			l := limits()[rng.IntN(len(limits()))]
			j := mustNew(t, "gcra", l)
			const keys = 3
			refs := make([]*refBucket, keys)
			for i := range refs {
				refs[i] = newReference("gcra", l).(*refBucket)
			}
			var now time.Duration
			for i := range 300 {
				if i%40 == 39 {
					l = Limit{Rate: l.Rate, Period: time.Duration(1 + rng.Int64N(2*int64(l.Period))), Burst: 1 + rng.Int64N(2*l.Burst)}
					if err := j.SetLimit(now, l); err != nil {
						t.Fatal(err)
					}
					for _, r := range refs {
						switch wrong {
						case "full":
							*r = *newReference("gcra", l).(*refBucket)
						case "late":
							r.change(now, l)
							r.tat.Add(r.tat, r.interval)
						case "early":
							r.change(now+time.Duration(r.depth.Num().Int64()/r.depth.Denom().Int64()/4+1), l)
						default:
							r.change(now, l)
						}
					}
				}
				now += time.Duration(rng.Int64N(int64(l.Period)/l.Rate + 2))
				k, n := rng.IntN(keys), 1+rng.Int64N(min(l.Burst, 3))
				allowed := refs[k].admits(now, n)
				if allowed {
					refs[k].take(now, n)
				}
				j.Observe(Observation{Key: strconv.Itoa(k), N: n, At: now, Allowed: allowed})
			}
			r := j.Report()
			if wrong == "" && (r.FalseAdmits+r.FalseDenials != 0 || r.BurstExcess != 0 || r.RateError != 0 || r.Judged != 300) {
				t.Fatalf("seed %d: %+v; want no error", seed, r)
			}
			if r.FalseAdmits+r.FalseDenials > 0 {
				found++
			}
		}
		if wrong != "" && found < 40 {
			t.Errorf("%s: found in %d of 60 histories", wrong, found)
		}
	}
}

// TestChangedKnownAnswers at the instant of the change, of keys seen and not seen.
func TestChangedKnownAnswers(t *testing.T) {
	j := mustNew(t, "token-bucket", Limit{Rate: 10, Period: time.Second, Burst: 10})
	j.Observe(Observation{Key: "seen", N: 4, Allowed: true})
	if err := j.SetLimit(0, Limit{Rate: 20, Period: time.Second, Burst: 20}); err != nil {
		t.Fatal(err)
	}
	for _, o := range []Observation{
		{Key: "seen", N: 7},
		{Key: "seen", N: 6, Allowed: true},
		{Key: "new", N: 11},
		{Key: "new", N: 10, Allowed: true},
		{Key: "later", N: 15, At: time.Second / 4, Allowed: true},
		{Key: "seen", N: 11, At: time.Second / 2},
		{Key: "seen", N: 10, At: time.Second / 2, Allowed: true},
		{Key: "seen", N: 20, At: 2 * time.Second, Allowed: true},
	} {
		j.Observe(o)
	}
	r := j.Report()
	if r.FalseAdmits+r.FalseDenials != 0 || r.Judged != 9 || r.BurstExcess != 0 || r.Most.Asked != 20 || r.Most.Burst != 20 {
		t.Errorf("%+v; want no error", r)
	}
	j.Observe(Observation{Key: "seen", N: 3, At: 2 * time.Second, Allowed: true})
	want := Window{Key: "seen", Start: 2 * time.Second, End: 2 * time.Second, Tokens: 23, Bound: 20}
	if r := j.Report(); r.FalseAdmits != 1 || r.BurstExcess != 3 || r.WorstWindow != want {
		t.Errorf("%+v; want 3 too many, in %+v", r, want)
	}
	if err := j.SetLimit(2*time.Second, Limit{Rate: 1, Period: time.Second, Burst: 5}); err != nil {
		t.Fatal(err)
	}
	j.Observe(Observation{Key: "seen", N: 1, At: 2*time.Second + 150*time.Millisecond})                  // still in debt
	j.Observe(Observation{Key: "seen", N: 1, At: 6 * time.Second, Allowed: true})                        // 3 of 4 seconds too early
	j.Observe(Observation{Key: "unseen", N: 5, At: 2*time.Second + 150*time.Millisecond, Allowed: true}) // all that now fits
	if r := j.Report(); r.FalseAdmits != 1 || r.FalseDenials != 0 || r.BurstExcess != 3 {
		t.Errorf("%+v; want no further error, and the excess under the limit before", r)
	}
}

// TestChangedWindows keep their counts.
func TestChangedWindows(t *testing.T) {
	const s = time.Second
	for _, algorithm := range []string{"fixed-window", "sliding-window-log", "sliding-window-counter"} {
		for _, resolution := range []time.Duration{0, time.Microsecond} {
			j := mustJudge(t, Options{Algorithm: algorithm, Limit: Limit{Rate: 10, Period: s}, Resolution: resolution})
			j.Observe(Observation{N: 8, At: s / 2, Allowed: true})
			for _, change := range []struct {
				rate int64
				then []Observation
			}{
				{5, []Observation{{N: 1, At: s / 2}, {Key: "other", N: 6, At: s / 2}, {Key: "other", N: 5, At: s / 2, Allowed: true}}},
				{12, []Observation{{N: 5, At: s / 2}, {N: 4, At: s / 2, Allowed: true}, {N: 12, At: 10*s + s/2, Allowed: true}}},
			} {
				if err := j.SetLimit(s/2, Limit{Rate: change.rate, Period: s}); err != nil {
					t.Fatal(err)
				}
				for _, o := range change.then {
					j.Observe(o)
				}
			}
			if r := j.Report(); r.FalseAdmits+r.FalseDenials != 0 || r.Judged != 7 {
				t.Errorf("%s: %+v; want no error", algorithm, r)
			}
		}
	}
}

// TestChangedConcurrency: what is held stays held.
func TestChangedConcurrency(t *testing.T) {
	j := mustNew(t, "concurrency", Limit{Burst: 3})
	j.Observe(Observation{N: 3, At: 1, Until: 10, Allowed: true})
	if err := j.SetLimit(2, Limit{Burst: 1}); err != nil {
		t.Fatal(err)
	}
	j.Observe(Observation{N: 1, At: 9})
	j.Observe(Observation{N: 1, At: 10, Until: 20, Allowed: true})
	if err := j.SetLimit(11, Limit{Burst: 2}); err != nil {
		t.Fatal(err)
	}
	j.Observe(Observation{N: 2, At: 12})
	j.Observe(Observation{N: 1, At: 12, Allowed: true})
	if r := j.Report(); r.FalseAdmits+r.FalseDenials != 0 || r.Judged != 5 || r.BurstExcess != 0 {
		t.Errorf("%+v; want no error", r)
	}
}

func TestChangeIsRefused(t *testing.T) {
	l := Limit{Rate: 1, Period: time.Second, Burst: 1}
	for want, o := range map[string]Options{
		"limit of leaky-bucket-queue changes": {Algorithm: "leaky-bucket-queue", Limit: l},
		"limit of composite changes":          {Algorithm: "composite", Limit: l, Also: []Limit{l}},
		"limit of bound changes":              {Limit: l, Bound: func(time.Duration) int64 { return 1 }},
		"period is 1m0s; want 1s":             {Algorithm: "fixed-window", Limit: l},
		"rate is 0; want at least 1":          {Algorithm: "gcra", Limit: l},
	} {
		next := Limit{Rate: 1, Period: time.Minute, Burst: 1}
		if o.Algorithm == "gcra" {
			next.Rate = 0
		}
		if err := mustJudge(t, o).SetLimit(0, next); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want %q", err, want)
		}
	}
}

// TestChangeBetween: over intervals nothing is judged any more.
func TestChangeBetween(t *testing.T) {
	j := mustNew(t, "gcra", Limit{Rate: 1, Period: time.Second, Burst: 1})
	o := Observation{N: 1, At: -1, Called: 1, Returned: 2, Allowed: true}
	j.Observe(o)
	if err := j.SetLimit(3, Limit{Rate: 1, Period: time.Second, Burst: 2}); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"", "new"} {
		for range 4 {
			o.Key, o.Called, o.Returned = key, 4, 5
			j.Observe(o)
		}
	}
	if r := j.Report(); r.FalseAdmits+r.FalseDenials != 0 || r.Judged != 1 || r.Unjudged != 8 {
		t.Errorf("%+v; want nothing judged after the change", r)
	}
}
