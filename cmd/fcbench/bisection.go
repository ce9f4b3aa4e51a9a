package main

import "context"

// found is what a commit turned out to be.
type found uint8

// What a commit can be: without the regression, with it, or nobody knows.
const (
	unknown found = iota
	fine
	worse
)

// bisection looks among commits, of which the last is worse, for the first that is. Those
// of which nobody knows are stepped over, and stay suspects.
type bisection struct {
	state []found
	tried []bool
	steps int
}

func newBisection(commits int) *bisection {
	b := &bisection{state: make([]found, commits), tried: make([]bool, commits)}
	b.state[commits-1], b.tried[commits-1] = worse, true
	return b
}

// suspects are from which to which commit the first one may be: those after the last
// that is known to be fine, up to the first known to be worse.
func (b *bisection) suspects() (from, to int) {
	for i, s := range b.state {
		if s == worse {
			return from, i
		}
		if s == fine {
			from = i + 1
		}
	}
	return from, len(b.state) - 1
}

// next is the commit to try: of those that were not, the one nearest to the middle.
func (b *bisection) next() (i int, ok bool) {
	from, to := b.suspects()
	middle := (from + to) / 2
	for off := range to - from + 1 {
		for _, i := range []int{middle - off, middle + off} {
			if i >= from && i < to && !b.tried[i] {
				return i, true
			}
		}
	}
	return 0, false
}

// run tries commits until the first that is worse is known, or as good as it gets.
func (b *bisection) run(ctx context.Context, try func(i int) (found, error)) (from, to int, err error) {
	for {
		i, ok := b.next()
		if !ok || ctx.Err() != nil {
			break
		}
		b.tried[i] = true
		b.steps++
		if b.state[i], err = try(i); err != nil {
			break
		}
	}
	from, to = b.suspects()
	return from, to, err
}
