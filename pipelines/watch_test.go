package pipelines_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/fcbench/fcbench/pipelines"
)

// TestOldest: whatever the order in which a policy takes, and whoever comes back under the
// same token, a queue that is watched knows since when the oldest waits.
func TestOldest(t *testing.T) {
	for name, build := range map[string]func() (pipelines.Policy, error){
		"block":       func() (pipelines.Policy, error) { return pipelines.NewBlock(pipelines.Config{Capacity: 5}) },
		"drop-oldest": func() (pipelines.Policy, error) { return pipelines.NewDropOldest(pipelines.Config{Capacity: 5}) },
		"offer-timeout": func() (pipelines.Policy, error) {
			return pipelines.NewOfferTimeout(pipelines.DefaultOfferTimeoutConfig())
		},
		"adaptive-lifo": func() (pipelines.Policy, error) { return pipelines.NewAdaptiveLIFO(pipelines.DefaultCoDelConfig()) },
	} {
		policy, err := build()
		if err != nil {
			t.Fatal(err)
		}
		q, random, there := pipelines.NewQueue(policy), rand.New(rand.NewPCG(1, 2)), map[uint32]time.Duration{}
		q.Watch()
		left := func(all []pipelines.Drop) {
			for _, d := range all {
				delete(there, d.Item.Token)
			}
		}
		now := time.Duration(0)
		for range 20_000 {
			now += time.Duration(random.IntN(int(2 * time.Millisecond)))
			token := uint32(random.IntN(300))
			if _, in := there[token]; !in && random.IntN(100) < 52 {
				there[token] = now
				_, dropped := q.Offer(now, &pipelines.Item{Token: token, Deadline: pipelines.Forever})
				left(dropped)
			} else {
				var it pipelines.Item
				ok, dropped, _ := q.Take(now, &it)
				if left(dropped); ok {
					delete(there, it.Token)
				}
			}
			left(q.Expire(now))
			var want time.Duration
			for _, since := range there {
				want = max(want, now-since)
			}
			if got := q.Oldest(now); got != want || len(there) != q.Len()+q.Waiting() {
				t.Fatalf("%s: the oldest of %d has waited for %v; want %v", name, len(there), got, want)
			}
		}
	}
	if q := pipelines.NewQueue(nil); q.Oldest(time.Second) != 0 {
		t.Error("a queue that nobody watches knows something")
	}
}

// TestHold: a source that is asked to keep to a pace lets one go each time, in order, and
// loses nothing; one that was late by less than the pace does not slow it down.
func TestHold(t *testing.T) {
	const ms = time.Millisecond
	var h pipelines.Hold
	it := func(token uint32) *pipelines.Item { return &pipelines.Item{Token: token} }
	if !h.Pass(0, it(1)) || !h.Pass(0, it(2)) || h.Next() != pipelines.Forever {
		t.Error("without a pace somebody is held back")
	}
	h.SetPace(10 * ms)
	if !h.Pass(5*ms, it(3)) || h.Pass(5*ms, it(4)) || h.Pass(6*ms, it(5)) || h.Pass(7*ms, it(6)) || h.Held() != 3 || h.Most() != 3 {
		t.Errorf("%d are held back; want all after the first", h.Held())
	}
	var got pipelines.Item
	for _, step := range []struct {
		now   time.Duration
		token uint32
		next  time.Duration
	}{{14 * ms, 0, 15 * ms}, {19 * ms, 4, 25 * ms}, {24 * ms, 0, 25 * ms}, {60 * ms, 5, 60 * ms}} {
		ok := h.Release(step.now, &got)
		if ok != (step.token != 0) || ok && got.Token != step.token || h.Next() != step.next {
			t.Errorf("at %v %v goes, %v, and the next at %v; want %d and %v", step.now, got.Token, ok, h.Next(), step.token, step.next)
		}
	}
	h.SetPace(0)
	if h.Pass(60*ms, it(7)) || h.Next() != 0 {
		t.Error("who comes while somebody is held back overtakes")
	}
	for _, token := range []uint32{6, 7} {
		if !h.Release(61*ms, &got) || got.Token != token {
			t.Errorf("without a pace %d goes; want %d", got.Token, token)
		}
	}
	if h.Release(61*ms, &got) || h.Held() != 0 || h.Most() != 3 {
		t.Errorf("%d are held back, at most %d; want none, and 3", h.Held(), h.Most())
	}
}
