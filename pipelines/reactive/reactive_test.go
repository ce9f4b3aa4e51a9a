package reactive_test

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	. "github.com/fcbench/fcbench/pipelines/reactive"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func number(i int64) int64 { return i }

// log is what a subscriber was sent.
type log struct {
	Consumer[int64]
	got   []int64
	err   error
	ended bool
}

func listen(p Publisher[int64], prefetch int64) *log {
	l := &log{}
	l.Prefetch = prefetch
	l.Next = func(v int64) { l.got = append(l.got, v) }
	l.End = func(err error) { l.err, l.ended = err, true }
	p.Subscribe(l)
	return l
}

// hot is a source that is driven by the test and heeds no demand.
type hot struct {
	to        Subscriber[int64]
	requested []int64
	cancelled bool
}

func (h *hot) Subscribe(to Subscriber[int64]) { h.to = to; to.OnSubscribe(h) }
func (h *hot) Request(n int64)                { h.requested = append(h.requested, n) }
func (h *hot) Cancel()                        { h.cancelled = true }

// send sends from..to-1 as long as it is not cancelled, and returns how many.
func (h *hot) send(from, to int64) int {
	n := 0
	for i := from; i < to && !h.cancelled; i++ {
		h.to.OnNext(i)
		n++
	}
	return n
}

func count(from, to int64) []int64 {
	var all []int64
	for ; from < to; from++ {
		all = append(all, from)
	}
	return all
}

func TestPublishOnPrefetches256AndReplenishesAt75Percent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &hot{}
		l := listen(PublishOn[int64](h, DefaultPrefetch), 0)
		synctest.Wait()
		h.send(0, 256)
		for _, step := range []struct {
			request int64
			want    []int64
		}{{191, []int64{256}}, {1, []int64{256, 192}}, {64, []int64{256, 192}}} {
			l.Request(step.request)
			synctest.Wait()
			if !slices.Equal(h.requested, step.want) {
				t.Errorf("after %d were sent on, the source was asked for %v; want %v", len(l.got), h.requested, step.want)
			}
		}
		if !slices.Equal(l.got, count(0, 256)) {
			t.Errorf("got %d elements, or in another order; want 0…255", len(l.got))
		}
		l.Cancel()
		synctest.Wait()
		if !h.cancelled {
			t.Error("cancelling did not reach the source")
		}
	})
}

func TestPublishOnRefusesWhatItDidNotRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &hot{}
		l := listen(PublishOn[int64](h, 4), 0)
		synctest.Wait()
		h.send(0, 10)
		l.Request(100)
		synctest.Wait()
		if !slices.Equal(l.got, count(0, 4)) || !errors.Is(l.err, ErrOverflow) || !h.cancelled {
			t.Errorf("got %v, %v, cancelled %t; want the four requested, ErrOverflow, cancelled", l.got, l.err, h.cancelled)
		}
	})
}

func TestBufferOf1000CancelsTheSourceAtThe1001stAndErrsAfterWhatIsBuffered(t *testing.T) {
	h := &hot{}
	var dropped []int64
	l := listen(Relieve[int64](h, OverflowBuffer, DefaultBuffer, func(v int64) { dropped = append(dropped, v) }), 0)
	if !slices.Equal(h.requested, []int64{Unbounded}) {
		t.Errorf("the source was asked for %v; want everything at once", h.requested)
	}
	if n := h.send(0, 1000); n != 1000 || h.cancelled {
		t.Fatalf("%d were sent, cancelled %t; want 1,000 kept and the source going on", n, h.cancelled)
	}
	if n := h.send(1000, 2000); n != 1 || !h.cancelled {
		t.Fatalf("%d more were sent, cancelled %t; want the source cancelled by the 1,001st", n, h.cancelled)
	}
	l.Request(999)
	if l.ended || len(l.got) != 999 {
		t.Fatalf("after 999 of 1,000: %d, ended %t; want no error before the last", len(l.got), l.ended)
	}
	l.Request(1)
	if !slices.Equal(l.got, count(0, 1000)) || !errors.Is(l.err, ErrOverflow) {
		t.Errorf("got %d elements and %v; want 1,000 and then ErrOverflow", len(l.got), l.err)
	}
	if !slices.Equal(dropped, []int64{1000}) {
		t.Errorf("dropped %v; want the 1,001st", dropped)
	}
}

