package arrivals

import (
	"testing"
	"time"
)

// TestRest: so long that it gathers something, and never so long that a sender with few
// connections is kept from its next request.
func TestRest(t *testing.T) {
	for _, tt := range []struct {
		perSecond, connections int
		least, most            time.Duration
	}{
		{1000, 50, 0, 0},
		{5000, 50, 0, 0},
		{50_000, 50, longestRest, longestRest},
		{50_000, 1000, longestRest, longestRest},
		{50_000, 16, 78 * time.Microsecond, 81 * time.Microsecond},
		{50_000, 4, 0, 0},
		{50_000, 1, 0, 0},
		{200_000, 64, 78 * time.Microsecond, 81 * time.Microsecond},
	} {
		r, now, length := newRest(), time.Hour, time.Duration(0)
		gap := time.Second / time.Duration(tt.perSecond)
		for range 2000 {
			n := max(1, length/gap)
			now += n * gap
			length = r.after(now, int(n), tt.connections)
		}
		if length < tt.least || length > tt.most {
			t.Errorf("%d/s on %d connections: it rests for %v; want %v to %v", tt.perSecond, tt.connections, length, tt.least, tt.most)
		}
	}
}

// TestRestEnds: after a moment without requests it waits for the next one.
func TestRestEnds(t *testing.T) {
	r, now := newRest(), time.Duration(0)
	for range 1000 {
		now += 200 * time.Microsecond
		r.after(now, 10, 50)
	}
	if length := r.after(now+20*time.Millisecond, 1, 50); length > 0 {
		t.Errorf("it rests for %v after 20 ms in which nothing came", length)
	}
}
