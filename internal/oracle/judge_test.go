package oracle

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

const day = 24 * time.Hour

// limits are those that truncation, overflow and edges get wrong.
func limits() []Limit {
	return []Limit{
		{Rate: 3_000_000, Period: time.Second, Burst: 1},
		{Rate: 3_000_000, Period: time.Second, Burst: 100},
		{Rate: 700_000, Period: time.Second, Burst: 7},
		{Rate: 7, Period: 3 * time.Second, Burst: 5},
		{Rate: 1, Period: day, Burst: 1},
		{Rate: 1, Period: day, Burst: 30},
		{Rate: 100, Period: time.Second, Burst: 20},
		{Rate: 1_000_000_007, Period: 999_999_937, Burst: 50},
		{Rate: 13, Period: 7, Burst: 1 << 40},
		{Rate: 20, Period: 61 * time.Microsecond, Burst: 3},
	}
}

// models names each exact model once.
func models() []string {
	return []string{"token-bucket", "fixed-window", "sliding-window-log", "sliding-window-counter"}
}

func mustNew(t testing.TB, algorithm string, l Limit) *Judge {
	t.Helper()
	j, err := NewJudge(Options{Algorithm: algorithm, Limit: l})
	if err != nil {
		t.Fatal(err)
	}
	return j
}

func TestCorrectLimiterIsNeverConvicted(t *testing.T) {
	const decisions = 3000 // of each of 40 kinds of traffic per algorithm
	for _, algorithm := range models() {
		t.Run(algorithm, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(1, 2))
			allowed, total := 0, 0
			for _, l := range limits() {
				for kind := range 4 {
					tr := traffic{algorithm, l, 1 + 3*(kind&1), kind < 2 || l.Rate > 1000, time.Nanosecond}
					if kind&2 != 0 {
						tr.tick = time.Microsecond
					}
					j := mustNew(t, algorithm, l)
					tr.drive(rng, decisions, func() subject { return correct(newReference(algorithm, l)) }, func(o Observation) {
						total++
						if o.Allowed {
							allowed++
						}
						j.Observe(o)
					})
					wantClean(t, fmt.Sprintf("%+v", tr), j.Report(), decisions)
				}
			}
			if total < 100_000 || allowed < total/10 || allowed > total*9/10 {
				t.Errorf("%d of %d allowed; want a mix over at least 100,000 decisions", allowed, total)
			}
		})
	}
}

func wantClean(t *testing.T, what string, got Report, judged int64) {
	t.Helper()
	if got.FalseAdmits != 0 || got.FalseDenials != 0 || got.Unjudged != 0 || got.Judged != judged {
		t.Errorf("%s: %+v; want %d judged and no error", what, got, judged)
	}
	if got.Oracle == "token-bucket" && (got.RateError != 0 || got.BurstExcess != 0) {
		t.Errorf("%s: rate error %g, burst excess %g; want both 0", what, got.RateError, got.BurstExcess)
	}
}

// Three names, one model: the same decisions give the same report.
func TestBucketAliases(t *testing.T) {
	for _, algorithm := range []string{"token-bucket", "leaky-bucket-meter", "gcra"} {
		j := mustNew(t, algorithm, Limit{Rate: 10, Period: time.Second, Burst: 2})
		for range 3 {
			j.Observe(Observation{Key: "a", N: 1, Allowed: true})
		}
		if r := j.Report(); r.Oracle != "token-bucket" || r.FalseAdmits != 1 {
			t.Errorf("%s: %+v; want one false admit against token-bucket", algorithm, r)
		}
	}
}

func TestOneErrorCountsOnce(t *testing.T) {
	j := mustNew(t, "token-bucket", Limit{Rate: 1, Period: time.Second, Burst: 3})
	for _, o := range []Observation{
		{N: 5, Allowed: true},         // wrong: leaves a debt of 2
		{N: 1, At: 2 * time.Second},   // right: the debt is just paid
		{N: 1, At: 3*time.Second - 1}, // right: 1 ns short of a token
		{N: 1, At: 3 * time.Second},   // wrong
		{N: 2, At: 4 * time.Second, Allowed: true},
	} {
		j.Observe(o)
	}
	r := j.Report()
	if r.FalseAdmits != 1 || r.FalseDenials != 1 {
		t.Fatalf("%+v; want one error of each kind", r)
	}
	want := `[key "" at 0s: 5 admitted while the model held 3 key "" at 3s: 1 denied while the model held 1]`
	if got := fmt.Sprint(r.Violations); got != want {
		t.Errorf("violations are %s; want %s", got, want)
	}
}