func TestOverflow(t *testing.T) {
	for _, c := range []struct {
		how       OnOverflow
		got, lost []int64
		err       error
	}{
		{OverflowDrop, []int64{0, 1, 6, 7}, []int64{2, 3, 4, 5, 8, 9}, nil},
		{OverflowLatest, []int64{0, 1, 5, 6, 9}, []int64{2, 3, 4, 7, 8}, nil},
		{OverflowError, []int64{0, 1}, []int64{2}, ErrOverflow},
	} {
		t.Run(string(c.how), func(t *testing.T) {
			h := &hot{}
			var lost []int64
			l := listen(Relieve[int64](h, c.how, 0, func(v int64) { lost = append(lost, v) }), 2)
			l.Consumer.Prefetch = 0
			h.send(0, 6)
			l.Request(2)
			h.send(6, 10)
			h.to.OnComplete()
			l.Request(1)
			if !slices.Equal(l.got, c.got) || !slices.Equal(lost, c.lost) || !errors.Is(l.err, c.err) || !l.ended {
				t.Errorf("got %v, lost %v, ended %t with %v; want %v, %v, %v", l.got, lost, l.ended, l.err, c.got, c.lost, c.err)
			}
			if h.cancelled != (c.err != nil) {
				t.Errorf("cancelled is %t; want the source cancelled by an error only", h.cancelled)
			}
		})
	}
}

// remote has a distance between subscriber and source: a request takes half of the
// round trip, an element the other half, after its service.
type remote struct{ half, service time.Duration }

func (r remote) Subscribe(to Subscriber[int64]) {
	to.OnSubscribe(&call{remote: r, to: to})
}

type call struct {
	remote
	mu     sync.Mutex
	to     Subscriber[int64]
	freeAt time.Time
	sent   int64
	over   bool
}

func (c *call) Cancel() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.over = true
}

func (c *call) Request(n int64) {
	time.AfterFunc(c.half, func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		for range n {
			if now := time.Now(); c.freeAt.Before(now) {
				c.freeAt = now
			}
			c.freeAt = c.freeAt.Add(c.service)
			time.AfterFunc(time.Until(c.freeAt)+c.half, c.deliver)
		}
	})
}

func (c *call) deliver() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.over {
		c.sent++
		c.to.OnNext(c.sent)
	}
}

// One requested at a time is one per round trip and service; a prefetch that covers
// the round trip is one per service.
func TestRequest1YieldsOnePerRoundTripAndService(t *testing.T) {
	for _, c := range []struct {
		prefetch int64
		want     int64 // in ten seconds
	}{{1, 10_000 / (8 + 2)}, {2, 2 * (10_000 / (8 + 2*2))}, {256, (10_000 - 8) / 2}} {
		synctest.Test(t, func(t *testing.T) {
			l := listen(remote{4 * time.Millisecond, 2 * time.Millisecond}, c.prefetch)
			time.Sleep(10 * time.Second) // of virtual time
			synctest.Wait()
			l.Cancel()
			if got := int64(len(l.got)); got != c.want {
				t.Errorf("prefetch %d: %d elements in 10 s; want %d", c.prefetch, got, c.want)
			}
			time.Sleep(time.Second)
		})
	}
}

func TestManyGoroutinesRequestAndNothingIsLostOrRecurs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := listen(PublishOn(PublishOn(Of(20_000, number), 7), 1), 0)
		for range 8 {
			go func() {
				for range 5_000 / 2 {
					l.Request(1)
				}
			}()
		}
		synctest.Wait()
		if !slices.Equal(l.got, count(0, 20_000)) || !l.ended || l.err != nil {
			t.Errorf("got %d, ended %t, %v; want 20,000 in order and completion", len(l.got), l.ended, l.err)
		}
	})
}

