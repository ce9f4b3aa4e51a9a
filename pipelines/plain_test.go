package pipelines_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/fcbench/fcbench/pipelines"
)

// asked is a policy of which nobody knows that it is plain.
type asked struct{ pipelines.Policy }

// TestPlainPolicies: a queue that does not ask a policy while there is room does what it
// does when it asks, watched or not.
func TestPlainPolicies(t *testing.T) {
	c := pipelines.DefaultOfferTimeoutConfig()
	c.Capacity = 4
	for name, build := range map[string]func() pipelines.Policy{
		"block":         must(t, c.Config, pipelines.NewBlock),
		"offer-timeout": must(t, c, pipelines.NewOfferTimeout),
		"drop-newest":   must(t, c.Config, pipelines.NewDropNewest),
		"drop-oldest":   must(t, c.Config, pipelines.NewDropOldest),
		"drop-tail":     must(t, c.Config, pipelines.NewDropTail),
		"drop-buffer":   must(t, c.Config, pipelines.NewDropBuffer),
	} {
		for _, watched := range []bool{false, true} {
			q, all := pipelines.NewQueue(build()), pipelines.NewQueue(asked{build()})
			if watched {
				q.Watch()
				all.Watch()
			}
			rng, now := rand.New(rand.NewPCG(1, 2)), time.Duration(0)
			for i := range uint32(5000) {
				now += time.Duration(rng.IntN(2000)) * time.Microsecond
				came, draw, size := now-time.Duration(rng.IntN(1000)), rng.IntN(100), rng.Int64N(1000)
				if got, want := step(q, now, came, i, draw, size), step(all, now, came, i, draw, size); got != want {
					t.Fatalf("%s, watched %t, call %d: %s; want %s", name, watched, i, got, want)
				}
			}
		}
	}
}

// step does one thing with a queue, and says all that there is to say of it then.
func step(q *pipelines.Queue, now, came time.Duration, token uint32, draw int, size int64) (said string) {
	it := pipelines.Item{Token: token, Size: size, Deadline: pipelines.Forever}
	switch {
	case draw < 52:
		verdict, dropped := q.OfferOf(now, came, &it)
		said = fmt.Sprint("offered ", verdict, dropped)
	case draw < 56:
		said = fmt.Sprint("expired ", q.Expire(now))
	default:
		it = pipelines.Item{}
		ok, dropped, admitted := q.Take(now, &it)
		said = fmt.Sprint("taken ", ok, it, dropped, admitted)
	}
	return said + fmt.Sprint(q.Len(), q.Waiting(), q.NextDeadline(), q.Oldest(now), q.Counts())
}