func TestHeldIsRoundedDownInDebt(t *testing.T) {
	j := mustNew(t, "token-bucket", Limit{Rate: 1, Period: time.Second, Burst: 1})
	j.Observe(Observation{N: 2, Allowed: true})
	j.Observe(Observation{N: 1, At: 1, Allowed: true})
	if v := j.Report().Violations[1]; v.Held != -1 {
		t.Errorf("held %d; want -1, a debt of just under one token", v.Held)
	}
}

// After an error the key is lost to judgement, others are not, and its known
// admissions still show in the burst.
func TestErroredKeyIsNotJudged(t *testing.T) {
	j := mustNew(t, "gcra", Limit{Rate: 1, Period: time.Second, Burst: 2})
	j.Observe(Observation{Key: "a", N: 1, Allowed: true})
	j.Observe(Observation{Key: "a", N: 1, Errored: true})
	j.Observe(Observation{Key: "a", N: 1})
	j.Observe(Observation{Key: "a", N: 2, Allowed: true})
	j.Observe(Observation{Key: "b", N: 3, Allowed: true})
	r := j.Report()
	if r.Judged != 2 || r.Unjudged != 3 || r.FalseAdmits != 1 || r.FalseDenials != 0 {
		t.Errorf("%+v; want 2 judged, 3 unjudged, 1 false admit", r)
	}
	if r.Admitted != 4 || r.Entitled != 1 || r.BurstExcess != 1 || r.WorstWindow.Key != "a" {
		t.Errorf("%+v; want 4 admitted, 1 entitled, a burst excess of 1 on key a", r)
	}
}

// Once a key has been seen without an instant it is judged by Called and
// Returned, and denials that an admission from before might explain are not.
func TestUnknownInstant(t *testing.T) {
	j := mustNew(t, "gcra", Limit{Rate: 1, Period: time.Second, Burst: 1})
	j.Observe(Observation{N: 0, At: 0})                                                                   // nothing asked
	j.Observe(Observation{N: 1, At: time.Hour, Allowed: true})                                            // on its own clock
	j.Observe(Observation{N: 1, At: -1})                                                                  // because of the one before
	j.Observe(Observation{N: 1, At: -1, Called: time.Second, Returned: 2*time.Second - 1, Allowed: true}) // forgiven
	j.Observe(Observation{N: 1, At: -1, Called: time.Second, Returned: 2*time.Second - 1, Allowed: true})
	if r := j.Report(); r.Judged != 3 || r.Unjudged != 2 || r.FalseAdmits != 1 || r.FalseDenials != 0 {
		t.Errorf("%+v; want 3 judged, the last one wrong", r)
	}
}

func TestEarlierInstantCountsAsTheLatest(t *testing.T) {
	for _, algorithm := range models() {
		j := mustNew(t, algorithm, Limit{Rate: 1, Period: time.Second, Burst: 1})
		j.Observe(Observation{N: 1, At: 5 * time.Second, Allowed: true})
		j.Observe(Observation{N: 1, At: 1 * time.Second})
		j.Observe(Observation{N: 1, At: 7 * time.Second, Allowed: true})
		if r := j.Report(); r.FalseAdmits+r.FalseDenials != 0 || r.Judged != 3 {
			t.Errorf("%s: %+v; want 3 judged and no error", algorithm, r)
		}
	}
}

func TestNewReportsAllProblems(t *testing.T) {
	_, err := NewJudge(Options{Algorithm: "gcar", Limit: Limit{Rate: 0, Period: -time.Second, Burst: -2}})
	if err == nil {
		t.Fatal("no error")
	}
	for _, want := range []string{
		`algorithm is "gcar"; want one of token-bucket,`,
		"rate is 0; want at least 1",
		"burst is -2; want at least 1",
		"period is -1s; want at least 1ns",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error is %q; want it to contain %q", err, want)
		}
	}
	if _, err := NewJudge(Options{Algorithm: "fixed-window", Limit: Limit{Rate: -1, Period: 1, Burst: 0}}); err.Error() != "rate is -1; want at least 1" {
		t.Errorf("error is %q; want the rate alone", err)
	}
	for _, algorithm := range algorithms() {
		mustNew(t, algorithm, Limit{Rate: 1, Period: 1, Burst: 1})
	}
}

