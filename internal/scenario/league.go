package scenario

import (
	"time"

	"github.com/fcbench/fcbench/results"
)

// patience is how many mean services the slo of a league may have: with more, queues
// may be so long that a strategy is as good as none.
const patience = 10

// CheckLeague reports what keeps the scenario from a league of its pipelines: an slo
// that is longer than ten times what all stages of one take on average, or none, under
// which nothing is late.
func (s *Scenario) CheckLeague() error {
	p := &parser{}
	for _, sub := range s.Subjects {
		mean := 0.0
		for _, stage := range sub.flow.Stages {
			mean += stage.Mean + float64(stage.Setup)
		}
		const rounding = 1 + 1e-9
		want := "at most"
		if s.SLO == 0 {
			want = "more, and at most"
		}
		if s.SLO == 0 || float64(s.SLO) > patience*mean*rounding {
			p.problem(at(s.doc, "slo"), "slo is %v in a league; want %s %v, which is ten times the mean service of %s, %v",
				s.SLO, want, results.Short(time.Duration(patience*mean)), sub.Name, results.Short(time.Duration(mean)))
		}
	}
	return p.problems.Err()
}
