package trials

import (
	"errors"
	"math"
	"testing"
	"time"
)

// TestLadder: the highest rate is found to 20 % in few tries, and never told of a rate that was not
// tried; one try that fails is not believed while there is time.
func TestLadder(t *testing.T) {
	for name, c := range map[string]struct {
		limit   float64
		most    float64
		tries   int // that there is time for
		flaky   int // this try fails, whatever the rate is
		atLeast float64
		missed  bool
	}{
		"fast":             {29_400, fastest, 99, 0, 29_400 / fine, true},
		"very fast":        {9e6, fastest, 99, 0, 9e6 / fine, true},
		"no end":           {1e9, fastest, 99, 0, fastest, false},
		"no more asked":    {29_400, 5000, 99, 0, 5000, false},
		"slow":             {300, fastest, 99, 0, 300 / fine, true},
		"keeps up with no": {10, fastest, 99, 0, 0, true},
		"one fails":        {29_400, fastest, 99, 2, 29_400 / fine, true},
		"the first fails":  {29_400, 1000, 99, 1, 1000, false},
		"no time":          {29_400, fastest, 2, 0, 4000, false},
		"no time to doubt": {29_400, fastest, 2, 2, 1000, true},
	} {
		tried, n := map[float64]time.Duration{}, 0
		found, err := ladder{
			most: c.most,
			more: func() bool { return n < c.tries },
			try: func(rate float64) (a attempt, _ error) {
				n++
				a.lag = time.Duration(rate)
				if rate > c.limit || n == c.flaky {
					a.why = "late"
				}
				tried[rate] = a.lag
				return a, nil
			},
		}.climb()
		if err != nil || found.Most < c.atLeast || found.Most > c.limit || (found.Missed > 0) != c.missed || (found.Why != "") != c.missed || n > 16 {
			t.Errorf("%s: %+v, %v after %d tries; want %.6g at least, missed %t", name, found, err, n, c.atLeast, c.missed)
		}
		if found.Most > 0 && (tried[found.Most] == 0 || found.Lag != tried[found.Most]) || found.Missed > 0 && (tried[found.Missed] == 0 || found.Missed <= found.Most) {
			t.Errorf("%s: %+v; want rates that were tried, of %v", name, found, tried)
		}
		if c.tries == 99 && found.Most > 0 && found.Missed > 0 && found.Missed/found.Most > fine*1.0001 {
			t.Errorf("%s: between %.6g and %.6g; want %.3g between them at most", name, found.Most, found.Missed, fine)
		}
	}
	broken := errors.New("broken")
	_, err := ladder{most: fastest, more: func() bool { return true }, try: func(float64) (attempt, error) { return attempt{why: "late"}, broken }}.climb()
	if !errors.Is(err, broken) {
		t.Errorf("%v; want the error of a try", err)
	}
	if highestOf(0) != fastest || highestOf(1) != lowestRung || highestOf(5000) != 5000 || highestOf(math.Inf(1)) != fastest {
		t.Error("the highest rate of use is not what is asked for, within what can be told")
	}
}
