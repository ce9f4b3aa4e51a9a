package capacity

import (
	"fmt"
	"math"
	"testing"
	"time"
)

// rfcGoal is one of the four of RFC 9971's example search.
type rfcGoal struct {
	name  string
	ratio float64
	Terms
}

func rfcGoals() [4]rfcGoal {
	return [...]rfcGoal{
		{"RFC2544", 0, Terms{Final: time.Minute, Sum: time.Minute}},
		{"TST009", 0, Terms{Final: time.Minute, Sum: 2 * time.Minute, Exceed: 0.5}},
		{"1s final", 0.005, Terms{Final: time.Second, Sum: 2 * time.Minute, Exceed: 0.5}},
		{"20% exceed", 0.005, Terms{Final: time.Minute, Sum: time.Minute, Exceed: 0.2}},
	}
}

func times(n int, length time.Duration, ratio float64) (all []loss) {
	for range n {
		all = append(all, loss{ratio, length})
	}
	return all
}

// rfcPoints are the trials that the example adds at its six points in time, at a million a second.
func rfcPoints() [6][]loss {
	return [...][]loss{
		times(59, time.Second, 0), times(1, time.Second, 0.01), times(59, time.Second, 0.01),
		times(1, time.Second, 0), times(1, time.Minute, 0.001), times(1, time.Minute, 0),
	}
}

// TestExampleOfRFC9971 is its appendix C.3, with the sums in seconds: those of full-length
// trials with high and with low loss, of short ones likewise, what counts as high, the whole,
// both exceed ratios in percent, and what the load is.
//
// Its table calls the load a lower bound of the goal with 20 % at the last two points, beside
// exceed ratios of 42.857 % and 27.273 %, and its text says why; by its own code, which is what
// defines bounds, that is an upper bound, as at points 3 and 4.
func TestExampleOfRFC9971(t *testing.T) {
	type row struct {
		fullHigh, fullLow, shortHigh, shortLow, high, whole, optimistic, pessimistic float64
		want                                                                         bound
	}
	want := [6][4]row{
		{
			{0, 0, 0, 59, 0, 60, 0, 100, undecided},
			{0, 0, 0, 59, 0, 120, 0, 100, undecided},
			{0, 59, 0, 0, 0, 120, 0, 50.833, undecided},
			{0, 0, 0, 59, 0, 60, 0, 100, undecided},
		},
		{
			{0, 0, 1, 59, 1, 60, 1.667, 100, upper},
			{0, 0, 1, 59, 0, 120, 0, 100, undecided},
			{1, 59, 0, 0, 1, 120, 0.833, 50.833, undecided},
			{0, 0, 1, 59, 0, 60, 0, 100, undecided},
		},
		{
			{0, 0, 60, 59, 60, 60, 100, 100, upper},
			{0, 0, 60, 59, 1, 120, 0.833, 100, undecided},
			{60, 59, 0, 0, 60, 120, 50, 50.833, undecided},
			{0, 0, 60, 59, 45.25, 60, 75.417, 100, upper},
		},
		{
			{0, 0, 60, 60, 60, 60, 100, 100, upper},
			{0, 0, 60, 60, 0, 120, 0, 100, undecided},
			{60, 60, 0, 0, 60, 120, 50, 50, lower},
			{0, 0, 60, 60, 45, 60, 75, 100, upper},
		},
		{
			{60, 0, 60, 60, 120, 120, 100, 100, upper},
			{60, 0, 60, 60, 60, 120, 50, 100, undecided},
			{60, 120, 0, 0, 60, 180, 33.333, 33.333, lower},
			{0, 60, 60, 60, 45, 105, 42.857, 42.857, upper},
		},
		{
			{60, 60, 60, 60, 120, 180, 66.667, 66.667, upper},
			{60, 60, 60, 60, 60, 120, 50, 50, lower},
			{60, 180, 0, 0, 60, 240, 25, 25, lower},
			{0, 120, 60, 60, 45, 165, 27.273, 27.273, upper},
		},
	}
	var trials []loss
	for point, added := range rfcPoints() {
		trials = append(trials, added...)
		for i, g := range rfcGoals() {
			w := want[point][i]
			s := g.sums(g.ratio, trials)
			if got := [4]float64{s.fullHigh.Seconds(), s.fullLow.Seconds(), s.shortHigh.Seconds(), s.shortLow.Seconds()}; got != [4]float64{w.fullHigh, w.fullLow, w.shortHigh, w.shortLow} {
				t.Errorf("point %d, %s: the sums are %v s; want %+v", point+1, g.name, got, w)
			}
			high, whole := g.weigh(s)
			optimistic := 100 * high.Seconds() / whole.Seconds()
			pessimistic := 100 * (whole - s.fullLow).Seconds() / whole.Seconds()
			if high.Seconds() != w.high || whole.Seconds() != w.whole || math.Abs(optimistic-w.optimistic) > 1e-3 || math.Abs(pessimistic-w.pessimistic) > 1e-3 {
				t.Errorf("point %d, %s: %v of %v, ratios %.3f %% to %.3f %%; want %+v", point+1, g.name, high, whole, optimistic, pessimistic, w)
			}
			if got := g.classify(s); got != w.want {
				t.Errorf("point %d, %s: the load is %d; want %d", point+1, g.name, got, w.want)
			}
		}
	}
	for i, want := range [...]float64{1: 1e6, 2: 1e6, 3: 999e3} { // appendix C.4; the first goal has no lower bound
		if got := rfcGoals()[i].throughput(1e6, trials); i > 0 && math.Abs(got-want) > 1e-6 {
			t.Errorf("the conditional throughput of %s is %.6g; want %.6g", rfcGoals()[i].name, got, want)
		}
	}
}

