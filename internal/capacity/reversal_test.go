package capacity

import (
	"testing"
	"time"
)

// TestReversalsOfCliffs: trials that fail first, and pass later at the same load or a higher
// one, are those of a target that was scaled up, if there are enough of them.
func TestReversalsOfCliffs(t *testing.T) {
	for name, c := range map[string]struct {
		trials string // at 1000/s: f fails, p passes; F and P at 1010/s, and _ at 500/s, where all pass
		trend  float64
		want   bool
	}{
		"up":                     {"fffpppppp", -18, true},
		"up, at a higher load":   {"fff___PPPPPP", -18, true},
		"down":                   {"ppppppfff", 18, true},
		"down, from a higher":    {"PPPPPPfff", 18, true},
		"to and fro":             {"fpfpfpfpp", -8, false},
		"too few":                {"fffppp", -9, false},
		"one":                    {"fp", -1, false},
		"no contradiction":       {"______pppppFFFFF", 0, false},
		"nor the other way":      {"FFFFFFpppppp", 0, false},
		"nothing":                {"", 0, false},
		"beside many that agree": {"____FFFfffpppppp____FFF", -18, true},
	} {
		p := testPlan()
		p.Goals = []Goal{{Name: "cpu"}}
		l := &local{search: &search{Plan: p}}
		for i, r := range c.trials {
			m := made{Trial{Number: i + 1, Value: 1000, Length: time.Second}, Observation{Goals: []Count{{0, 1}}}}
			switch r {
			case 'F', 'P':
				m.Value = 1010
			case '_':
				m.Value = 500
			}
			if r == 'f' || r == 'F' {
				m.Goals[0].Bad = 1
			}
			l.trials = append(l.trials, m)
		}
		if trend, significant := l.reversal(); trend != c.trend || significant != c.want {
			t.Errorf("%s: trend %g, significant %t; want %g, %t", name, trend, significant, c.trend, c.want)
		}
	}
}

// TestClassificationSeesCliffsMove where they did so while loads were classified.
func TestClassificationSeesCliffsMove(t *testing.T) {
	for seed := range uint64(3) {
		p := mlrPlan()
		p.Goals, p.Seed = []Goal{{Name: "cpu"}}, seed
		p.Fit()
		s := &scaled{factor: func(age, _ time.Duration) float64 {
			if age < 140*time.Second {
				return 1
			}
			return 1.05
		}, least: 1000}
		a, err := Search(t.Context(), p, s.atCliff)
		if err != nil || a.Verdict == Capacity && a.Low > 1000*(1+p.Precision) {
			t.Errorf("seed %d: %s [%.6g, %.6g] %q, %v; want no capacity above 1000", seed, a.Verdict, a.Low, a.High, a.Reasons, err)
		}
	}
}
