package results

import (
	"errors"
	"fmt"
	"time"
)

// tally is everything that is counted, in a shard and in the sum of shards.
type tally struct {
	options Options
	highest int64
	slo     int64         // longest response time that counts as goodput
	end     time.Duration // of the window

	classes   []class
	kinds     []class // the same arrivals by kind of request, once they have an outcome; none where there is one kind
	latency   [len(outcomeNames)]durations
	phases    phases   // of answers that were taken apart
	undelayed recorder // response times of ok without what was the generator's own, of those that were watched
	noted     uint64   // of those, of how many something is known
	answers   answers
	decisions [len(DecisionModes)]uint64
	negative  uint64 // instants in an impossible order
	causes    causes
	statuses  statuses
	unread    uint64 // waits that were asked for and not understood
	keys      keyCounts
	series    series
}

// durations is the histograms of one outcome. The response times of ok are in
// its classes.
type durations struct{ response, service, sendDelay recorder }

// open makes t ready to count.
func (t *tally) open(o Options) {
	t.options, t.highest, t.slo, t.end = o, o.highest(), o.slo(), o.end()
	n := max(1, len(o.Classes))
	t.classes = make([]class, n+1)[:n:n] // a cache line or more apart from those of another lane
	if len(o.Requests) > 1 {
		t.kinds = make([]class, len(o.Requests))
	}
	t.keys.grow(o.Keys)
	t.series.start(o.Warmup, o.Window)
}

// class returns the counts of a class; there is one where there are no classes.
func (t *tally) class(id uint8) *class {
	if len(t.classes) == 1 {
		return &t.classes[0]
	}
	return &t.classes[id]
}

// add merges other, which another loop counted, into t.
func (t *tally) add(other *tally) {
	t.addCounts(other)
	t.causes.merge(&other.causes)
	t.series.add(&other.series)
}

// extend merges other, which the same loop counted afterwards, into t.
func (t *tally) extend(other *tally) {
	t.addCounts(other)
	t.causes.become(&other.causes)
	t.series.extend(&other.series)
}

// addCounts merges all of which it does not matter who counted it.
func (t *tally) addCounts(other *tally) {
	for i := range other.classes {
		t.classes[i].add(&other.classes[i], t.highest)
	}
	for i := range other.kinds {
		t.kinds[i].add(&other.kinds[i], t.highest)
	}
	for o := range other.latency {
		mine, theirs := &t.latency[o], &other.latency[o]
		mine.response.add(&theirs.response, t.highest)
		mine.service.add(&theirs.service, t.highest)
		mine.sendDelay.add(&theirs.sendDelay, t.highest)
	}
	t.phases.add(&other.phases, t.highest)
	t.undelayed.add(&other.undelayed, t.highest)
	t.noted += other.noted
	for mode, n := range other.decisions {
		t.decisions[mode] += n
	}
	t.answers.add(&other.answers)
	t.negative += other.negative
	t.statuses.add(&other.statuses)
	t.unread += other.unread
	t.keys.add(&other.keys)
}

// total is the sum over classes.
func (t *tally) total() *class {
	var sum class
	for i := range t.classes {
		sum.add(&t.classes[i], t.highest)
	}
	return &sum
}

// check says what does not add up.
func (t *tally) check() error {
	var problems []error
	for i := range t.classes {
		c := &t.classes[i]
		if c.offered != c.ended() {
			problems = append(problems, fmt.Errorf("%sarrivals with an outcome are %d; want the %d that were offered%s",
				t.inClass(i), c.ended(), c.offered, describe(c)))
		}
	}
	if sum, total := ended(t.kinds), ended(t.classes); len(t.kinds) > 0 && sum != total {
		problems = append(problems, fmt.Errorf("requests of all kinds with an outcome are %d; want the %d of all arrivals", sum, total))
	}
	if t.negative > 0 {
		problems = append(problems, fmt.Errorf(
			"samples with instants out of order are %d; want intended <= released, started <= done, all after the warm-up", t.negative))
	}
	return errors.Join(problems...)
}

// inClass names a class where there are several.
func (t *tally) inClass(i int) string {
	if len(t.options.Classes) < 2 {
		return ""
	}
	return "class " + t.options.Classes[i] + ": "
}

// describe lists the outcomes of c, for errors.
func describe(c *class) string {
	text := ""
	for _, o := range Outcomes {
		text += fmt.Sprintf(", %s %d", o, c.outcomes[o])
	}
	if n := c.outcomes[0]; n > 0 {
		text += fmt.Sprintf(", without an outcome %d", n)
	}
	return " (" + text[2:] + ")"
}
