package limiters

import (
	"math/rand/v2"
	"testing"
	"time"
)

func newCounter(tb testing.TB, limit Limit) *SlidingWindowCounter {
	tb.Helper()
	return built(tb, NewSlidingWindowCounter, windowConfig(limit)).(*SlidingWindowCounter)
}

// drain takes what is there at now, one by one, and returns how much that was.
func drain(t *testing.T, l Limiter, now time.Duration) (sum int64) {
	t.Helper()
	for allow(t, l, now, "key", 1).Allowed {
		sum++
	}
	return sum
}

// TestCounterByHand follows 10 per 100 ns through three windows.
func TestCounterByHand(t *testing.T) {
	l := newCounter(t, Limit{Rate: 10, Period: 100})
	steps := []struct {
		now  time.Duration
		n    int64
		want Decision
	}{
		{0, 11, Decision{RetryAfter: Never, Remaining: 10}},
		{50, 10, Decision{Allowed: true, At: 50, ResetAfter: 150}},
		{60, 1, Decision{At: 60, RetryAfter: 50, ResetAfter: 140}},
		{100, 10, Decision{At: 100, RetryAfter: 100, ResetAfter: 100}},
		{109, 1, Decision{At: 109, RetryAfter: 1, ResetAfter: 91}},
		{110, 1, Decision{Allowed: true, At: 110, ResetAfter: 190}},
		{149, 4, Decision{At: 149, RetryAfter: 1, ResetAfter: 151, Remaining: 3}},
	}
	for _, s := range steps {
		if got := allow(t, l, s.now, "key", s.n); got != s.want {
			t.Errorf("%d at %d came back as %+v; want %+v", s.n, s.now, got, s.want)
		}
	}
}

// TestAcrossAnEdge spends the limit a little before the end of a window, and
// asks for it once more a little after: a fixed window grants it, a log does
// not, and a counter grants the share of the older window that has left.
func TestAcrossAnEdge(t *testing.T) {
	limit := Limit{Rate: 100, Period: time.Second}
	for _, tt := range []struct {
		apart time.Duration // from the edge, on both sides
		want  map[string]int64
	}{
		{1, map[string]int64{"fixed-window": 200, "sliding-window-counter": 100, "sliding-window-log": 100}},
		{10*time.Millisecond - 1, map[string]int64{"fixed-window": 200, "sliding-window-counter": 100, "sliding-window-log": 100}},
		{25 * time.Millisecond, map[string]int64{"fixed-window": 200, "sliding-window-counter": 102, "sliding-window-log": 100}},
	} {
		for _, kind := range kinds {
			if !kind.window {
				continue
			}
			l := kind.new(t, limit)
			got := drain(t, l, limit.Period-tt.apart) + drain(t, l, limit.Period+tt.apart)
			if got != tt.want[kind.name] {
				t.Errorf("%s granted %d within %v of an edge; want %d", kind.name, got, tt.apart, tt.want[kind.name])
			}
		}
	}
}

// TestCounterAtItsWorst asks without a pause after a window that was spent at
// its very end: one less than twice the limit passes within a period.
func TestCounterAtItsWorst(t *testing.T) {
	const rate, period = 100, 1000
	l := newCounter(t, Limit{Rate: rate, Period: period})
	sum := int64(0)
	for now := time.Duration(period - 1); now < 2*period; now++ {
		sum += drain(t, l, now)
	}
	if sum != 2*rate-1 || l.Bound(period) != sum {
		t.Errorf("%d were granted in a period, and Bound says %d; want %d", sum, l.Bound(period), 2*rate-1)
	}
}

// TestCounterDeniesAtTheRate is the price of taking what is old for evenly
// spread: at just the rate there is one request too many in each full window.
func TestCounterDeniesAtTheRate(t *testing.T) {
	l := newCounter(t, Limit{Rate: 10, Period: time.Second})
	if got, want := saturate(t, l, 100*time.Millisecond, 100*time.Second), int64(10+99*9+1); got != want {
		t.Errorf("10/s asked every 100ms for 100s granted %d; want %d", got, want)
	}
}

// smallLimits are few enough to try everything.
func smallLimits(yield func(Limit) bool) {
	for period := int64(1); period <= 6; period++ {
		for rate := int64(1); rate <= period; rate++ {
			if !yield(Limit{Rate: rate, Period: time.Duration(period)}) {
				return
			}
		}
	}
}

// TestCounterBoundByBruteForce plays every way in which a key can be asked, and
// finds that the most any window of any length was granted is Bound: no more,
// and no less.
func TestCounterBoundByBruteForce(t *testing.T) {
	for limit := range smallLimits {
		l := newCounter(t, limit)
		starts := reachable(limit, 3*limit.Period)
		longest := 5 * limit.Period
		most := make([]int64, longest+1)
		for start, states := range starts {
			for w, sum := range mostGranted(limit, time.Duration(start), longest, states) {
				most[w] = max(most[w], sum)
			}
		}
		for w, want := range most {
			if got := l.Bound(time.Duration(w)); got != want {
				t.Errorf("Bound(%d) of %d per %d is %d; want %d", w, limit.Rate, limit.Period, got, want)
			}
		}
	}
}

