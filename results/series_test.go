package results

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/loglinear"
)

// The series must say what a plain count over all samples says, whatever the
// order of ends, the length of the run and how often widths doubled.
func TestSeriesEqualsPlainCount(t *testing.T) {
	for _, tt := range []struct {
		name   string
		window time.Duration
		gap    time.Duration
		width  time.Duration
	}{
		{"short", 10 * time.Second, time.Millisecond, 100 * time.Millisecond},
		{"full", 100 * time.Second, 10 * time.Millisecond, 100 * time.Millisecond},
		{"one too many", 100*time.Second + 1, 10 * time.Millisecond, 200 * time.Millisecond},
		{"six doublings", 101 * time.Minute, 400 * time.Millisecond, 6400 * time.Millisecond},
	} {
		for name, known := range map[string]time.Duration{" known": tt.window, " unknown": 0} {
			t.Run(tt.name+name, func(t *testing.T) {
				o := Options{Warmup: time.Second, Window: known}
				samples := load{seed: 5, n: int((tt.window + tt.gap - 1) / tt.gap), from: o.Warmup, gap: tt.gap}.samples()
				for i := range samples { // nothing after the window
					m, last := &samples[i], o.Warmup+tt.window-1
					m.Released, m.Started, m.Done = min(m.Released, last), min(m.Started, last), min(m.Done, last)
				}
				run := fill(t, o, tt.window, samples)
				checkSeries(t, run.Intervals, samples, o.Warmup, tt.width)
			})
		}
	}
}

func checkSeries(t *testing.T, got []Interval, samples []Sample, origin, width time.Duration) {
	t.Helper()
	want := make([]Interval, len(got))
	responses := make([][]int64, len(got))
	for i := range samples {
		m := &samples[i]
		want[(m.Intended-origin)/width].Offered++
		w := &want[(m.Done-origin)/width]
		switch m.Outcome {
		case OK:
			w.OK++
			responses[(m.Done-origin)/width] = append(responses[(m.Done-origin)/width], int64(m.ResponseTime()))
		case Rejected:
			w.Rejected++
		case Unsent:
			want[(m.Intended-origin)/width].Other++
		default:
			w.Other++
		}
	}
	for i, g := range got {
		w := want[i]
		if g.TNS != int64(i)*int64(width) || g.WidthNS != int64(width) ||
			g.Offered != w.Offered || g.OK != w.OK || g.Rejected != w.Rejected || g.Other != w.Other {
			t.Fatalf("interval %d is %+v; want %+v of width %v", i, g, w, width)
		}
		checkQuantiles(t, g, responses[i])
	}
}

func checkQuantiles(t *testing.T, g Interval, responses []int64) {
	t.Helper()
	slices.Sort(responses)
	for q, got := range map[loglinear.Quantile]*int64{p50: g.P50NS, p99: g.P99NS} {
		if len(responses) == 0 || got == nil {
			if len(responses) > 0 || got != nil {
				t.Fatalf("quantile %v of interval at %d is %v of %d values", q, g.TNS, got, len(responses))
			}
			continue
		}
		want := responses[q.Rank(uint64(len(responses)))-1]
		if math.Abs(float64(*got-want)) > 0.01*float64(want) {
			t.Fatalf("quantile %v of interval at %d is %d; want %d within 1 %%", q, g.TNS, *got, want)
		}
	}
}

func TestSeriesTakesEndsInAnyOrder(t *testing.T) {
	o := Options{}
	samples := load{seed: 9, n: 30_000, gap: 3 * time.Millisecond}.samples()
	want := fill(t, o, 90*time.Second, samples)
	shuffled := slices.Clone(samples)
	rand.New(rand.NewPCG(1, 1)).Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	got := fill(t, o, 90*time.Second, shuffled)
	for i := range want.Intervals {
		want.Intervals[i].InFlight, got.Intervals[i].InFlight = 0, 0
	}
	same(t, got.Intervals, want.Intervals)
}

func TestSeriesReachesIntoTheDrainAndToTheEndOfTheWindow(t *testing.T) {
	run := fill(t, Options{Window: time.Second}, time.Second, []Sample{{Done: 1350 * time.Millisecond, Outcome: OK}})
	if n := len(run.Intervals); n != 14 || run.Intervals[13].OK != 1 {
		t.Errorf("%d intervals; want 14, the last with the answer", n)
	}
	run = fill(t, Options{Window: time.Second}, time.Second, []Sample{{Done: 1, Outcome: OK}})
	if n := len(run.Intervals); n != 10 {
		t.Errorf("%d intervals; want 10 up to the end of the window", n)
	}
}

func TestSeriesBearsAbsurdInstants(t *testing.T) {
	run := fill(t, Options{}, time.Second, []Sample{{Done: math.MaxInt64, Outcome: OK}, {Done: 5, Outcome: OK}})
	checkConservation(t, run, 2)
}

// stored is the number of bytes that a series holds on to beyond its fixed size.
func (s *series) stored() int {
	n := cap(s.scratch)
	for i := range s.rows {
		n += cap(s.rows[i].response)
	}
	return n
}

// A long run may not need much more than a short one: at most 1.5 MiB more for
// ten minutes than for one, at 5,000 answers per second with response times
// that spread over three powers of ten.
func TestSeriesMemoryIsBounded(t *testing.T) {
	short, long, known := simulate(time.Minute, 0), simulate(10*time.Minute, 0), simulate(10*time.Minute, 10*time.Minute)
	t.Logf("stored bytes: 1m %d, 10m %d, 10m known beforehand %d", short, long, known)
	const most = 3 << 19
	if long-short > most || known-short > most {
		t.Errorf("ten minutes store %d bytes, known beforehand %d, one minute %d; want at most %d more", long, known, short, most)
	}
}

// simulate returns the most bytes a run of that length stored at any time.
func simulate(length, known time.Duration) int {
	r := rand.New(rand.NewPCG(8, 8))
	var responses [1 << 14]int64
	for i := range responses {
		responses[i] = int64(1e5 * math.Exp(1.2*r.NormFloat64()))
	}
	s := new(series)
	s.start(0, known)
	most := 0
	const gap = 200 * time.Microsecond
	for at := time.Duration(0); at < length; at += gap {
		if !s.done.holds(at) && s.seek(&s.done, at, 0) >= 0 {
			most = max(most, s.stored())
		}
		s.push(s.done.index, responses[r.IntN(len(responses))])
	}
	s.fold()
	return max(most, s.stored())
}

func BenchmarkFold(b *testing.B) {
	r := rand.New(rand.NewPCG(8, 8))
	s := new(series)
	s.start(0, time.Minute)
	s.seek(&s.done, 0, 0)
	for s.queued < maxPending-1 {
		s.push(0, int64(1e5*math.Exp(r.NormFloat64())))
	}
	pending := s.pending
	b.ReportAllocs()
	for b.Loop() {
		s.pending, s.queued = pending, maxPending-1
		s.fold()
	}
}

func BenchmarkDouble(b *testing.B) {
	r := rand.New(rand.NewPCG(8, 8))
	full := new(series)
	full.start(0, 0)
	for i := range 100 * maxIntervals {
		at := time.Duration(i) * time.Millisecond
		if !full.done.holds(at) {
			full.seek(&full.done, at, 0)
		}
		full.push(full.done.index, int64(1e5*math.Exp(r.NormFloat64())))
	}
	full.fold()
	b.ReportAllocs()
	s := new(series)
	for b.Loop() {
		*s = *full
		for i := range s.rows {
			s.rows[i].response = slices.Clip(s.rows[i].response)
		}
		s.double()
	}
}
