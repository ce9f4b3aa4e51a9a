package conformance

import (
	"time"

	"github.com/fcbench/fcbench/internal/seed"
	"github.com/fcbench/fcbench/pipelines"
)

// calls is how many calls a game makes.
const calls = 1200

// game plays a policy with random calls, under the same rules for all.
type game struct {
	t      T
	policy pipelines.Policy
	random seed.Stream
	call   uint64
	now    time.Duration
	next   uint32
	inside map[uint32]pipelines.Item // as they were offered, with their Enqueued
	order  []uint32                  // of those inside, oldest first
	last   pipelines.Item            // that was taken
	left   map[uint32]string         // how it left
}

func newGame(t T, p pipelines.Policy, salt uint64) *game {
	return &game{
		t: t, policy: p, random: seed.New(salt), inside: map[uint32]pipelines.Item{}, left: map[uint32]string{},
	}
}

// draw returns 0 to n-1.
func (g *game) draw(n uint64) uint64 {
	g.call++
	return g.random.Uint64(g.call) % n
}

// item makes the next one, which is due now.
func (g *game) item() pipelines.Item {
	g.next++
	it := pipelines.Item{
		Token: g.next, Class: uint8(g.draw(3)), Priority: uint8(g.draw(5)), Key: g.draw(7), Size: int64(g.draw(2048)),
		Intended: g.now, Deadline: g.now + time.Duration(g.draw(60))*time.Millisecond, Enqueued: -1,
	}
	if g.draw(8) == 0 {
		it.Deadline = pipelines.Forever
	}
	return it
}

// hooks is what a rule looks at.
type hooks struct {
	offered func(it pipelines.Item, a pipelines.Answer, before int)
	taken   func(it pipelines.Item, ok bool, shed []pipelines.Drop)
	dropped func(d pipelines.Drop)
}

// play makes calls with phases of plenty, of want and of balance, so that the
// policy is full at times, and empty at others.
func (g *game) play(h hooks) {
	for range calls {
		g.now += time.Duration(g.draw(1500)) * time.Microsecond
		phase := g.call / 1000 % 3
		if offers := [...]uint64{8, 2, 5}[phase]; g.draw(10) < offers {
			g.offer(h)
		} else {
			g.take(h)
		}
	}
	for g.policy.Len() > 0 {
		g.now += time.Millisecond
		before := g.policy.Len()
		g.take(h)
		if g.policy.Len() >= before {
			g.t.Errorf("Take left %d of %d inside; want fewer", g.policy.Len(), before)
			return
		}
	}
}

func (g *game) offer(h hooks) {
	it, before := g.item(), g.policy.Len()
	offered := it
	a := g.policy.Offer(g.now, &offered)
	if a.Verdict == pipelines.Accepted {
		it.Enqueued = g.now
		g.inside[it.Token] = it
		g.order = append(g.order, it.Token)
	}
	if h.offered != nil {
		h.offered(it, a, before)
	}
	g.drop(a.Dropped, h)
}

func (g *game) take(h hooks) {
	var it pipelines.Item
	ok, shed := g.policy.Take(g.now, &it)
	g.drop(shed, h)
	if ok && it.Extrapolated {
		g.copied(it)
		return
	}
	if h.taken != nil {
		h.taken(it, ok, shed)
	}
	if ok {
		g.leave(it.Token, "taken")
		g.last = it
	}
}

// copied holds a copy to be one of what was taken last, and to be handed out when
// nobody else is there.
func (g *game) copied(it pipelines.Item) {
	if it.Extrapolated = false; it != g.last || len(g.inside) > 0 {
		g.t.Errorf("a copy of %+v is handed out with %d inside; want one of the last, %+v, and nobody", it, len(g.inside), g.last)
	}
}

func (g *game) drop(all []pipelines.Drop, h hooks) {
	for _, d := range all {
		if h.dropped != nil {
			h.dropped(d)
		}
		g.leave(d.Item.Token, "dropped")
	}
}

func (g *game) leave(token uint32, how string) {
	g.left[token] = how
	delete(g.inside, token)
	for i, other := range g.order {
		if other == token {
			g.order = append(g.order[:i], g.order[i+1:]...)
			return
		}
	}
}
