package oracle

import (
	"time"

	"github.com/fcbench/fcbench/internal/events"
)

// fit places admissions of which only intervals are known so that they fit into
// a bucket as well as they can: earliest deadline first. A bucket drains an
// admission's tokens no sooner than it is made, and no later than a full bucket
// takes to drain after that; seen from the drain, the admission is a job released
// at Called, to be done by Returned plus that time. No other order than that of
// the deadlines, with interruptions, overruns them by less (Horn, "Some simple
// scheduling algorithms", 1974), and by how much is the least σ*: the maximum,
// over all windows, of what was certainly admitted within, less what drains.
//
// With intervals of no width that is the bucket itself. With others it never
// accuses a history that has an explanation. It may acquit one in which every
// window alone can be explained but not all at once, by less than what overlaps
// at one instant; to tell these apart is NP-hard where costs differ.
//
// What Returned before the latest Called comes before all that is still to
// come, so that it needs no place in the queue: a level suffices.
type fit struct {
	*scale
	now    time.Duration
	level  wide               // of what comes before all other jobs
	jobs   events.Agenda[job] // the others, as far as they are not drained, by Returned
	start  time.Duration      // Called of the first admission since all was drained
	tokens int64              // certainly admitted since
}

// job is an admission whose Returned is still to come.
type job struct {
	id   uint64
	left wide
}

// advance drains until at. All admissions that Returned by then are settled.
func (f *fit) advance(at time.Duration) {
	spare := product(f.rate, int64(at-f.now))
	f.now = at
	if f.level.Over(spare) {
		f.level = f.level.Minus(spare)
		return
	}
	spare, f.level = spare.Minus(f.level), wide{}
	for first := f.jobs.First(); first != nil; first = f.jobs.First() {
		if first.left.Over(spare) {
			first.left = first.left.Minus(spare)
			return
		}
		spare = spare.Minus(first.left)
		f.jobs.Due(events.Forever)
	}
}

// admit takes an admission that was Called now.
func (f *fit) admit(a *admission) {
	if f.level == (wide{}) && f.jobs.Len() == 0 {
		f.start, f.tokens = a.called, 0
	}
	f.jobs.Push(a.returned, job{a.id, product(a.n, f.period)})
}

// settle says how high the bucket stood at least once a was in it. Admissions
// settle in the order of their jobs, before time passes Returned.
func (f *fit) settle(a *admission) (level wide) {
	if a.called >= f.start {
		f.tokens = sum(f.tokens, a.n)
	}
	first := f.jobs.First()
	if first == nil || first.id != a.id {
		return wide{} // it was drained before it had to be in
	}
	f.level = f.level.Plus(first.left)
	f.jobs.Due(events.Forever)
	return f.level.Minus(product(f.rate, int64(a.returned-f.now)))
}
