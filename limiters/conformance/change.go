package conformance

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/fcbench/fcbench/internal/oracle"
	"github.com/fcbench/fcbench/limiters"
)

// changeRules hold limiters whose limit can be changed to what [limiters.LimitSetter]
// says. Each has a limiter of its own: a change is one for all keys.
func changeRules() []rule {
	return []rule{
		{
			name: "KA17 bucket", category: KnownAnswers, severity: Medium,
			law:   "a bucket whose limit is changed keeps its tokens, as far as the new burst goes, and is filled at the new rate",
			about: needs(setter, rated, keyed, bucket, model), means: needs(timed, free, once, under(limiters.Limit{Rate: 10, Period: time.Second, Burst: 10})),
			check: checkChangedBucket,
		},
		{
			name: "KA17 window", category: KnownAnswers, severity: Medium,
			law:   "a window whose limit is changed keeps its count",
			about: needs(setter, rated, keyed, window, model), means: needs(timed, free, once, under(limiters.Limit{Rate: 10, Period: time.Second})),
			check: checkChangedWindow,
		},
		{
			name: "KA17 held", category: KnownAnswers, severity: Medium,
			law:   "what is held stays held when the limit is changed, and can be given back",
			about: needs(setter, givenBack), means: needs(anyTime, once, under(limiters.Limit{Burst: 3})),
			check: checkChangedHeld,
		},
		{
			name: "changed-exact", category: Oracle, severity: Medium,
			law:   "however its limit is changed, what the exact model grants is granted and nothing else",
			about: needs(setter, rated, model), means: needs(timed, free),
			check: checkChangedExact,
		},
		{
			name: "changed-bound", category: Properties, severity: High,
			law:   "no window that holds changes of the limit holds more grants than Bound, which is that of the highest rate and the largest burst",
			about: needs(setter, rated), means: needs(timed, free),
			check: checkChangedBound,
		},
	}
}

func setter(s *subject) string {
	return unless(has[limiters.LimitSetter](s), "its limit cannot be changed while it is in use")
}

// under is for limiters that can be made to enforce a limit.
func under(limit limiters.Limit) need {
	return func(s *subject) string {
		of, err := s.under(limit)
		if err != nil {
			return "it enforces no such limit"
		}
		return unless(of.limit == limit || sameLimit(of.limit, limit), "it enforces no such limit")
	}
}

// changing returns a caller of a limiter of its own under a limit.
func (s *subject) changing(limit limiters.Limit) *caller {
	l, err := s.make(limit)
	c := &caller{limiter: l, key: "key", lost: s.lost, err: err}
	if err == nil {
		s.adopt(l)
	}
	return c
}

// setLimit changes the limit, and reports whether there is such a limit.
func (c *caller) setLimit(now time.Duration, limit limiters.Limit) bool {
	if c.err == nil {
		c.err = c.lost.err()
	}
	if c.err != nil {
		return false
	}
	at, err := ability[limiters.LimitSetter](c.limiter).SetLimit(context.Background(), now, limit)
	c.lost.note(err)
	call := fmt.Sprintf("limit %d/%v", limit.Rate, limit.Period)
	if limit.Burst > 0 {
		call += fmt.Sprintf(", burst %d", limit.Burst)
	}
	c.note(Step{Call: call, Now: now, Returned: now, At: at, Error: text(err)})
	return err == nil
}

// a turn changes the limit at an instant, unless the limit is 0, and asks for
// single tokens until one is denied: of key, and then of one that was never asked for.
type turn struct {
	at          time.Duration
	limit       limiters.Limit
	want, fresh int64
}

// play has a limiter under limit spend first, and then takes the turns.
func (s *subject) play(limit limiters.Limit, first int64, turns []turn) *breach {
	c := s.changing(limit)
	c.take(0, first, first)
	for i, t := range turns {
		if t.limit != (limiters.Limit{}) && !c.setLimit(t.at, t.limit) {
			return c.known("at %v the limit was not taken", t.at)
		}
		fresh := c.beside(fmt.Sprint("never asked for ", i))
		got, beside := c.drain(t.at, 1000, 1), fresh.drain(t.at, 1000, 1)
		c.steps = append(c.steps, fresh.steps...)
		if got != t.want || beside != t.fresh {
			return c.known("at %v %d were granted, and of a new key %d; want %d and %d", t.at, got, beside, t.want, t.fresh)
		}
	}
	return c.broken()
}

// known is a breach of a history of which the judge of the first limit knows nothing.
func (c *caller) known(format string, args ...any) *breach {
	b := c.breach(format, args...)
	b.judged = true
	return b
}

