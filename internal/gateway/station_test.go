package gateway

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

const ms = time.Millisecond

func TestStation(t *testing.T) {
	type enter struct {
		at, need, end time.Duration // end 0: no place
	}
	for name, tt := range map[string]struct {
		servers, places int
		calendar        calendar
		enters          []enter
	}{
		"a server for each": {0, 0, calendar{}, []enter{{0, 5 * ms, 5 * ms}, {0, 5 * ms, 5 * ms}, {ms, 0, ms}}},
		"one server":        {1, 2, calendar{}, []enter{{0, 5 * ms, 5 * ms}, {ms, 5 * ms, 10 * ms}, {ms, 5 * ms, 15 * ms}, {4 * ms, 1, 0}, {5 * ms, 1 * ms, 16 * ms}, {5 * ms, 1, 0}}},
		"no queue":          {1, 0, calendar{}, []enter{{0, 5 * ms, 5 * ms}, {4 * ms, 1, 0}, {5 * ms, 5 * ms, 10 * ms}}},
		"two servers":       {2, 1, calendar{}, []enter{{0, 9 * ms, 9 * ms}, {0, 3 * ms, 3 * ms}, {0, 4 * ms, 7 * ms}, {0, 1, 0}, {3 * ms, ms, 8 * ms}}},
		"an arrival out of order counts as of the one before": {1, 1, calendar{}, []enter{{5 * ms, ms, 6 * ms}, {2 * ms, ms, 7 * ms}}},
		"it stands still": {1, 5, calendar{10 * ms, 100 * ms, 90 * ms}, []enter{
			{85 * ms, 5 * ms, 90 * ms}, {89 * ms, 5 * ms, 105 * ms}, {95 * ms, 5 * ms, 110 * ms}, {195 * ms, 0, 200 * ms}, {380 * ms, 200 * ms, 610 * ms},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStation(tt.servers, tt.places, tt.calendar)
			for i, e := range tt.enters {
				end, ok := s.enter(e.at, func() time.Duration { return e.need })
				if end != e.end || ok != (e.end > 0) {
					t.Errorf("arrival %d ends at %v, %v; want %v", i, end, ok, e.end)
				}
			}
		})
	}
}

// TestStationAgainstSimulation: what is known at arrival is what happens to servers
// and a queue that are followed step by step.
func TestStationAgainstSimulation(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		servers, places := 1+r.IntN(4), r.IntN(5)
		s := newStation(servers, places, calendar{})
		busy := make([]time.Duration, servers) // until when
		var waiting []time.Duration            // needs, in order
		step := func(now time.Duration) {      // lets queued ones begin at the instants at which servers become free
			for len(waiting) > 0 {
				i := slices.Index(busy, slices.Min(busy))
				if busy[i] > now {
					return
				}
				busy[i] += waiting[0]
				waiting = waiting[1:]
			}
		}
		var now time.Duration
		for i := range 300 {
			now += time.Duration(r.IntN(8))
			need := time.Duration(1 + r.IntN(20))
			step(now)
			free := slices.Min(busy) <= now
			got, ok := s.enter(now, func() time.Duration { return need })
			if want := free || len(waiting) < places; ok != want {
				t.Fatalf("arrival %d at %v: let in is %v; want %v", i, now, ok, want)
			}
			if !ok {
				continue
			}
			// its end: everybody before it, on copies
			after := slices.Clone(busy)
			var end time.Duration
			for _, n := range append(slices.Clone(waiting), need) {
				at := slices.Index(after, slices.Min(after))
				end = max(after[at], now) + n
				after[at] = end
			}
			if got != end {
				t.Fatalf("arrival %d at %v ends at %v; want %v", i, now, got, end)
			}
			if free {
				busy[slices.Index(busy, slices.Min(busy))] = now + need
			} else {
				waiting = append(waiting, need)
			}
		}
	}
}

// FuzzCalendar: a service ends when so much time has passed that does not count as
// standing still, and not earlier.
func FuzzCalendar(f *testing.F) {
	f.Add(int64(10), int64(100), int64(90), int64(85), int64(5))
	f.Add(int64(1), int64(2), int64(0), int64(0), int64(0))
	f.Fuzz(func(t *testing.T, length, every, first, start, need int64) {
		bound := func(v, least, most int64) time.Duration { return time.Duration(least + (v&(1<<62-1))%(most-least+1)) }
		c := calendar{every: bound(every, 2, 40)}
		c.length, c.first = bound(length, 1, int64(c.every)-1), bound(first, 0, 50)
		from, rest := bound(start, 0, 200), bound(need, 0, 100)
		still := func(at time.Duration) bool { return at >= c.first && (at-c.first)%c.every < c.length }
		end := from
		for still(end) || rest > 0 { // a nanosecond at a time
			if !still(end) {
				rest--
			}
			end++
			if rest == 0 && need != 0 && end > from && !still(end-1) {
				break
			}
		}
		if got := c.end(from, bound(need, 0, 100)); got != end {
			t.Errorf("%+v: %v from %v on ends at %v; want %v", c, bound(need, 0, 100), from, got, end)
		}
	})
}
