package pipelines_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/fcbench/fcbench/pipelines"
)

const ms = time.Millisecond

// offer offers the items named in turn.
func offer(t *testing.T, q *pipelines.Queue, now time.Duration, want pipelines.Verdict, tokens ...uint32) {
	t.Helper()
	for _, token := range tokens {
		if got, _ := q.Offer(now, &pipelines.Item{Token: token, Intended: now, Deadline: pipelines.Forever}); got != want {
			t.Errorf("item %d is %v; want it %v", token, got, want)
		}
	}
}

// take takes one, and wants it to be next, with room for so many at the door.
func take(t *testing.T, q *pipelines.Queue, now time.Duration, next uint32, admitted int) {
	t.Helper()
	var it pipelines.Item
	ok, _, in := q.Take(now, &it)
	if !ok || it.Token != next || in != admitted {
		t.Errorf("took %v, item %d, and let in %d; want item %d and %d", ok, it.Token, in, next, admitted)
	}
}

func names(all []pipelines.Drop) (tokens []uint32) {
	for _, d := range all {
		tokens = append(tokens, d.Item.Token)
	}
	return tokens
}

// TestBlockHoldsUpTheSource: the sixth send on a channel of five blocks, and goes
// through when there is room, in its turn.
func TestBlockHoldsUpTheSource(t *testing.T) {
	q := pipelines.NewQueue(must(t, pipelines.Config{Capacity: 5}, pipelines.NewBlock)())
	offer(t, q, 0, pipelines.Accepted, 1, 2, 3, 4, 5)
	offer(t, q, 0, pipelines.Waiting, 6, 7)
	if q.NextDeadline() != pipelines.Forever {
		t.Errorf("somebody gives up at %v; want nobody to", q.NextDeadline())
	}
	take(t, q, ms, 1, 1)
	if q.Len() != 5 || q.Waiting() != 1 {
		t.Errorf("%d are inside and %d at the door; want 5 and 1", q.Len(), q.Waiting())
	}
	for i, admitted := range []int{1, 0, 0, 0, 0, 0} {
		take(t, q, 2*ms, uint32(i+2), admitted)
	}
}

// TestUnbufferedMeets: whoever comes while nobody waits stands at the door, however
// empty the queue is, and is taken as soon as somebody wants one.
func TestUnbufferedMeets(t *testing.T) {
	q := pipelines.NewQueue(must(t, struct{}{}, pipelines.NewUnbuffered)())
	offer(t, q, 0, pipelines.Accepted, 1) // at first somebody waits
	take(t, q, 0, 1, 0)
	offer(t, q, ms, pipelines.Waiting, 2, 3)
	take(t, q, 2*ms, 2, 1)
	take(t, q, 2*ms, 3, 1)
	var it pipelines.Item
	if ok, _, _ := q.Take(3*ms, &it); ok {
		t.Errorf("item %d was taken from nobody", it.Token)
	}
	offer(t, q, 4*ms, pipelines.Accepted, 4)
	offer(t, q, 4*ms, pipelines.Waiting, 5)
	if c := q.Counts(); c.MostInside != 1 || c.MostWaiting != 2 || c.Taken != 3 {
		t.Errorf("the counts are %+v; want at most one inside and two at the door", c)
	}
}

// TestEnqueuedIsTheInstantOfAdmission: time at the door is no sojourn.
func TestEnqueuedIsTheInstantOfAdmission(t *testing.T) {
	q := pipelines.NewQueue(must(t, pipelines.Config{Capacity: 1}, pipelines.NewBlock)())
	offer(t, q, 0, pipelines.Accepted, 1)
	offer(t, q, ms, pipelines.Waiting, 2)
	take(t, q, 5*ms, 1, 1)
	var it pipelines.Item
	if q.Take(6*ms, &it); it.Enqueued != 5*ms || it.Intended != ms {
		t.Errorf("the second entered at %v, due at %v; want 5ms and 1ms", it.Enqueued, it.Intended)
	}
}

