package conformance

import (
	"context"
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/fcbench/fcbench/internal/oracle"
	"github.com/fcbench/fcbench/limiters"
)

func checkLiveAdmits(ctx context.Context, l *subject) *breach {
	return l.listened(ctx, true, func(r oracle.Report) int64 { return r.FalseAdmits })
}

func checkLiveDenials(ctx context.Context, l *subject) *breach {
	return l.listened(ctx, false, func(r oracle.Report) int64 { return r.FalseDenials })
}

// traffic is what a limiter answered to random requests in real time, and what a
// judge says of it who knows of each decision only between what it was taken.
type traffic struct {
	steps  []Step
	report oracle.Report
	failed *breach
}

// listened looks for decisions that were wrong whenever they were taken.
func (s *subject) listened(ctx context.Context, admits bool, wrong func(oracle.Report) int64) *breach {
	if s.heard == nil {
		s.heard = s.listen(ctx)
	}
	switch t := s.heard; {
	case t.failed != nil:
		return t.failed
	case wrong(t.report) == 0:
		return nil
	default:
		return t.breach(admits, wrong(t.report))
	}
}

func (t *traffic) breach(admits bool, wrong int64) *breach {
	c := &caller{steps: t.steps}
	for _, v := range t.report.Violations {
		if v.Allowed == admits {
			c.steps = slices.DeleteFunc(slices.Clone(t.steps), func(s Step) bool {
				return v.Key != "" && s.Key != v.Key || s.Now > v.At
			})
			return c.breach("%v; %d of %d decisions were wrong like that", v, wrong, len(t.steps))
		}
	}
	return c.breach("%d of %d decisions were wrong", wrong, len(t.steps))
}

// listen sends traffic of several sorts, each about a key of its own, and has it judged.
func (s *subject) listen(ctx context.Context) *traffic {
	sorts := []sort{steady, greedy, bursty, anyhow, rare, newcomers}
	if s.info.Unkeyed {
		sorts = []sort{anyhow}
	}
	callers := crowd(s.caller(), "", len(sorts))
	failed := together(callers, func(i int, c *caller) {
		rng := rand.New(rand.NewPCG(s.seed, uint64(i)))
		sorts[i](s, rng, fmt.Sprint("live-", i), func(now time.Duration, key string, n int64) bool {
			if now > s.lasting() || ctx.Err() != nil {
				return false
			}
			c.request(request{now, key, n})
			return c.err == nil
		})
	})
	t := &traffic{steps: merged(callers).steps, failed: failed}
	slices.SortStableFunc(t.steps, byCall)
	judge, err := s.overIntervals()
	if err != nil && failed == nil {
		t.failed = &breach{undecided: err.Error()}
	}
	if t.failed != nil {
		return t
	}
	for _, step := range t.steps {
		judge.Observe(oracle.Observation{
			Key: step.Key, N: step.N, Called: step.Now, Returned: step.Returned, At: limiters.Unknown, Allowed: step.Allowed,
		})
	}
	t.report = judge.Report()
	return t
}

// overIntervals is a judge of what the limiter claims to be or, where there is no
// exact model of that, of its Bound.
func (s *subject) overIntervals() (*oracle.Judge, error) {
	o := s.claims()
	o.Bound, o.OneKey, o.Shaper = s.bound, s.info.Unkeyed, s.info.Shaper
	if s.info.Approximate {
		o.Algorithm = ""
	}
	return oracle.NewJudge(o)
}

// lasting is how long traffic in real time lasts.
func (s *subject) lasting() time.Duration {
	if s.Traffic > 0 {
		return s.Traffic
	}
	return 5 * time.Second
}

// sort is a sort of traffic: it sends requests, in the order of time, until send
// says that it is enough.
type sort func(s *subject, rng *rand.Rand, key string, send func(now time.Duration, key string, n int64) bool)

// paced sends, at gaps of about some, what flows in meanwhile times a few.
func (s *subject) paced(rng *rand.Rand, gap time.Duration, times int64, key string, send func(time.Duration, string, int64) bool) {
	gap = max(2*time.Millisecond, min(gap, 500*time.Millisecond))
	for now := time.Duration(0); ; now += gap/2 + time.Duration(rng.Int64N(int64(gap))) {
		flow := s.flow(gap)
		n := times * new(big.Int).Div(flow.Num(), flow.Denom()).Int64()
		if !send(now, key, max(1, min(n, s.most()))) {
			return
		}
	}
}

func steady(s *subject, rng *rand.Rand, key string, send func(time.Duration, string, int64) bool) {
	s.paced(rng, s.interval, 1, key, send)
}

func greedy(s *subject, rng *rand.Rand, key string, send func(time.Duration, string, int64) bool) {
	s.paced(rng, s.interval/4, 4, key, send)
}

// bursty asks for all there is about when it is there again.
func bursty(s *subject, rng *rand.Rand, key string, send func(time.Duration, string, int64) bool) {
	gap := max(4*time.Millisecond, min(s.refill, brisk))
	for now := time.Duration(0); ; now += gap*3/4 + time.Duration(rng.Int64N(int64(gap/2))) {
		for range min(50, s.capacity/s.most()) {
			if !send(now, key, s.most()) {
				return
			}
		}
		if !send(now, key, 1) {
			return
		}
	}
}

func anyhow(s *subject, rng *rand.Rand, key string, send func(time.Duration, string, int64) bool) {
	gap := max(2*time.Millisecond, min(s.interval, 500*time.Millisecond))
	for now := time.Duration(0); send(now, key, s.cost(rng, rng.IntN(4))); {
		now += time.Duration(rng.Int64N(int64(2*gap))) * time.Duration(rng.IntN(2))
	}
}

// rare asks for all there is, and a long time later again.
func rare(s *subject, rng *rand.Rand, key string, send func(time.Duration, string, int64) bool) {
	for now := time.Duration(0); ; now += s.lasting() * 3 / 5 {
		for range min(200, s.capacity/s.most()+2) {
			if !send(now, key, s.most()) {
				return
			}
		}
	}
}

// newcomers are keys that ask for all there is, once.
func newcomers(s *subject, rng *rand.Rand, key string, send func(time.Duration, string, int64) bool) {
	for now := time.Duration(0); ; now += 50*time.Millisecond + time.Duration(rng.Int64N(int64(100*time.Millisecond))) {
		each := fmt.Sprint(key, "/", now)
		for range min(50, s.capacity/s.most()) + 1 {
			if !send(now, each, s.most()) {
				return
			}
		}
	}
}
