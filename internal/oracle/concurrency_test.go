package oracle

import (
	"math/rand/v2"
	"testing"
	"time"
)

type hold struct {
	until  time.Duration
	tokens int64
}

// crowd holds permits the slow way: every one of them, until it is given back.
type crowd struct {
	limit int64
	holds []hold
}

func (c *crowd) held(at time.Duration) (n int64) {
	for _, h := range c.holds {
		if h.until > at {
			n += h.tokens
		}
	}
	return n
}

// occupy drives a limit on what is held, and returns the most that was.
func occupy(rng *rand.Rand, c *crowd, count int, observe func(Observation)) (most int64) {
	var at time.Duration
	for range count {
		at += time.Duration(rng.IntN(4))
		n := 1 + rng.Int64N(3)
		o := Observation{N: n, At: at, Allowed: c.held(at)+n <= c.limit}
		if o.Allowed {
			o.Until = at + time.Duration(rng.IntN(20))
			if rng.IntN(500) == 0 {
				o.Until = 0 // never
			}
			until := o.Until
			if until < at {
				until = never
			}
			c.holds = append(c.holds, hold{until, n})
			most = max(most, c.held(at))
		}
		observe(o)
	}
	return most
}

func TestConcurrency(t *testing.T) {
	const limit = 10
	for actual, errs := range map[int64]kind{limit: 0, limit + 1: falseAdmits, limit - 1: falseDenials} {
		j := mustNew(t, "concurrency", Limit{Burst: limit})
		most := occupy(rand.New(rand.NewPCG(1, 1)), &crowd{limit: actual}, 1500, j.Observe)
		r := j.Report()
		if kindsIn(r) != errs || r.RateError != 0 || r.BurstExcess != float64(max(most-limit, 0)) {
			t.Errorf("limit %d: %+v; want errors of kind %b, an excess of %d", actual, r, errs, most-limit)
		}
		if r.MostHeld != most {
			t.Errorf("limit %d: %d were held at once; want %d", actual, r.MostHeld, most)
		}
		if w := r.WorstWindow; w.Tokens != most || w.Bound != limit || w.Start != w.End {
			t.Errorf("limit %d: worst window %+v; want %d of %d at an instant", actual, w, most, limit)
		}
		if errs == 0 && r.Admitted != r.Entitled {
			t.Errorf("admitted %d of %d; want all that was due", r.Admitted, r.Entitled)
		}
	}
}

// At one instant what is given back comes before what is asked for.
func TestGivenBackAtTheSameInstant(t *testing.T) {
	j := mustNew(t, "concurrency", Limit{Burst: 1})
	for _, o := range []Observation{
		{N: 1, At: 0, Until: 5, Allowed: true},
		{N: 1, At: 4},
		{N: 1, At: 5, Until: 5, Allowed: true},
		{N: 1, At: 5, Until: 9, Allowed: true},
		{N: 1, At: 9},                                    // wrong
		{Key: "b", N: 1, At: 5, Until: 3, Allowed: true}, // before it was taken: never
		{Key: "b", N: 1, At: 6},
		{N: 1, At: 9, Until: 1 << 40, Allowed: true},
		{N: 1, At: 10, Until: 11, Allowed: true}, // wrong
	} {
		j.Observe(o)
	}
	if r := j.Report(); r.FalseAdmits != 1 || r.FalseDenials != 1 || r.BurstExcess != 1 || r.WorstWindow.Start != 10 {
		t.Errorf("%+v; want one error of each kind, one too many at 10 ns", r)
	}
}

func TestConcurrencyNeedsInstants(t *testing.T) {
	j := mustNew(t, "concurrency", Limit{Burst: 1})
	j.Observe(Observation{N: 1, At: -1})
	j.Observe(Observation{N: 1, At: 1, Until: 2, Allowed: true})
	j.Observe(Observation{N: 1, At: -1, Until: 9, Allowed: true})
	j.Observe(Observation{N: 1, At: 8})
	if r := j.Report(); r.Judged != 1 || r.Unjudged != 3 || r.FalseDenials != 0 {
		t.Errorf("%+v; want only what came before the unknown admission judged", r)
	}
}

// The agenda holds what is out, and nothing that never comes back.
func TestConcurrencyKeepsOnlyWhatIsOut(t *testing.T) {
	j := mustNew(t, "concurrency", Limit{Burst: 1})
	for i := range time.Duration(10_000) {
		j.Observe(Observation{N: 1, At: i + 1, Until: (i + 3) * (i & 1), Allowed: true})
	}
	if c := j.model(j.keys.find("")).(*concurrency); c.holds.Len() > 2 || c.room() > -4999 {
		t.Errorf("%d holds, room %d; want 2 at most beside 5,000 for ever", c.holds.Len(), c.room())
	}
}
