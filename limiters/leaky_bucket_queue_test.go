package limiters

import (
	"math/rand/v2"
	"testing"
	"time"
)

func newQueue(t *testing.T, limit Limit) *LeakyBucketQueue {
	t.Helper()
	l, err := NewLeakyBucketQueue(bucketConfig(limit))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestQueueDelays(t *testing.T) {
	l := newQueue(t, Limit{Rate: 3, Period: time.Second, Burst: 4})
	steps := []struct {
		now, delay time.Duration
		n          int64
		allowed    bool
	}{
		{0, 0, 1, true},
		{0, 333_333_334, 2, true},
		{0, time.Second, 1, true},
		{0, 0, 1, false}, // full; who is denied does not wait
		{time.Second, 333_333_334, 2, true},
		{2 * time.Second, 0, 4, true},
		{5 * time.Second, 0, 5, false},
	}
	for i, s := range steps {
		d := allow(t, l, s.now, "key", s.n)
		if d.Allowed != s.allowed || d.Delay != s.delay {
			t.Errorf("step %d: %d at %v came back as %+v; want Allowed %v and Delay %v", i, s.n, s.now, d, s.allowed, s.delay)
		}
	}
}

// A departure is n tokens that leave together.
type departure struct {
	at time.Duration
	n  int64
}

// queueLimits have turns that fall between nanoseconds in every way.
var queueLimits = []Limit{
	{1, 1, 3}, {1, 5, 1}, {1, 5, 2}, {2, 3, 1}, {2, 3, 2}, {3, 7, 2}, {5, 7, 4}, {7, 8, 2}, {6, 35, 3},
}

// TestQueueKeepsItsBound looks at every window of random traffic.
func TestQueueKeepsItsBound(t *testing.T) {
	for i, limit := range queueLimits {
		rng := rand.New(rand.NewPCG(uint64(i), 7))
		l, left := newQueue(t, limit), []departure{}
		for _, r := range randomRequests(rng, limit, 600) {
			if d := allow(t, l, r.now, "key", r.n); d.Allowed {
				left = append(left, departure{d.At + d.Delay, r.n})
			}
		}
		for i, first := range left {
			sum := int64(0)
			for j, last := range left[i:] {
				if j > 0 && last.at < left[i+j-1].at {
					t.Fatalf("%+v: what came later left at %v, before %v", limit, last.at, left[i+j-1].at)
				}
				sum += last.n
				if most := l.Bound(last.at - first.at); sum > most {
					t.Fatalf("%+v: %d left from %v to %v; want at most %d", limit, sum, first.at, last.at, most)
				}
			}
		}
	}
}

// TestQueueReachesItsBound does for each window what the proof says: single
// tokens from a turn that was rounded up most, and the burst at the very end.
func TestQueueReachesItsBound(t *testing.T) {
	for _, limit := range queueLimits {
		for w := range 5 * limit.Period {
			want, most := newQueue(t, limit).Bound(w), int64(0)
			for first := range 2 * limit.Rate {
				most = max(most, mostLeaving(t, limit, w, int(first), want-limit.Burst))
			}
			if most != want {
				t.Errorf("%+v: in a window of %d ns %d left; want %d", limit, w, most, want)
			}
		}
	}
}

// mostLeaving returns how many tokens leave in the window of length w that opens
// with the departure numbered first: singles, as soon as they are accepted, and
// then the burst.
func mostLeaving(t *testing.T, limit Limit, w time.Duration, first int, singles int64) (sum int64) {
	t.Helper()
	l, left := newQueue(t, limit), []departure{}
	now := time.Duration(0)
	for len(left) < first+int(singles) {
		d := allow(t, l, now, "key", 1)
		if d.Allowed {
			left = append(left, departure{d.At + d.Delay, 1})
		} else {
			now += d.RetryAfter
		}
	}
	opens := time.Duration(0)
	if first < len(left) {
		opens = left[first].at
	}
	if d := allow(t, l, opens+w, "key", limit.Burst); d.Allowed {
		left = append(left, departure{d.At + d.Delay, limit.Burst})
	}
	for _, d := range left {
		if opens <= d.at && d.at <= opens+w {
			sum += d.n
		}
	}
	return sum
}
