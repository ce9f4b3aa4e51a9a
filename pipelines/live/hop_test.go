package live_test

import (
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/pipelines"
	"github.com/fcbench/fcbench/pipelines/live"
)

func block(t testing.TB, capacity units.Count) pipelines.Policy {
	t.Helper()
	p, err := pipelines.NewBlock(pipelines.Config{Capacity: capacity})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

const hopCapacity = 64

// hops sends through a queue to a goroutine that takes; each asks for the instants.
func hops(b *testing.B, now func() time.Duration) {
	q, ended := live.NewQueue(block(b, hopCapacity), nil, nil), make(chan struct{})
	go func() {
		for seat := live.NewSeat(); q.Take(0, seat, 1); {
		}
		close(ended)
	}()
	it, seat := pipelines.Item{Deadline: pipelines.Forever}, live.NewSeat()
	b.ReportAllocs()
	for b.Loop() {
		q.Send(now(), &it, seat)
	}
	q.Close()
	<-ended
}

// BenchmarkHop is a hop through a queue that is told the time, BenchmarkLiveHop one
// that reads the clock once, as a source does.
func BenchmarkHop(b *testing.B) { hops(b, func() time.Duration { return 0 }) }

func BenchmarkLiveHop(b *testing.B) {
	start := time.Now()
	hops(b, func() time.Duration { return time.Since(start) })
}

// BenchmarkChannelHop and BenchmarkLiveChannelHop are what they are compared with.
func BenchmarkChannelHop(b *testing.B) { channelHops(b, func() time.Duration { return 0 }) }

func BenchmarkLiveChannelHop(b *testing.B) {
	start := time.Now()
	channelHops(b, func() time.Duration { return time.Since(start) })
}

func channelHops(b *testing.B, now func() time.Duration) {
	c, ended := make(chan pipelines.Item, hopCapacity), make(chan struct{})
	go func() {
		for range c {
		}
		close(ended)
	}()
	it := pipelines.Item{Deadline: pipelines.Forever}
	b.ReportAllocs()
	for b.Loop() {
		it.Offered = now()
		c <- it
	}
	close(c)
	<-ended
}

// The same without a goroutine on the other side, which the scheduler has no part in.
func BenchmarkHopAlone(b *testing.B) {
	q, seat := live.NewQueue(block(b, hopCapacity), nil, nil), live.NewSeat()
	it := pipelines.Item{Deadline: pipelines.Forever}
	for b.Loop() {
		q.Send(0, &it, seat)
		q.Take(0, seat, 1)
	}
}

func BenchmarkChannelHopAlone(b *testing.B) {
	c, it := make(chan pipelines.Item, hopCapacity), pipelines.Item{Deadline: pipelines.Forever}
	for b.Loop() {
		c <- it
		it = <-c
	}
}

// TestHopAllocatesNothing: neither a hop nor a wait at either end does.
func TestHopAllocatesNothing(t *testing.T) {
	q := live.NewQueue(block(t, 1), nil, nil)
	taken, seat := make(chan struct{}), live.NewSeat()
	go func() {
		defer close(taken)
		for seat := live.NewSeat(); q.Take(0, seat, 1); {
		}
	}()
	it := pipelines.Item{Deadline: pipelines.Forever}
	if n := testing.AllocsPerRun(1000, func() { q.Send(0, &it, seat) }); n != 0 {
		t.Errorf("a hop allocates %v times; want 0", n)
	}
	q.Close()
	<-taken
}