// TestOfferTimeout: who stands at the door for the timeout leaves, but who is let
// in at that very instant is in.
func TestOfferTimeout(t *testing.T) {
	c := pipelines.DefaultOfferTimeoutConfig()
	c.Capacity = 1
	q := pipelines.NewQueue(must(t, c, pipelines.NewOfferTimeout)())
	offer(t, q, 0, pipelines.Accepted, 1)
	offer(t, q, 0, pipelines.Waiting, 2)
	offer(t, q, 4*ms, pipelines.Waiting, 3)
	if q.NextDeadline() != 10*ms {
		t.Errorf("the first gives up at %v; want 10ms", q.NextDeadline())
	}
	take(t, q, 10*ms, 1, 1) // lets in 2
	if gone := q.Expire(10 * ms); len(gone) > 0 {
		t.Errorf("%v gave up; want nobody to", names(gone))
	}
	gone := q.Expire(14 * ms)
	if !slices.Equal(names(gone), []uint32{3}) || gone[0].Cause != pipelines.OfferTimeout {
		t.Errorf("%v gave up; want 3, by its timeout", gone)
	}
	offer(t, q, 20*ms, pipelines.Waiting, 4)
	var it pipelines.Item
	ok, late, in := q.Take(31*ms, &it) // nobody came at 30ms
	if !ok || it.Token != 2 || !slices.Equal(names(late), []uint32{4}) || in != 0 {
		t.Errorf("took %d, gave up %v, let in %d; want 2, 4 and nobody", it.Token, names(late), in)
	}
}

// TestCountsBalance: offered is taken, dropped, inside or at the door, at every
// moment, and so are bytes.
func TestCountsBalance(t *testing.T) {
	c := pipelines.DefaultOfferTimeoutConfig()
	c.Capacity = 8
	for name, p := range map[string]pipelines.Policy{
		"offer-timeout": must(t, c, pipelines.NewOfferTimeout)(),
		"block":         must(t, c.Config, pipelines.NewBlock)(),
		"fq-codel":      must(t, pipelines.FQCoDelConfig{CoDelConfig: smallCoDel(), Flows: 3, Quantum: 2}, pipelines.NewFQCoDel)(),
	} {
		q, rng, now := pipelines.NewQueue(p), rand.New(rand.NewPCG(1, 2)), time.Duration(0)
		sizes, held := map[uint32]int64{}, int64(0)
		let := func(all []pipelines.Drop) {
			for _, d := range all {
				held -= sizes[d.Item.Token]
			}
		}
		for i := range uint32(5000) {
			now += time.Duration(rng.IntN(2000)) * time.Microsecond
			switch {
			case rng.IntN(100) < 55:
				sizes[i] = rng.Int64N(1000)
				held += sizes[i]
				_, dropped := q.Offer(now, &pipelines.Item{Token: i, Key: uint64(i % 5), Size: sizes[i], Deadline: pipelines.Forever})
				let(dropped)
			case rng.IntN(10) == 0:
				let(q.Expire(now))
			default:
				var it pipelines.Item
				ok, dropped, _ := q.Take(now, &it)
				if let(dropped); ok {
					held -= it.Size
				}
			}
			counts, gone := q.Counts(), uint64(0)
			for _, n := range counts.Dropped {
				gone += n
			}
			if counts.Offered != counts.Taken+gone+uint64(q.Len()+q.Waiting()) || counts.Bytes != held {
				t.Fatalf("%s: of %d offered %d were taken and %d dropped; %d are inside, %d at the door, and weigh %d; want them to add up, and weigh %d",
					name, counts.Offered, counts.Taken, gone, q.Len(), q.Waiting(), counts.Bytes, held)
			}
			if q.Waiting() > 0 && q.Len() < p.Cap() {
				t.Fatalf("%s: %d stand at the door, and there is room: %d of %d", name, q.Waiting(), q.Len(), p.Cap())
			}
		}
		if counts := q.Counts(); counts.MostInside != p.Cap() || counts.MostBytes < counts.Bytes || name != "fq-codel" && counts.MostWaiting == 0 {
			t.Errorf("%s: the high-water marks are %+v", name, counts)
		}
	}
}

// TestHopAllocatesNothing: neither does a door.
func TestHopAllocatesNothing(t *testing.T) {
	q := pipelines.NewQueue(must(t, pipelines.Config{Capacity: 4}, pipelines.NewBlock)())
	it := pipelines.Item{Deadline: pipelines.Forever}
	hop := func() {
		for range 8 {
			q.Offer(0, &it)
		}
		for range 8 {
			q.Take(0, &it)
		}
	}
	hop()
	if n := testing.AllocsPerRun(1000, hop); n != 0 {
		t.Errorf("eight hops allocate %v times; want 0", n)
	}
}