func TestLatestUnderConcurrentRequestsLosesExactlyWhatItReports(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &hot{}
		lost := 0
		l := listen(Relieve[int64](h, OverflowLatest, 0, func(int64) { lost++ }), 0)
		go func() {
			for range 10_000 {
				l.Request(1)
			}
		}()
		h.send(0, 10_000)
		h.to.OnComplete()
		synctest.Wait()
		if len(l.got)+lost != 10_000 || !l.ended || !slices.IsSorted(l.got) {
			t.Errorf("%d received + %d lost, ended %t; want 10,000, in order, completed", len(l.got), lost, l.ended)
		}
	})
}

func TestAProcessorHasOneSubscriber(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, _ := NewProcessor[int64](4)
		a, b := listen(p, 10), listen(p, 10)
		Of(3, number).Subscribe(p)
		synctest.Wait()
		if !slices.Equal(a.got, count(0, 3)) || !errors.Is(b.err, ErrTaken) {
			t.Errorf("got %v and %v; want all for the first and ErrTaken for the second", a.got, b.err)
		}
	})
}

func TestWrongSizesAreRefused(t *testing.T) {
	_, err := NewProcessor[int64](-1)
	for want, got := range map[string]error{
		"prefetch is -1; want 1 or more":                          err,
		"prefetch is 0; want 1 or more":                           listen(PublishOn(Of(1, number), 0), 1).err,
		"capacity is -5; want 1 or more":                          listen(Relieve(Of(1, number), OverflowBuffer, -5, nil), 1).err,
		`overflow is "spill"; want buffer, drop, latest or error`: listen(Relieve(Of(1, number), "spill", 1, nil), 1).err,
	} {
		if got == nil || got.Error() != want {
			t.Errorf("got %v; want %s", got, want)
		}
	}
}

func TestNothingIsAllocatedPerElement(t *testing.T) {
	for name, p := range streams(nil) {
		l := &Consumer[int64]{}
		p.Subscribe(l)
		if n := testing.AllocsPerRun(100, func() { l.Request(100) }); n >= 1 {
			t.Errorf("%s: %v allocations for 100 elements; want 0", name, n)
		}
		l.Cancel()
	}
}

func streams(next func(int64)) map[string]Publisher[int64] {
	return map[string]Publisher[int64]{
		"source":    Of(Unbounded, number),
		"publishOn": PublishOn(Of(Unbounded, number), DefaultPrefetch),
		"buffer":    Relieve(Of(1000, number), OverflowBuffer, DefaultBuffer, next),
	}
}

func BenchmarkElement(b *testing.B) {
	for name, p := range map[string]Publisher[int64]{
		"source":    Of(Unbounded, number),
		"publishOn": PublishOn(Of(Unbounded, number), DefaultPrefetch),
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			left, all := b.N, make(chan struct{})
			l := &Consumer[int64]{Prefetch: DefaultPrefetch}
			l.Next = func(int64) {
				if left--; left == 0 {
					l.Cancel()
					close(all)
				}
			}
			p.Subscribe(l)
			<-all
		})
	}
	for _, how := range []OnOverflow{OverflowBuffer, OverflowDrop, OverflowLatest, OverflowError} {
		b.Run(string(how), func(b *testing.B) {
			b.ReportAllocs()
			h := &hot{}
			Relieve[int64](h, how, DefaultBuffer, nil).Subscribe(&Consumer[int64]{Prefetch: DefaultPrefetch})
			for b.Loop() {
				h.to.OnNext(1)
			}
		})
	}
}

func TestWhatThereIsDemandForIsNotLostWhileMoreIsRequested(t *testing.T) {
	const n = 10_000
	for _, how := range []OnOverflow{OverflowDrop, OverflowError} {
		synctest.Test(t, func(t *testing.T) {
			h := &hot{}
			l := listen(Relieve[int64](h, how, 0, nil), n)
			l.Consumer.Prefetch = 0
			go func() {
				for range 2 * n {
					l.Request(1)
				}
			}()
			h.send(0, n)
			synctest.Wait()
			if len(l.got) != n {
				t.Errorf("%s: got %d of %d that were requested", how, len(l.got), n)
			}
		})
	}
}