func TestObserveDoesNotAllocate(t *testing.T) {
	for _, algorithm := range algorithms() {
		j := mustNew(t, algorithm, Limit{Rate: 100, Period: time.Second, Burst: 10})
		o := Observation{Key: "a", N: 1}
		observe := func() {
			o.At += 5 * time.Millisecond
			o.Until = o.At + time.Duration(o.N)
			o.Allowed = !o.Allowed
			j.Observe(o)
		}
		for range 1000 { // a log has to grow once
			observe()
		}
		if n := testing.AllocsPerRun(10_000, observe); n != 0 {
			t.Errorf("%s: %v allocations per observation; want 0", algorithm, n)
		}
	}
}

func BenchmarkObserve(b *testing.B) {
	for _, algorithm := range models() {
		for _, keys := range []int{1, 10_000} {
			b.Run(fmt.Sprintf("%s/keys=%d", algorithm, keys), func(b *testing.B) {
				j := mustNew(b, algorithm, Limit{Rate: 100, Period: time.Second, Burst: 20})
				names := make([]string, keys)
				for i := range names {
					names[i] = fmt.Sprintf("client-%d", i)
				}
				rng := rand.New(rand.NewPCG(1, 1))
				var at time.Duration
				observe := func() { // 200 decisions a second and key, half of them allowed
					at += 5 * time.Millisecond / time.Duration(keys)
					x := rng.Uint64()
					j.Observe(Observation{Key: names[x%uint64(keys)], N: 1, At: at, Allowed: x>>63 == 0})
				}
				for range 300 * keys { // more than a window: logs are as long as they get
					observe()
				}
				b.ReportAllocs()
				for b.Loop() {
					observe()
				}
			})
		}
	}
}

// TestEarlierInstantCountsInTheBurst: a clock that steps back hides nothing.
func TestEarlierInstantCountsInTheBurst(t *testing.T) {
	for _, algorithm := range models() {
		j := mustNew(t, algorithm, Limit{Rate: 1, Period: time.Second, Burst: 1})
		j.Observe(Observation{N: 1, At: time.Second, Allowed: true})
		for range 5 {
			j.Observe(Observation{N: 1, At: time.Second / 2, Allowed: true})
		}
		want := Window{Start: time.Second, End: time.Second, Tokens: 6, Bound: 1}
		if r := j.Report(); r.BurstExcess != 5 || r.WorstWindow != want || r.FalseAdmits != 5 || r.Most.Tokens != 6 {
			t.Errorf("%s: %+v; want a burst excess of 5, all of it false admits", algorithm, r)
		}
		one := mustNew(t, algorithm, Limit{Rate: 1, Period: time.Second, Burst: 1})
		one.Observe(Observation{N: 1, At: time.Second, Allowed: true})
		one.Observe(Observation{N: 5, At: time.Second / 2, Allowed: true})
		if r := one.Report(); r.BurstExcess != 5 {
			t.Errorf("%s: %+v; want a burst excess of 5", algorithm, r)
		}
	}
}

// TestEarlierInstantIsTheLatest wherever an instant is told.
func TestEarlierInstantIsTheLatest(t *testing.T) {
	j := mustNew(t, "gcra", Limit{Rate: 1, Period: time.Second, Burst: 2})
	j.Observe(Observation{N: 1, At: time.Second, Allowed: true})
	j.Observe(Observation{N: 1, At: time.Second / 2}) // one is there
	j.Observe(Observation{N: 1, At: 3 * time.Second, Allowed: true})
	r := j.Report()
	if len(r.Violations) != 1 || r.Violations[0].At != time.Second {
		t.Errorf("%v; want one, at 1s", r.Violations)
	}
	if want := (Starvation{Start: time.Second, End: 3 * time.Second, Intervals: 2}); r.Starvation != want {
		t.Errorf("%+v; want %+v", r.Starvation, want)
	}
}