func checkChangedBucket(ctx context.Context, s *subject) *breach {
	defer s.recycle(ctx)
	const second = time.Second
	per := func(rate, burst int64) limiters.Limit {
		return limiters.Limit{Rate: rate, Period: second, Burst: burst}
	}
	return s.play(per(10, 10), 5, []turn{
		{0, per(20, 20), 5, 10}, // nothing comes with a larger burst, not to those who never asked either
		{second / 4, limiters.Limit{}, 5, 15},
		{second, limiters.Limit{}, 15, 20},
		{10 * second, per(20, 4), 4, 4},
		{10 * second, per(1, 50), 0, 4},
		{11 * second, limiters.Limit{}, 1, 5},
		{11 * second, limiters.Limit{Rate: 600, Period: time.Minute, Burst: 50}, 0, 5}, // the same in another period
		{12 * second, limiters.Limit{}, 10, 15},
	})
}

func checkChangedWindow(ctx context.Context, s *subject) *breach {
	defer s.recycle(ctx)
	per := func(rate int64) limiters.Limit { return limiters.Limit{Rate: rate, Period: time.Second} }
	return s.play(per(10), 8, []turn{
		{0, per(5), 0, 5},
		{time.Second / 2, per(12), 4, 12},
		{10 * time.Second, limiters.Limit{}, 12, 12},
		{10 * time.Second, per(20), 8, 20},
	})
}

func checkChangedHeld(ctx context.Context, s *subject) *breach {
	defer s.recycle(ctx)
	h := &holder{caller: s.changing(limiters.Limit{Burst: 3})}
	for i, step := range []struct{ limit, n, want int64 }{{0, 2, 2}, {0, 1, 1}, {1, 1, 0}, {0, 0, 0}, {0, 1, 0}, {6, 5, 5}, {0, 1, 0}} {
		if step.limit > 0 && !h.setLimit(0, limiters.Limit{Burst: step.limit}) {
			return h.known("the limit %d was refused", step.limit)
		}
		if d := h.play(request{0, "key", step.n}); h.err != nil || d.Allowed != (step.want > 0) {
			return h.known("request %d, of %d, came back with Allowed %v", i+1, step.n, d.Allowed)
		}
	}
	return h.broken()
}

// change is a limit that takes the place of another one, and of windows has the same length.
func (s *subject) change(rng *rand.Rand) limiters.Limit {
	limit := s.asked
	limit.Rate = 1 + rng.Int64N(2*limit.Rate)
	if limit.Burst > 0 {
		limit.Burst = 1 + rng.Int64N(2*limit.Burst)
	}
	return limit
}

// among plays random schedules with changes among the requests, a dozen on average to each.
func (s *subject) among(ctx context.Context, name string, each func(c *caller, rng *rand.Rand, requests []request) *breach) *breach {
	for round, asked := uint64(0), 0; asked < s.Decisions && ctx.Err() == nil; round++ {
		rng := rand.New(rand.NewPCG(s.seed^hash(name), round))
		requests := several(s, rng)
		asked += len(requests)
		c := s.changing(s.asked)
		b := each(c, rng, requests)
		s.recycle(ctx)
		if b == nil {
			b = c.broken()
		}
		if b != nil {
			b.judged = true
			return b
		}
	}
	return nil
}

func checkChangedExact(ctx context.Context, s *subject) *breach {
	return s.among(ctx, "changed-exact", func(c *caller, rng *rand.Rand, requests []request) *breach {
		judge, err := s.judge()
		for _, r := range requests {
			if limit := s.change(rng); rng.IntN(12) == 0 && c.setLimit(r.now, limit) && err == nil {
				err = judge.SetLimit(r.now, oracle.Limit(limit))
			}
			if err != nil {
				return c.breach("%v", err)
			}
			if c.request(r); c.err != nil {
				return c.broken()
			}
			judge.Observe(s.observation(c.steps[len(c.steps)-1]))
			if found := judge.Report().Violations; len(found) > 0 {
				return c.breach("%v", found[0])
			}
		}
		return nil
	})
}

func checkChangedBound(ctx context.Context, s *subject) *breach {
	return s.among(ctx, "changed-bound", func(c *caller, rng *rand.Rand, requests []request) *breach {
		log := grants{}
		for _, r := range requests {
			if limit := s.change(rng); rng.IntN(12) == 0 {
				c.setLimit(r.now, limit)
			}
			if r.key == "key" {
				log.add(c.request(r), r.n)
			}
		}
		d := ability[limiters.Described](c.limiter)
		if err := log.within(func(w time.Duration) int64 { return d.Bound(w + s.slack()) }); err != nil {
			return c.breach("%v", err)
		}
		return nil
	})
}
