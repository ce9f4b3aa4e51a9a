package live_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/pipelines"
	"github.com/fcbench/fcbench/pipelines/live"
)

// The forms in which pipelines are taught, on queues. Beside each stands what
// channels do, where the two are to agree.

func unbuffered(t testing.TB) pipelines.Policy {
	t.Helper()
	p, err := pipelines.NewUnbuffered(struct{}{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// generate sends the numbers from 1 to n.
func generate(n uint64) live.Source {
	return func(_ context.Context, send func(*pipelines.Item) bool) error {
		for i := uint64(1); i <= n; i++ {
			if !send(&pipelines.Item{Key: i}) {
				break
			}
		}
		return nil
	}
}

// squares is generate → square → sink on queues, of which square takes 10 ms and
// the sink 25 ms. It returns what came, and when the source had sent its last one.
func squares(t *testing.T, workers int, policy func() pipelines.Policy) (got []uint64, sent, ended time.Duration) {
	t.Helper()
	clock := stopwatch()
	source := func(ctx context.Context, send func(*pipelines.Item) bool) error {
		err := generate(6)(ctx, send)
		sent = clock()
		return err
	}
	square := func(ctx context.Context, it *pipelines.Item) error {
		it.Key *= it.Key
		return pause(ctx, 10*ms)
	}
	sink := func(ctx context.Context, it *pipelines.Item) error {
		got = append(got, it.Key)
		return pause(ctx, 25*ms)
	}
	p, err := live.Start(t.Context(), live.Config{Clock: clock, Sources: []live.Source{source}, Stages: []live.Stage{
		{Name: "square", Policy: policy(), Workers: workers, Work: live.Untimed(clock, square)},
		{Name: "sink", Policy: policy(), Workers: 1, Work: live.Untimed(clock, sink)},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if r := p.Wait(); r.Cause != nil || r.Done != 6 {
		t.Errorf("it ends by %v with %d done; want all 6", r.Cause, r.Done)
	}
	return got, sent, clock()
}

// channelSquares is the same on channels.
func channelSquares(capacity int) (got []uint64, sent, ended time.Duration) {
	clock := stopwatch()
	numbers, results := make(chan uint64, capacity), make(chan uint64, capacity)
	go func() {
		for n := uint64(1); n <= 6; n++ {
			numbers <- n
		}
		sent = clock()
		close(numbers)
	}()
	go func() {
		for n := range numbers {
			time.Sleep(10 * ms)
			results <- n * n
		}
		close(results)
	}()
	for n := range results {
		got = append(got, n)
		time.Sleep(25 * ms)
	}
	return got, sent, clock()
}

// TestGenerateSquareSink: the same comes out at the same time, and the source is held
// up as long, as on channels without a buffer and with one.
func TestGenerateSquareSink(t *testing.T) {
	for capacity, policy := range map[int]func() pipelines.Policy{
		0: func() pipelines.Policy { return unbuffered(t) },
		1: func() pipelines.Policy { return block(t, 1) },
		5: func() pipelines.Policy { return block(t, 5) },
	} {
		synctest.Test(t, func(t *testing.T) {
			want, wantSent, wantEnd := channelSquares(capacity)
			got, sent, end := squares(t, 1, policy)
			if !slices.Equal(got, want) || sent != wantSent || end != wantEnd {
				t.Errorf("capacity %d: %v came until %v, sent until %v; want %v, %v and %v", capacity, got, end, sent, want, wantEnd, wantSent)
			}
		})
	}
}

// TestFanOut: several workers share the work, and a WaitGroup knows when all are
// through, in whatever order.
func TestFanOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got, _, _ := squares(t, 3, func() pipelines.Policy { return block(t, 5) })
		if slices.Sort(got); !slices.Equal(got, []uint64{1, 4, 9, 16, 25, 36}) {
			t.Errorf("three workers make %v of 1 to 6; want the squares", got)
		}
	})
}

// TestSemaphore: of a hundred who come at once no more than N are served at a time,
// and no fewer as long as there are that many.
func TestSemaphore(t *testing.T) {
	for _, n := range []int{1, 3, 100} {
		synctest.Test(t, func(t *testing.T) {
			var lock sync.Mutex
			inFlight, most := 0, 0
			count := func(by int) {
				lock.Lock()
				defer lock.Unlock()
				inFlight += by
				most = max(most, inFlight)
			}
			clock := stopwatch()
			p, err := live.Start(t.Context(), live.Config{Clock: clock, Sources: []live.Source{generate(100)}, Stages: []live.Stage{
				{Policy: unbuffered(t), Workers: n, Work: live.Untimed(clock, func(ctx context.Context, _ *pipelines.Item) error {
					count(1)
					defer count(-1)
					return pause(ctx, 10*ms)
				})},
			}})
			if err != nil {
				t.Fatal(err)
			}
			rounds := time.Duration((100 + n - 1) / n)
			if r := p.Wait(); most != n || r.Done != 100 || clock() != rounds*10*ms {
				t.Errorf("semaphore %d: %d were in flight, %d done in %v; want %d, 100, %v", n, most, r.Done, clock(), n, rounds*10*ms)
			}
		})
	}
}

// TestSelectDefault: a send that does not wait is lost where there is no room, as it
// is on a channel.
func TestSelectDefault(t *testing.T) {
	policy, err := pipelines.NewDropNewest(pipelines.Config{Capacity: 5})
	if err != nil {
		t.Fatal(err)
	}
	q, c := live.NewQueue(policy, nil, nil), make(chan uint32, 5)
	for token := range uint32(12) {
		lost := false
		select {
		case c <- token:
		default:
			lost = true
		}
		if got := q.Offer(0, &pipelines.Item{Token: token}); lost != (got == pipelines.Refused) {
			t.Errorf("item %d is %v, and lost on a channel: %v", token, got, lost)
		}
	}
	q.Close()
	close(c)
	seat := live.NewSeat()
	for token := range c {
		if !q.Take(0, seat, 1) || seat.Items[0].Token != token {
			t.Errorf("item %d is taken; want %d", seat.Items[0].Token, token)
		}
	}
	if q.Take(0, seat, 1) {
		t.Errorf("item %d is taken as well", seat.Items[0].Token)
	}
}

// TestBackOff: who is refused tries again after 1, 2, 4, … ms, and gets in with the
// first try after there is room. Every try counts.
func TestBackOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		policy, err := pipelines.NewDropNewest(pipelines.Config{Capacity: 1})
		if err != nil {
			t.Fatal(err)
		}
		clock := stopwatch()
		q := live.NewQueue(policy, clock, nil)
		q.Offer(clock(), &pipelines.Item{Token: 1})
		go func() {
			time.Sleep(20 * ms)
			q.Take(clock(), live.NewSeat(), 1)
		}()
		for wait := ms; q.Offer(clock(), &pipelines.Item{Token: 2}) == pipelines.Refused; wait *= 2 {
			time.Sleep(wait)
		}
		if got := clock(); got != 31*ms || q.Counts().Dropped[pipelines.QueueFull] != 5 {
			t.Errorf("it got in at %v after %d refusals; want 31ms and 5", got, q.Counts().Dropped[pipelines.QueueFull])
		}
	})
}

