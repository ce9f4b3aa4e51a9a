package live_test

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/pipelines"
	"github.com/fcbench/fcbench/pipelines/live"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const ms = time.Millisecond

// stopwatch is a clock that starts now.
func stopwatch() func() time.Duration {
	start := time.Now()
	return func() time.Duration { return time.Since(start) }
}

// TestTheSixthSendBlocks: on a channel of five the sixth send waits until one is
// taken, on one of ten the eleventh does.
func TestTheSixthSendBlocks(t *testing.T) {
	for _, capacity := range []units.Count{5, 10} {
		synctest.Test(t, func(t *testing.T) {
			q := live.NewQueue(block(t, capacity), stopwatch(), nil)
			sent := 0
			go func() {
				seat := live.NewSeat()
				for i := uint32(1); ; i++ {
					if _, ok := q.Send(0, &pipelines.Item{Token: i}, seat); !ok {
						return
					}
					sent++
				}
			}()
			synctest.Wait()
			inside, waiting := q.Len()
			if sent != int(capacity) || inside != sent || waiting != 1 {
				t.Errorf("%d were sent, %d are inside and %d wait; want %d, all inside, and 1", sent, inside, waiting, capacity)
			}
			seat := live.NewSeat()
			q.Take(0, seat, 1)
			synctest.Wait()
			if seat.Items[0].Token != 1 || sent != int(capacity)+1 {
				t.Errorf("after item %d was taken %d were sent; want the first to be, and one more", seat.Items[0].Token, sent)
			}
			q.Abort()
		})
	}
}

// TestOfferTimeout: who stands at the door for the timeout leaves then, and the one
// behind it in its turn; who waits with an item is let go as well.
func TestOfferTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		policy, err := pipelines.NewOfferTimeout(pipelines.OfferTimeoutConfig{Config: pipelines.Config{Capacity: 1}, Timeout: units.Duration(10 * ms)})
		if err != nil {
			t.Fatal(err)
		}
		clock := stopwatch()
		gone := map[uint32]time.Duration{}
		q := live.NewQueue(policy, clock, func(now time.Duration, all []pipelines.Drop) {
			for _, d := range all {
				gone[d.Item.Token] = now
			}
		})
		q.Offer(clock(), &pipelines.Item{Token: 1})
		q.Offer(clock(), &pipelines.Item{Token: 2})
		time.Sleep(4 * ms)
		at, goesOn := q.Send(clock(), &pipelines.Item{Token: 3}, live.NewSeat())
		if at != 14*ms || clock() != 14*ms || !goesOn {
			t.Errorf("the third was let go at %v, known at %v; want 14ms", at, clock())
		}
		if gone[2] != 10*ms || gone[3] != 14*ms || len(gone) != 2 {
			t.Errorf("gave up: %v; want 2 at 10ms and 3 at 14ms", gone)
		}
		q.Abort()
	})
}

// TestDropOldestLosesWhatItReports: with four who send at once, everything is taken
// once or reported once, and nothing twice.
func TestDropOldestLosesWhatItReports(t *testing.T) {
	const senders, each = 4, 5000
	policy, err := pipelines.NewDropOldest(pipelines.Config{Capacity: 8})
	if err != nil {
		t.Fatal(err)
	}
	fate, dropped := make([]int, senders*each), 0
	q := live.NewQueue(policy, nil, func(_ time.Duration, all []pipelines.Drop) {
		for _, d := range all {
			fate[d.Item.Token]++
			dropped++
		}
	})
	var sending sync.WaitGroup
	for i := range uint32(senders) {
		sending.Go(func() {
			seat := live.NewSeat()
			for k := range uint32(each) {
				q.Send(time.Duration(k), &pipelines.Item{Token: i*each + k}, seat)
			}
		})
	}
	go func() { sending.Wait(); q.Close() }()
	taken, all := 0, make([]uint32, 0, senders*each)
	for seat := live.NewSeat(); q.Take(0, seat, 1); taken++ {
		all = append(all, seat.Items[0].Token)
	}
	for _, token := range all {
		fate[token]++
	}
	for token, n := range fate {
		if n != 1 {
			t.Fatalf("item %d was taken or reported %d times; want once", token, n)
		}
	}
	c := q.Counts()
	if c.Offered != senders*each || int(c.Taken) != taken || int(c.Dropped[pipelines.DroppedOldest]) != dropped || dropped == 0 {
		t.Errorf("%d were offered, %d taken of %d, %d dropped of %d", c.Offered, c.Taken, taken, c.Dropped[pipelines.DroppedOldest], dropped)
	}
}

// TestDoorKeepsItsOrder: those who wait with an item and those without leave a door
// in one line.
func TestDoorKeepsItsOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := live.NewQueue(block(t, 1), nil, nil)
		var let []uint32
		for token := uint32(0); token < 9; token++ {
			if token%3 != 2 {
				q.Offer(0, &pipelines.Item{Token: token})
				continue
			}
			go func() {
				q.Send(0, &pipelines.Item{Token: token}, live.NewSeat())
				let = append(let, token)
			}()
			synctest.Wait()
		}
		seat := live.NewSeat()
		for token := uint32(0); token < 9; token++ {
			q.Take(0, seat, 1)
			synctest.Wait()
			waited := int(token+1+1) / 3 // of those, who were let in by now: 2, 5, …
			if seat.Items[0].Token != token || len(let) != waited {
				t.Errorf("item %d came as number %d, when %v were let in; want %d of them", seat.Items[0].Token, token, let, waited)
			}
		}
	})
}
