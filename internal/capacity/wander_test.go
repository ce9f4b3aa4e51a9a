package capacity

import "testing"

// TestWander: an edge that falls by 1 % a trial is seen, whatever else was tried, and one
// that is gone up and down on is not.
func TestWander(t *testing.T) {
	fall := func(n, by int) (all []float64) {
		for i := range n {
			all = append(all, 1000-10*float64(i/by))
		}
		return all
	}
	upAndDown := make([]float64, 16)
	for i := range upAndDown {
		upAndDown[i] = 1000 + 10*float64(i%2)
	}
	for name, c := range map[string]struct {
		values []float64
		want   bool
	}{
		"falls at every trial": {fall(16, 1), true},
		"falls at every other": {fall(16, 2), true},
		"up and down":          {upAndDown, false},
		"stands still":         {fall(16, 16), false},
		"too few":              {fall(4, 1), false},
		"one":                  {fall(1, 1), false},
		"none":                 {nil, false},
	} {
		for _, others := range []int{0, 6, 24} {
			l := &local{search: &search{}}
			for _, v := range c.values {
				l.trials = append(l.trials, made{Trial: Trial{Phase: Local, Value: v}})
			}
			for i := range others {
				l.trials = append(l.trials, made{Trial: Trial{Phase: Verify, Value: 900 + 100*float64(i%2)}})
			}
			if trend, got := l.wander(); got != c.want || got && trend <= 0 {
				t.Errorf("%s, beside %d others: trend %g, significant %t; want %t", name, others, trend, got, c.want)
			}
		}
	}
}