// pair is what two windows in a row have granted, the older one first.
type pair struct{ prev, cur int64 }

// reachable returns the pairs that there can be just before each instant.
func reachable(limit Limit, end time.Duration) []map[pair]int64 {
	states := map[pair]int64{{}: 0}
	all := []map[pair]int64{states}
	for now := time.Duration(0); now < end; now++ {
		states = step(limit, now, states)
		all = append(all, states)
	}
	for _, states := range all {
		for p := range states {
			states[p] = 0
		}
	}
	return all
}

// mostGranted returns the most that can be granted from start on, by how much
// later the last instant is.
func mostGranted(limit Limit, start, longest time.Duration, states map[pair]int64) []int64 {
	most := make([]int64, longest+1)
	for w := range most {
		states = step(limit, start+time.Duration(w), states)
		for _, sum := range states {
			most[w] = max(most[w], sum)
		}
	}
	return most
}

// step grants all that the rule lets pass at now, in every way, and moves on to
// the next nanosecond. A state's value is the most granted on the way to it.
func step(limit Limit, now time.Duration, states map[pair]int64) map[pair]int64 {
	next := map[pair]int64{}
	period := int64(limit.Period)
	offset := int64(now % limit.Period)
	for p, sum := range states {
		for n := int64(0); n == 0 || p.prev*(period-offset)+(p.cur+n)*period <= limit.Rate*period; n++ {
			after := pair{p.prev, p.cur + n}
			if offset == period-1 {
				after = pair{p.cur + n, 0}
			}
			next[after] = max(next[after], sum+n)
		}
	}
	return next
}

// TestCounterReachesItsBound spends limits of all sizes as Bound says they can be.
func TestCounterReachesItsBound(t *testing.T) {
	for _, limit := range []Limit{
		{Rate: 1, Period: time.Second},
		{Rate: 2, Period: time.Second},
		{Rate: 100, Period: time.Second},
		{Rate: 1000, Period: 1000},
		{Rate: 7, Period: 1<<62 - 1},
	} {
		rng := rand.New(rand.NewPCG(5, uint64(limit.Rate)))
		for range 50 {
			w := time.Duration(rng.Int64N(min(5*int64(min(limit.Period, 1<<60)), int64(Never-limit.Period))))
			l := newCounter(t, limit)
			end := limit.Period - 1 + w
			sum := int64(0)
			for now := limit.Period - 1; now < end; now += min(limit.Period, end-now) {
				sum += drain(t, l, now)
			}
			sum += drain(t, l, end)
			if want := l.Bound(w); sum != want {
				t.Errorf("%d per %v granted %d in %v; Bound says %d", limit.Rate, limit.Period, sum, w, want)
			}
		}
	}
}

// TestCounterBoundIsClipped where the true one does not fit an int64.
func TestCounterBoundIsClipped(t *testing.T) {
	l := newCounter(t, Limit{Rate: int64(Never), Period: Never})
	if got := l.Bound(Never); got != int64(Never) {
		t.Errorf("the bound of the largest limit is %d; want %d", got, int64(Never))
	}
	l = newCounter(t, Limit{Rate: 2, Period: 2})
	if got := l.Bound(Never); got != 3+(1<<62-1) {
		t.Errorf("the bound of 2 in 2ns, for ever, is %d; want %d", got, int64(3+(1<<62-1)))
	}
}

// TestCounterWaits looks at every nanosecond of the waits: until the end of one
// the request is denied, and from then on it is granted.
func TestCounterWaits(t *testing.T) {
	rng := rand.New(rand.NewPCG(6, 6))
	for limit := range smallLimits {
		l, now := newCounter(t, limit), time.Duration(0)
		for range 300 {
			now += time.Duration(rng.Int64N(int64(limit.Period)/2 + 2))
			d := allow(t, l, now, "key", 1+rng.Int64N(limit.Rate))
			mustWait(t, l, now, limit.Rate, d.ResetAfter)
			for n := int64(1); n <= limit.Rate; n++ {
				mustWait(t, l, now, n, peek(t, l, now, "key", n).RetryAfter)
			}
		}
	}
}

// mustWait asks for n at each instant from now on, well beyond the wait.
func mustWait(t *testing.T, l *SlidingWindowCounter, now time.Duration, n int64, wait time.Duration) {
	t.Helper()
	for later := range 3 * l.info.Limit.Period {
		if got := peek(t, l, now+later, "key", n).Allowed; got != (later >= wait) {
			t.Fatalf("%+v: %d were to wait for %d at %d, and %d later Allowed is %v", l.info.Limit, n, wait, now, later, got)
		}
	}
}

// TestCounterOfTheLongestWindow has waits that no duration can hold.
func TestCounterOfTheLongestWindow(t *testing.T) {
	l := newCounter(t, Limit{Rate: 3, Period: Never})
	allow(t, l, 5, "key", 2)
	if d := allow(t, l, 5, "key", 3); d.Allowed || d.RetryAfter != Never || d.ResetAfter != Never {
		t.Errorf("what is to wait for two windows of %v came back as %+v; want Never", Never, d)
	}
	if d := allow(t, l, 5, "key", 1); !d.Allowed {
		t.Errorf("the third of three came back as %+v; want it granted", d)
	}
}
