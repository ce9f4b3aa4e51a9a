package conformance

import "sync/atomic"

// checkHeldAtOnce counts what is surely held, from after a grant until before it
// is given back. In each round callers race to give back what they hold and to
// ask again, and then meet: what they were granted is held by all at one time,
// however quick they are. Together they ask for more than there is.
func checkHeldAtOnce(s *subject) *breach {
	var held gauge
	callers := crowd(s.caller(), "key", callersAtOnce)
	holders := make([]*holder, len(callers))
	for i, c := range callers {
		holders[i] = &holder{caller: c}
	}
	cost := min(s.most(), s.capacity/callersAtOnce+1)
	for range min(300, s.Decisions/callersAtOnce) {
		b := together(callers, func(i int, _ *caller) {
			holders[i].giveBack(&held)
			holders[i].take(&held, cost)
		})
		if worst := held.most.Load(); b == nil && worst > s.capacity {
			b = merged(callers).breach("%d were held at once; want at most %d", worst, s.capacity)
		}
		if b != nil {
			return b
		}
		for _, c := range callers { // what it was told last is all that matters from here
			c.steps = c.steps[len(c.steps)-1:]
		}
	}
	return together(callers, func(i int, _ *caller) { holders[i].giveBack(&held) })
}

// giveBack gives back what the holder has. It counts no more before it is back.
func (h *holder) giveBack(all *gauge) {
	all.now.Add(-h.held)
	h.play(request{0, h.key, 0})
}

// take asks for n, which count once they were granted.
func (h *holder) take(all *gauge, n int64) {
	if h.play(request{0, h.key, n}).Allowed {
		all.add(n)
	}
}

// gauge counts what many hold, and remembers the most.
type gauge struct{ now, most atomic.Int64 }

func (g *gauge) add(n int64) {
	now := g.now.Add(n)
	for most := g.most.Load(); now > most && !g.most.CompareAndSwap(most, now); {
		most = g.most.Load()
	}
}