// offerAfter and offerReused are the two ways in which people offer to a channel for
// a time: with a new timer for each item, and with one that is set anew.
func offerAfter(c chan<- pipelines.Item, it *pipelines.Item, d time.Duration) bool {
	select {
	case c <- *it:
		return true
	case <-time.After(d):
		return false
	}
}

func offerReused(c chan<- pipelines.Item, it *pipelines.Item, timer *time.Timer, d time.Duration) bool {
	timer.Reset(d)
	select {
	case c <- *it:
		timer.Stop()
		return true
	case <-timer.C:
		return false
	}
}

// offers are the ways to offer an item for 10 ms, with a taker for each.
func offers(t testing.TB) map[string]func() {
	it := pipelines.Item{Deadline: pipelines.Forever}
	c, timer := make(chan pipelines.Item, 1), time.NewTimer(time.Hour)
	policy, err := pipelines.NewOfferTimeout(pipelines.OfferTimeoutConfig{Config: pipelines.Config{Capacity: 1}, Timeout: units.Duration(10 * ms)})
	if err != nil {
		t.Fatal(err)
	}
	q, seat := live.NewQueue(policy, stopwatch(), nil), live.NewSeat()
	return map[string]func(){
		"time.After":   func() { offerAfter(c, &it, 10*ms); <-c },
		"reused timer": func() { offerReused(c, &it, timer, 10*ms); <-c },
		"queue":        func() { q.Send(0, &it, seat); q.Take(0, seat, 1) },
	}
}

// TestOffersAllocate: time.After makes a timer and its channel for each item, also
// where there is room; a timer that is reused and a queue make nothing.
func TestOffersAllocate(t *testing.T) {
	for name, offer := range offers(t) {
		if got, want := testing.AllocsPerRun(100, offer) > 0, name == "time.After"; got != want {
			t.Errorf("%s allocates: %v; want %v", name, got, want)
		}
	}
}

// BenchmarkOffer shows what each costs.
func BenchmarkOffer(b *testing.B) {
	for name, offer := range offers(b) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				offer()
			}
		})
	}
}