// slow is RFC 9971's pseudocode of the load classification, step by step, in seconds.
func slow(t Terms, s sums) bound {
	exceed := t.Exceed
	balancing := s.shortLow.Seconds() * exceed / (1 - exceed)
	positive := math.Max(0, s.shortHigh.Seconds()-balancing)
	high := s.fullHigh.Seconds() + positive
	full := s.fullLow.Seconds() + high
	whole := math.Max(full, t.Sum.Seconds())
	missing := whole - full
	const rounding = 1e-9
	switch {
	case (high+missing)/whole <= exceed+rounding:
		return lower
	case high/whole > exceed+rounding:
		return upper
	}
	return undecided
}

// TestClassificationIsThatOfTheRFC for every set of a few trials, and no load is undecided
// once full-length trials are as long as the duration sum.
func TestClassificationIsThatOfTheRFC(t *testing.T) {
	for _, exceed := range []float64{0, 0.1, 0.2, 0.3, 0.5, 0.7, 0.9} {
		terms := Terms{Final: 3 * time.Second, Sum: 9 * time.Second, Exceed: exceed}
		for code := range 5 * 5 * 5 * 5 {
			s := sums{
				time.Duration(code%5) * 3 * time.Second, time.Duration(code/5%5) * 3 * time.Second,
				time.Duration(code/25%5) * 700 * time.Millisecond, time.Duration(code/125%5) * 1100 * time.Millisecond,
			}
			got := terms.classify(s)
			if want := slow(terms, s); got != want {
				t.Fatalf("exceed ratio %g, %+v: %d; want %d", exceed, s, got, want)
			}
			if got == undecided && s.fullLow+s.fullHigh >= terms.Sum {
				t.Fatalf("exceed ratio %g, %+v: undecided after the duration sum", exceed, s)
			}
		}
	}
}

// TestConditionalThroughput of few trials: what is missing of the duration sum counts as lost.
func TestConditionalThroughput(t *testing.T) {
	terms := Terms{Final: 10 * time.Second, Sum: 50 * time.Second, Exceed: 0.5}
	for name, c := range map[string]struct {
		trials []loss
		want   float64
	}{
		"three good ones of five":     {append(times(2, 10*time.Second, 0.001), times(1, 10*time.Second, 0.004)...), 996},
		"in another order":            {append(times(1, 10*time.Second, 0.004), times(2, 10*time.Second, 0.001)...), 996},
		"five, two of them bad":       {append(times(2, 10*time.Second, 0.5), times(3, 10*time.Second, 0.002)...), 998},
		"too few":                     {times(2, 10*time.Second, 0), 0},
		"short ones do not count":     {append(times(3, 10*time.Second, 0.002), times(50, time.Second, 0)...), 998},
		"longer than the sum, though": {append(times(1, time.Minute, 0.002), times(4, 10*time.Second, 0.1)...), 998},
		"none of full length":         {times(9, time.Second, 0), 0},
	} {
		if got := terms.throughput(1000, c.trials); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%s: %.6g; want %.6g", name, got, c.want)
		}
	}
}

// TestLossIsOfGoals: bad requests of a goal with a budget, all or nothing of one without, and
// everything of a trial in which more arrived than was served.
func TestLossIsOfGoals(t *testing.T) {
	soft, hard := Goal{Budget: 0.01}, Goal{}
	for name, c := range map[string]struct {
		goal    Goal
		count   Count
		backlog bool
		want    float64
	}{
		"some":    {soft, Count{5, 1000}, false, 0.005},
		"nothing": {soft, Count{}, false, 0},
		"behind":  {soft, Count{5, 1000}, true, 1},
		"kept":    {hard, Count{0, 1}, false, 0},
		"missed":  {hard, Count{1, 1}, false, 1},
	} {
		m := made{Trial{Length: time.Second}, Observation{Goals: []Count{c.count}, Backlog: c.backlog}}
		if got := c.goal.lost(m, 0); fmt.Sprint(got) != fmt.Sprint(loss{c.want, time.Second}) {
			t.Errorf("%s: %v; want %g", name, got, c.want)
		}
	}
}
