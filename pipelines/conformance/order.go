package conformance

import (
	"fmt"

	"github.com/fcbench/fcbench/pipelines"
)

// Order reports why taken is out of order; inside are those that could have been
// taken in its place, and it, the longest inside first.
type Order func(inside []pipelines.Item, taken pipelines.Item) error

// Oldest is the order of who has been inside for longest.
func Oldest(inside []pipelines.Item, taken pipelines.Item) error { return want(inside[0], taken) }

// OldestOrNewest allows for either end.
func OldestOrNewest(inside []pipelines.Item, taken pipelines.Item) error {
	if want(inside[0], taken) == nil {
		return nil
	}
	return want(inside[len(inside)-1], taken)
}

// First is the order of the least, and among those of the oldest.
func First(of func(pipelines.Item) int64) Order {
	return func(inside []pipelines.Item, taken pipelines.Item) error {
		first := inside[0]
		for _, it := range inside[1:] {
			if of(it) < of(first) {
				first = it
			}
		}
		return want(first, taken)
	}
}

// OldestOf is the order of the oldest within each group, whichever group it is.
func OldestOf(group func(pipelines.Item) int64) Order {
	return func(inside []pipelines.Item, taken pipelines.Item) error {
		for _, it := range inside {
			if group(it) == group(taken) {
				return want(it, taken)
			}
		}
		return fmt.Errorf("item %d is not inside", taken.Token)
	}
}

func want(next, taken pipelines.Item) error {
	if next.Token != taken.Token {
		return fmt.Errorf("item %d was taken; want item %d", taken.Token, next.Token)
	}
	return nil
}

// order: who is taken is who the policy says is next.
func order(t T, fresh func() pipelines.Policy, o Options) {
	g := newGame(t, fresh(), 9)
	g.play(hooks{taken: func(it pipelines.Item, ok bool, _ []pipelines.Drop) {
		if !ok {
			return
		}
		var inside []pipelines.Item
		for _, token := range g.order {
			inside = append(inside, g.inside[token])
		}
		if len(inside) == 0 {
			t.Errorf("item %d was taken, and nobody is inside", it.Token)
		} else if err := o.Order(inside, it); err != nil {
			t.Errorf("at %v, of %d: %v", g.now, len(inside), err)
		}
	}})
}
