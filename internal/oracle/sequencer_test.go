package oracle

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func collect() (*Sequencer, *[]Observation) {
	var out []Observation
	return NewSequencer(func(o Observation) { out = append(out, o) }), &out
}

// held is the number of observations that wait for their turn.
func held(s *Sequencer) int { return s.known.waiting.Len() + s.unknown.waiting.Len() }

func TestSequencerOrder(t *testing.T) {
	s, out := collect()
	for _, o := range []Observation{
		{Key: "5", At: 20},
		{Key: "1", At: 10, Allowed: true},
		{Key: "3", At: 10, Errored: true},
		{Key: "4", At: 10},
		{Key: "2", At: 10, Allowed: true},
		{Key: "0", At: 5},
	} {
		s.Push(o)
	}
	s.Flush()
	for i, o := range *out {
		if o.Key != string(rune('0'+i)) || o.Errored != (o.Key == "3") {
			t.Fatalf("order is %+v; want keys 0 to 5, and 3 alone errored", *out)
		}
	}
	if len(*out) != 6 || held(s) != 0 {
		t.Errorf("%d released, %d held; want 6 and 0", len(*out), held(s))
	}
}

// What happened at the watermark itself may still have company to come.
func TestSequencerHoldsTheWatermark(t *testing.T) {
	s, out := collect()
	s.Push(Observation{At: 10})
	s.Push(Observation{At: 9})
	s.Advance(10)
	if len(*out) != 1 || held(s) != 1 {
		t.Fatalf("%d released, %d held; want 1 and 1", len(*out), held(s))
	}
	s.Push(Observation{At: 10, Allowed: true})
	s.Advance(11)
	if !(*out)[1].Allowed || (*out)[2].Allowed {
		t.Errorf("order is %+v; want the admission before the denial", *out)
	}
	s.Advance(5) // a watermark never goes back
	s.Push(Observation{At: 10})
	if len(*out) != 4 || !(*out)[3].Errored {
		t.Errorf("released %+v; want the fourth errored, at once", *out)
	}
}

// What has no instant waits for a watermark of its own, in the order of Called.
func TestSequencerOrdersTheUnknownByCalled(t *testing.T) {
	s, out := collect()
	for _, o := range []Observation{
		{Key: "3", At: -1, Called: 7},
		{Key: "1", At: -1, Called: 5},
		{Key: "0", At: -1, Called: 5, Allowed: true},
		{Key: "2", At: -1, Called: 6},
	} {
		s.Push(o)
	}
	s.Advance(100)
	s.AdvanceCalled(7)
	if len(*out) != 3 || held(s) != 1 {
		t.Fatalf("%d released, %d held; want 3 and 1", len(*out), held(s))
	}
	s.Push(Observation{Key: "late", At: -1, Called: 6})
	s.Flush()
	for i, want := range []string{"0", "1", "2", "late", "3"} {
		if got := (*out)[i]; got.Key != want || got.Errored != (want == "late") {
			t.Errorf("place %d is %+v; want %s", i, got, want)
		}
	}
}

// A broken promise must not turn into a conviction.
func TestSequencerLateIsNotJudged(t *testing.T) {
	j := mustNew(t, "gcra", Limit{Rate: 1, Period: time.Second, Burst: 1})
	s := NewSequencer(j.Observe)
	s.Push(Observation{N: 1, At: 2 * time.Second, Allowed: true})
	s.Advance(3 * time.Second)
	s.Push(Observation{N: 1, At: 0, Allowed: true}) // right, had it come in time
	s.Push(Observation{Key: "b", N: 1, At: -1})     // unknown, not late
	s.Flush()
	s.Push(Observation{Key: "c", At: -1, Errored: true}) // not late either
	if r := j.Report(); r.Judged != 2 || r.Unjudged != 2 || r.FalseAdmits != 0 {
		t.Errorf("%+v; want 2 judged, 2 unjudged", r)
	}
}

// Completion order is shuffled within a horizon that the watermark follows; a
// correct limiter stays unconvicted even where instants are equal.
func TestSequencerNeverConvictsACorrectLimiter(t *testing.T) {
	for _, algorithm := range models() {
		rng := rand.New(rand.NewPCG(9, 10))
		l := Limit{Rate: 20, Period: 61 * time.Microsecond, Burst: 30}
		tr := traffic{algorithm, l, 3, true, time.Microsecond}
		var history []Observation
		tr.drive(rng, 20_000, func() subject { return correct(newReference(algorithm, l)) },
			func(o Observation) { history = append(history, o) })

		const horizon = 50 * time.Microsecond
		done := func(o Observation) time.Duration { return o.Returned }
		for i := range history {
			history[i].Returned = history[i].At + time.Duration(rng.Int64N(int64(horizon)))
		}
		slices.SortStableFunc(history, func(a, b Observation) int { return cmp.Compare(done(a), done(b)) })

		j := mustNew(t, algorithm, l)
		s, most := NewSequencer(j.Observe), 0
		for _, o := range history {
			s.Push(o)
			s.Advance(o.Returned - horizon)
			most = max(most, held(s))
		}
		s.Flush()
		wantClean(t, algorithm, j.Report(), int64(len(history)))
		if most > len(history)/4 {
			t.Errorf("%s: %d held at most; want few", algorithm, most)
		}
	}
}

func TestSequencerDoesNotAllocate(t *testing.T) {
	s := NewSequencer(func(Observation) {})
	var at time.Duration
	pushAndAdvance := func() {
		at++
		s.Push(Observation{At: at ^ 7, Allowed: at&1 == 0})
		s.Advance(at - 16)
	}
	for range 100 {
		pushAndAdvance()
	}
	if n := testing.AllocsPerRun(10_000, pushAndAdvance); n != 0 || held(s) == 0 {
		t.Errorf("%v allocations per observation with %d held; want 0 with some", n, held(s))
	}
}

func BenchmarkSequencer(b *testing.B) {
	s := NewSequencer(func(Observation) {})
	var at time.Duration
	b.ReportAllocs()
	for b.Loop() {
		at++
		s.Push(Observation{At: at ^ 63, Allowed: at&1 == 0})
		s.Advance(at - 64)
	}
}
