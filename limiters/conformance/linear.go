package conformance

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync/atomic"
	"time"

	"github.com/anishathalye/porcupine"

	"github.com/fcbench/fcbench/internal/oracle"
)

// checkLinearizable lets a few callers at once ask a few times each, their
// clocks about the same, and looks for an order of the calls in which an exact
// model answers alike (Herlihy and Wing, 1990). Callers that did not overlap
// must stand in that order as they did in time.
func checkLinearizable(ctx context.Context, s *subject) *breach { return s.races(ctx, s.order) }

// races has callers race until order says that a history has none. Histories of
// which it cannot say show nothing, and if there are no others nor does the check.
func (s *subject) races(ctx context.Context, order func([]porcupine.Operation) porcupine.CheckResult) *breach {
	rng := rand.New(rand.NewPCG(s.seed, hash("linearizable")))
	raced, unknown := 0, 0
	for asked := 0; asked < s.Decisions && ctx.Err() == nil; asked += 20 {
		history, b := s.race(rng)
		s.recycle(ctx)
		if b != nil {
			return b
		}
		raced++
		switch order(history) {
		case porcupine.Illegal:
			if s.wrongInTurn(ctx, history) {
				return &breach{undecided: "it answers wrongly one call at a time already"}
			}
			return s.unordered(history)
		case porcupine.Unknown:
			unknown++
		}
	}
	if unknown == raced && ctx.Err() == nil {
		return &breach{undecided: fmt.Sprintf("an order was neither found nor ruled out, within %v each, for any of %d histories", searching, raced)}
	}
	return nil
}

// race is a history of up to 4 callers and 6 requests each.
func (s *subject) race(rng *rand.Rand) ([]porcupine.Operation, *breach) {
	callers := crowd(s.caller(), "key", 2+rng.IntN(3))
	plans := make([][]request, len(callers))
	for i := range plans {
		plans[i] = s.schedule(rng, 3+rng.IntN(4))
		for j := range plans[i] {
			plans[i][j].now = s.interval * time.Duration(rng.IntN(3)+j/2)
		}
	}
	var clock atomic.Int64
	histories := make([][]porcupine.Operation, len(callers))
	b := together(callers, func(i int, c *caller) {
		for _, r := range plans[i] {
			called := clock.Add(1)
			c.request(r)
			op := porcupine.Operation{ClientId: i, Call: called, Return: clock.Add(1)}
			op.Input = c.steps[len(c.steps)-1]
			histories[i] = append(histories[i], op)
			runtime.Gosched()
		}
	})
	return slices.Concat(histories...), b
}

// wrongInTurn asks a fresh limiter the same, one call after the other, and reports
// whether those answers are wrong as well.
func (s *subject) wrongInTurn(ctx context.Context, history []porcupine.Operation) bool {
	defer s.recycle(ctx)
	history = slices.Clone(history)
	slices.SortFunc(history, func(a, b porcupine.Operation) int { return cmp.Compare(a.Call, b.Call) })
	c, granted := s.caller(), []Step(nil)
	for _, op := range history {
		step := op.Input.(Step)
		c.request(request{step.Now, step.Key, step.N})
		ok, after := s.follows(granted, c.steps[len(c.steps)-1])
		if c.err != nil || !ok {
			return true
		}
		granted = after.([]Step)
	}
	return false
}

// searching is how long an order of one history is looked for.
const searching = time.Second

// order looks for one. The state of a key is what was granted, in the order of time.
func (s *subject) order(history []porcupine.Operation) porcupine.CheckResult {
	return porcupine.CheckOperationsTimeout(porcupine.Model{
		Init:  func() any { return []Step(nil) },
		Step:  func(state, input, _ any) (bool, any) { return s.follows(state.([]Step), input.(Step)) },
		Equal: func(a, b any) bool { return slices.EqualFunc(a.([]Step), b.([]Step), sameGrant) },
	}, history, searching)
}

func sameGrant(a, b Step) bool { return a.At == b.At && a.N == b.N }

// follows reports whether an exact model that granted all these gives that answer next.
func (s *subject) follows(granted []Step, next Step) (bool, any) {
	earliest := max(0, next.Now)
	if len(granted) > 0 {
		earliest = max(earliest, granted[len(granted)-1].At)
	}
	next.At = max(next.At, earliest) // that it says so too is another rule
	judge, err := s.judge()
	if err != nil {
		return false, granted
	}
	for _, step := range granted {
		judge.Observe(s.observation(step))
	}
	before := wrongs(judge)
	judge.Observe(s.observation(next))
	if wrongs(judge) > before {
		return false, granted
	}
	if !next.Allowed {
		return true, granted
	}
	after := append(slices.Clip(granted), next)
	slices.SortStableFunc(after, func(a, b Step) int {
		return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.N, b.N))
	})
	return true, after
}

func wrongs(judge *oracle.Judge) int64 {
	report := judge.Report()
	return report.FalseAdmits + report.FalseDenials
}

// unordered leaves out the denials that the history does not need to be wrong.
// (Without a grant it would be another history.)
func (s *subject) unordered(history []porcupine.Operation) *breach {
	for i := 0; i < len(history); {
		without := slices.Delete(slices.Clone(history), i, i+1)
		if denied := !history[i].Input.(Step).Allowed; denied && s.order(without) == porcupine.Illegal {
			history = without
		} else {
			i++
		}
	}
	slices.SortFunc(history, func(a, b porcupine.Operation) int { return cmp.Compare(a.Call, b.Call) })
	c := &caller{}
	for _, op := range history {
		c.note(op.Input.(Step))
	}
	return c.breach("%d calls, some of them at once, were answered as in no order one after the other", len(history))
}
