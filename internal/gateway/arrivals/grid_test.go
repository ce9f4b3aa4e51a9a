package arrivals

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/loglinear"
)

// slow is what a Grid finds, from all arrivals.
func slow(perSecond float64, arrivals []time.Duration) Stats {
	s := Stats{Asked: perSecond, Arrivals: uint64(len(arrivals))}
	if len(arrivals) == 0 {
		return s
	}
	late := make([]time.Duration, len(arrivals))
	for k, at := range arrivals {
		late[k] = at - time.Duration(float64(k)*float64(time.Second)/perSecond)
	}
	sorted := slices.Sorted(slices.Values(late))
	from := func(offset time.Duration) (f Fit) {
		all := make([]time.Duration, len(late))
		for i, d := range late {
			all[i] = (d - offset).Abs()
		}
		slices.Sort(all)
		at := func(num, den uint64) time.Duration {
			return all[loglinear.Quantile{Num: num, Den: den}.Rank(uint64(len(all)))-1]
		}
		return Fit{at(50, 100), at(90, 100), at(99, 100), at(1, 1)}
	}
	s.Grid, s.Earliest = from(sorted[(len(sorted)-1)/2]), from(sorted[0])
	if n := len(arrivals); n > 1 {
		s.Reached = float64(n-1) / (arrivals[n-1] - arrivals[0]).Seconds()
	}
	return s
}

func near(a, b Fit) bool {
	for _, d := range []time.Duration{a.P50 - b.P50, a.P90 - b.P90, a.P99 - b.P99, a.Max - b.Max} {
		if d.Abs() > 2*Width {
			return false
		}
	}
	return true
}

// TestGrid: what is found in buckets is what all arrivals say, within buckets.
func TestGrid(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	exact := func(rate float64, n int, off func(k int) time.Duration) (all []time.Duration) {
		for k := range n {
			all = append(all, 5*time.Second+time.Duration(float64(k)*1e9/rate)+off(k))
		}
		slices.Sort(all)
		return all
	}
	for name, tt := range map[string]struct {
		rate     float64
		arrivals []time.Duration
	}{
		"none":      {100, nil},
		"one":       {100, exact(100, 1, func(int) time.Duration { return 0 })},
		"punctual":  {3000, exact(3000, 20_000, func(int) time.Duration { return 0 })},
		"all late":  {1000, exact(1000, 1000, func(int) time.Duration { return 30 * time.Millisecond })},
		"noise":     {10_000, exact(10_000, 20_000, func(int) time.Duration { return time.Duration(r.ExpFloat64() * 3e5) })},
		"one early": {1000, exact(1000, 1000, func(k int) time.Duration { return time.Duration(min(k, 1)) * 50 * time.Millisecond })},
		"in bursts": {1000, exact(1000, 1000, func(k int) time.Duration { return time.Duration(9-k%10) * time.Millisecond })},
		"too slow":  {1000, exact(900, 1000, func(int) time.Duration { return 0 })},
		"too fast":  {1000, exact(1100, 1000, func(int) time.Duration { return 0 })},
		"a stall": {1000, exact(1000, 2000, func(k int) time.Duration {
			return max(0, time.Duration(500-(k-700))*time.Millisecond) * time.Duration(min(1, k/700))
		})},
	} {
		g := NewGrid(tt.rate)
		for _, at := range tt.arrivals {
			g.Add(at)
		}
		got, want := g.Stats(), slow(tt.rate, tt.arrivals)
		if got.Arrivals != want.Arrivals || math.Abs(got.Asked-want.Asked) > 1e-6 || math.Abs(got.Reached-want.Reached) > 1e-6 || !near(got.Grid, want.Grid) || !near(got.Earliest, want.Earliest) {
			t.Errorf("%s: found %+v; want %+v", name, got, want)
		}
	}
}

// TestGridForgivesAnOffset: a constant delay is none, and a rate that is not the
// asked one is told.
func TestGridForgivesAnOffset(t *testing.T) {
	g := NewGrid(2000)
	for k := range 4000 {
		g.Add(time.Hour + time.Duration(k)*500*time.Microsecond)
	}
	if s := g.Stats(); s.Grid.Max > Width || s.Earliest.Max > Width || math.Abs(s.Reached-2000) > 1e-6 {
		t.Errorf("a punctual sender is found to be %+v", s)
	}
}

// TestGridIsBounded: what is far off is counted at the edge.
func TestGridIsBounded(t *testing.T) {
	g := NewGrid(1000)
	g.Add(time.Second)
	g.Add(time.Hour)
	for range 60_000 {
		g.Add(time.Hour)
	}
	if s := g.Stats(); s.Arrivals != 60_002 || s.Earliest.Max < 59*time.Minute {
		t.Errorf("found %+v", s)
	}
}

func TestAddAllocatesNothing(t *testing.T) {
	g := NewGrid(1e6)
	g.Add(0)
	at := time.Duration(0)
	if n := testing.AllocsPerRun(1000, func() { at += time.Microsecond; g.Add(at) }); n != 0 {
		t.Errorf("%v allocations an arrival; want 0", n)
	}
}

func TestNext(t *testing.T) {
	for text, want := range map[string]struct {
		n     int
		body  int64
		close bool
		bad   bool
	}{
		"GET / HTTP/1.1\r\nHost: a\r\n\r\nGET":                  {27, 0, false, false},
		"GET / HTTP/1.1\r\nHost: a\r\n":                         {0, 0, false, false},
		"GET / HTTP/1.1\r\n\r\n":                                {18, 0, false, false},
		"POST / HTTP/1.1\r\ncontent-LENGTH: 12\r\n\r\n":         {39, 12, false, false},
		"POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n":          {38, -1, false, true},
		"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n":         {39, -1, false, true},
		"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n": {47, 0, false, true},
		"GET / HTTP/1.1\r\nConnection: Close\r\n\r\n":           {37, 0, true, false},
		"GET / HTTP/1.0\r\n\r\n":                                {18, 0, true, false},
		"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n":      {42, 0, false, false},
		"\x16\x03\x01 nonsense\r\n\r\n":                         {16, 0, false, true},
	} {
		r, n := next([]byte(text))
		if n != want.n || n > 0 && (r.body != want.body || r.close != want.close || r.bad != want.bad) {
			t.Errorf("%q is %d bytes, %+v; want %+v", text, n, r, want)
		}
	}
}

func FuzzNext(f *testing.F) {
	f.Add([]byte("GET / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello"))
	f.Add([]byte("\r\n\r\n\r\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, n := next(data)
		if n < 0 || n > len(data) || !r.bad && (r.body < 0 || r.body > 11*maxBody) {
			t.Errorf("%d of %d bytes, %+v", n, len(data), r)
		}
	})
}
