// Package conformance checks that a queue policy keeps the promises of
// [pipelines.Policy]. A policy's own test is a call of Run.
package conformance

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/fcbench/fcbench/pipelines"
)

// T is what the rules need of a *testing.T.
type T interface {
	Helper()
	Errorf(format string, args ...any)
}

// Options say what is particular to a policy.
type Options struct {
	// Order reports why, of those that were inside, the one that was taken should
	// not have been next.
	Order Order
	// Causes are those that it may have for a drop. Each has to occur when calls
	// are made at random.
	Causes []pipelines.Cause
}

// Run holds the policy that fresh makes to its contract. It needs room for at
// least one item, and its capacity should be no more than a few hundred.
func Run(t *testing.T, fresh func() pipelines.Policy, o Options) {
	for _, rule := range Rules {
		t.Run(rule.Name, func(t *testing.T) { rule.Check(t, fresh, o) })
	}
	t.Run("no allocation", func(t *testing.T) { noAllocation(t, fresh()) })
}

// Rule is one promise.
type Rule struct {
	Name  string
	Check func(t T, fresh func() pipelines.Policy, o Options)
}

// Rules are the promises of a policy.
var Rules = []Rule{
	{"conservation", conservation},
	{"one cause", oneCause},
	{"bounded", bounded},
	{"order", order},
	{"verdicts", verdicts},
	{"untouched", untouched},
	{"same again", sameAgain},
	{"harmless when idle", harmless},
}

// conservation: whatever was offered is taken or dropped, once, or is inside; and
// nothing else is.
func conservation(t T, fresh func() pipelines.Policy, _ Options) {
	g := newGame(t, fresh(), 1)
	pending := map[uint32]bool{} // offered, not left yet, and not outside
	gone := func(token uint32, how string) {
		if !pending[token] {
			t.Errorf("item %d was %s, and is not inside (%s before)", token, how, g.left[token])
		}
		delete(pending, token)
	}
	g.play(hooks{
		offered: func(it pipelines.Item, a pipelines.Answer, _ int) {
			pending[it.Token] = a.Verdict == pipelines.Accepted || a.Verdict == pipelines.Refused
			if !pending[it.Token] {
				delete(pending, it.Token)
			}
		},
		taken: func(it pipelines.Item, ok bool, _ []pipelines.Drop) {
			if ok {
				gone(it.Token, "taken")
			}
			if g.policy.Len() != len(pending) {
				t.Errorf("the policy says that %d are inside; want %d", g.policy.Len(), len(pending))
			}
		},
		dropped: func(d pipelines.Drop) { gone(d.Item.Token, "dropped") },
	})
	if len(pending) > 0 {
		t.Errorf("%d items were neither taken nor dropped, and are not inside", len(pending))
	}
}

// oneCause: every drop has one of the causes that the policy is known for, and each
// of those occurs.
func oneCause(t T, fresh func() pipelines.Policy, o Options) {
	seen := map[pipelines.Cause]bool{}
	newGame(t, fresh(), 2).play(hooks{dropped: func(d pipelines.Drop) {
		seen[d.Cause] = true
		if !slices.Contains(o.Causes, d.Cause) {
			t.Errorf("item %d was dropped as %q; want one of %v", d.Item.Token, d.Cause, o.Causes)
		}
	}})
	for _, c := range o.Causes {
		if !seen[c] {
			t.Errorf("nothing was dropped as %q; want no cause named that the policy does not have", c)
		}
	}
}

// bounded: there is a most, and never more inside.
func bounded(t T, fresh func() pipelines.Policy, _ Options) {
	g := newGame(t, fresh(), 3)
	if g.policy.Cap() < 1 {
		t.Errorf("the capacity is %d; want at least 1", g.policy.Cap())
	}
	for range 4 * calls { // offers alone
		g.offer(hooks{})
		if g.policy.Len() > g.policy.Cap() {
			t.Errorf("%d are inside; want at most %d", g.policy.Len(), g.policy.Cap())
			return
		}
	}
}

// verdicts: what an answer says is what has happened.
func verdicts(t T, fresh func() pipelines.Policy, _ Options) {
	g := newGame(t, fresh(), 4)
	g.play(hooks{offered: func(it pipelines.Item, a pipelines.Answer, before int) {
		if err := truthful(it, a, before, g.policy.Len()); err != nil {
			t.Errorf("item %d with %d inside: %v", it.Token, before, err)
		}
		if a.Verdict == pipelines.Full && a.Until <= g.now {
			t.Errorf("item %d is to wait until %v at %v; want a later instant", it.Token, a.Until, g.now)
		}
	}})
}

