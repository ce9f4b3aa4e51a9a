package pipelines_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/seed"
	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/pipelines"
)

// TestConsumerPauses: what a consumer fetches, keeps and throws away, step by step. A
// fetch brings 4 and takes 10 ms, the workers have room for 3.
func TestConsumerPauses(t *testing.T) {
	for _, c := range []struct {
		high, low units.Count
		want      []string
	}{
		// The first fetch brings the first one alone; 4 more come at 20 ms, 2 of whom the
		// workers have no room for. The 4 after them come in the pause. Two are taken
		// until nobody waits in the consumer's queue, and the 4 come again 10 ms later.
		// Of the last 4 nobody is left to be thrown away.
		{1, 0, []string{"10ms", "20ms paused", "30ms thrown away", "40ms paused", "50ms thrown away", "60ms paused"}},
		// At 30 ms 6 are in the consumer's queue, at 40 ms 10, which are all.
		{8, 4, []string{"10ms", "20ms", "30ms", "40ms paused"}},
	} {
		config := consumer(10*time.Millisecond, c.low)
		config.High = c.high
		p := must(t, config, pipelines.NewBroker)().(interface {
			pipelines.Timed
			pipelines.Fetching
		})
		for i := range uint32(13) {
			p.Offer(0, &pipelines.Item{Token: i})
		}
		var log []string
		var it pipelines.Item
		for before := p.Fetches(); p.NextDeadline() != pipelines.Forever && len(log) < 20; before = p.Fetches() {
			now := p.NextDeadline()
			p.Advance(now)
			line := fmt.Sprint(now)
			switch after := p.Fetches(); {
			case after.Pauses > before.Pauses:
				line += " paused"
			case after.Delivered == before.Delivered:
				line += " thrown away"
			}
			if log = append(log, line); strings.Contains(line, "thrown") {
				for p.NextDeadline() == pipelines.Forever {
					p.Take(now, &it)
				}
			}
		}
		if !slices.Equal(log, c.want) {
			t.Errorf("pause at %d, on at %d: %q; want %q", c.high, c.low, log, c.want)
		}
	}
}

// TestConsumerKeepsWithinMemory: whatever is offered and taken, no level holds more than
// it may, nothing comes out of turn, and all that was offered comes in the end.
func TestConsumerKeepsWithinMemory(t *testing.T) {
	for salt := range uint64(20) {
		config := consumer(time.Millisecond, 3)
		config.Memory, config.Partition = 6<<10, 1<<20
		p := must(t, config, pipelines.NewBroker)()
		draw, next, refused := seed.New(salt), uint32(0), 0
		now, offered := time.Duration(0), 0
		var it pipelines.Item
		take := func() {
			if ok, _ := p.Take(now, &it); ok {
				if it.Token != next {
					t.Fatalf("item %d comes after %d; want them in turn", it.Token, next-1)
				}
				next++
			}
		}
		for i := range uint64(4000) {
			if now += time.Duration(draw.Uint64(3*i) % 500_000); draw.Uint64(3*i+1)%2 == 0 {
				take()
				continue
			}
			item := pipelines.Item{Token: uint32(offered), Size: int64(draw.Uint64(3*i+2) % (7 << 10))}
			if a := p.Offer(now, &item); a.Verdict == pipelines.Accepted {
				offered++
			} else if refused++; item.Size <= 6<<10 || a.Dropped[0].Cause != pipelines.MemoryGuard {
				t.Errorf("an item of %d bytes is %v as %v", item.Size, a.Verdict, a.Dropped)
			}
		}
		for range 100_000 {
			now += time.Millisecond
			take()
		}
		f := p.(pipelines.Fetching).Fetches()
		if int(next) != offered || f.Delivered != uint64(offered) || f.Fetched < f.Delivered || refused == 0 {
			t.Errorf("%d of %d came, %d were refused: %+v", next, offered, refused, f)
		}
		if f.MostBytes > 6<<10 || f.MostConsumer > 11 || f.MostWorker > 3 || f.Pauses == 0 {
			t.Errorf("the levels had %+v at most; want 6 KiB in all, 11 and 3", f)
		}
	}
}

// TestBadBroker: all that is wrong is said at once.
func TestBadBroker(t *testing.T) {
	_, err := pipelines.NewBroker(pipelines.BrokerConfig{High: 3, Low: 3, Fetch: -1})
	for _, want := range []string{"capacity is 0; want 1 to", "partition is 0; want 1 to", "max_poll is 0; want 1 to", "low is 3 and high 3; want low below high", "fetch is -1ns; want 0s or more", "memory is 0B; want 64B to"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v; want it to say %s", err, want)
		}
	}
	config := pipelines.DefaultBrokerConfig()
	config.Low = 2000
	if _, err := pipelines.NewBroker(config); err == nil || !strings.Contains(err.Error(), "low is 2000 and high 1000") {
		t.Errorf("error is %v", err)
	}
}