func truthful(it pipelines.Item, a pipelines.Answer, before, after int) error {
	self := false
	for _, d := range a.Dropped {
		self = self || d.Item.Token == it.Token
	}
	want := before - len(a.Dropped)
	switch a.Verdict {
	case pipelines.Accepted:
		if self {
			return fmt.Errorf("it was accepted, and is among the dropped")
		}
		want++
	case pipelines.Refused:
		if !self || len(a.Dropped) != 1 {
			return fmt.Errorf("it was refused, and dropped are %v; want it alone", a.Dropped)
		}
		want = before
	case pipelines.Full:
		if len(a.Dropped) != 0 {
			return fmt.Errorf("there was no room, and dropped are %v; want nobody", a.Dropped)
		}
	default:
		return fmt.Errorf("the verdict is %v; want accepted, refused or full", a.Verdict)
	}
	if after != want {
		return fmt.Errorf("%d are inside after %v with %d dropped; want %d", after, a.Verdict, len(a.Dropped), want)
	}
	return nil
}

// untouched: items leave as they came, but for the instant at which they entered.
func untouched(t T, fresh func() pipelines.Policy, _ Options) {
	g := newGame(t, fresh(), 5)
	same := func(it pipelines.Item) {
		if was, ok := g.inside[it.Token]; ok && it != was {
			t.Errorf("an item left as %+v; want %+v", it, was)
		}
	}
	g.play(hooks{
		taken: func(it pipelines.Item, ok bool, _ []pipelines.Drop) {
			if ok {
				same(it)
			}
		},
		dropped: func(d pipelines.Drop) { same(d.Item) },
	})
}

// sameAgain: the same calls have the same answers, also beside another policy of
// the same make.
func sameAgain(t T, fresh func() pipelines.Policy, _ Options) {
	play := func(p pipelines.Policy) (log []string) {
		newGame(t, p, 6).play(hooks{
			taken:   func(it pipelines.Item, ok bool, _ []pipelines.Drop) { log = append(log, fmt.Sprint(it.Token, ok)) },
			dropped: func(d pipelines.Drop) { log = append(log, fmt.Sprint(d.Item.Token, d.Cause)) },
		})
		return log
	}
	one, other := fresh(), fresh()
	first := play(one)
	for i, line := range play(other) {
		if i >= len(first) || line != first[i] {
			t.Errorf("event %d is %s in the second game, and was not in the first", i, line)
			return
		}
	}
}

// harmless: who finds the queue empty and a server that waits is served, whatever
// happened before it.
func harmless(t T, fresh func() pipelines.Policy, _ Options) {
	g := newGame(t, fresh(), 7)
	for range calls {
		g.now += time.Duration(g.draw(200)) * time.Millisecond
		it := g.item()
		if a := g.policy.Offer(g.now, &it); a.Verdict != pipelines.Accepted || len(a.Dropped) > 0 {
			t.Errorf("item %d came to an empty queue and was %v; want it accepted", it.Token, a.Verdict)
			return
		}
		var out pipelines.Item
		if ok, shed := g.policy.Take(g.now, &out); !ok || out.Token != it.Token || len(shed) > 0 {
			t.Errorf("item %d came to an empty queue and was not taken at once; shed are %v", it.Token, shed)
			return
		}
		if ok, shed := g.policy.Take(g.now, &out); ok && (!out.Extrapolated || out.Token != it.Token) || len(shed) > 0 {
			t.Errorf("the queue is empty and gave item %d, shed %v", out.Token, shed)
			return
		}
	}
}

// noAllocation: an offer and a take allocate nothing, full or not.
func noAllocation(t *testing.T, p pipelines.Policy) {
	g := newGame(t, p, 8)
	var it pipelines.Item
	hop := func() {
		g.now += time.Millisecond
		for range 3 {
			it = g.item()
			p.Offer(g.now, &it)
		}
		p.Take(g.now, &it)
	}
	for range calls {
		hop()
	}
	if n := testing.AllocsPerRun(100, hop); n != 0 {
		t.Errorf("three offers and a take allocate %v times; want 0", n)
	}
}
