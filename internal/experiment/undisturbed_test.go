package experiment

import (
	"testing"

	"github.com/fcbench/fcbench/results"
)

const stepped = `name: step
seed: 3
slo: 100ms
workload: {arrivals: 'stages:6s@50,2s@300,12s@50', keys: 'uniform:10'}
undisturbed: {arrivals: 'poisson:50/s'}
duration: 20s
repeats: 2
subjects:
- {name: short, pipeline: {kind: drop-oldest, capacity: 5, workers: 1, service: 'exponential:10ms'}}
- {name: long, pipeline: {kind: drop-oldest, capacity: 200, workers: 1, service: 'exponential:10ms'}}
`

// TestRecoveryIsToldAgainstTheUndisturbedRun: in virtual time that is another run of the
// same seed and subject, which is made once and stands in no list.
func TestRecoveryIsToldAgainstTheUndisturbedRun(t *testing.T) {
	p := planOf(t, stepped)
	p.Time = results.Virtual
	calm := aPlan(p.Scenario.Undisturbed, nil)
	calm.Time = results.Virtual
	p99 := map[string]int64{}
	for _, r := range kept(t, calm).runs {
		p99[r.Trial] = r.Latency.Response["ok"].P99NS
		if r.League.Undisturbed != "" || r.League.OverloadEndNS != nil {
			t.Errorf("the undisturbed run of %s says %+v; want no overload", r.Trial, r.League)
		}
	}
	d := kept(t, p)
	for _, r := range d.runs {
		l := r.League
		if l.Undisturbed != results.UndisturbedRun || l.UndisturbedP99NS == nil || *l.UndisturbedP99NS != p99[r.Trial] || l.RecoveryNS == nil {
			t.Errorf("%s, repeat %d: the league says %+v; want a recovery against the %d ns of the undisturbed run", r.Trial, r.Repeat, l, p99[r.Trial])
		}
	}
	made := 0
	p.calm.Range(func(any, any) bool { made++; return true })
	if made != 2 || len(d.runs) != 4 || len(d.said) != 8 {
		t.Errorf("%d undisturbed runs were made beside %d others, of which %d was said; want 2, 4 and 8", made, len(d.runs), len(d.said))
	}
}

// TestNoUndisturbedRun: in real time none is made, as where nobody says what it would be.
func TestNoUndisturbedRun(t *testing.T) {
	p := planOf(t, stepped)
	r := &one{Trial: Trial{Plan: p}, Opened: &Opened{world: p.World, subject: p.Scenario.Subjects[0], time: results.Real}}
	if got := r.undisturbed(t.Context()); got != 0 {
		t.Errorf("in real time an undisturbed run has a p99 of %v; want none", got)
	}
	r.time, p.Scenario.Undisturbed = results.Virtual, nil
	if got := r.undisturbed(t.Context()); got != 0 {
		t.Errorf("nobody says what an undisturbed run is, and it has a p99 of %v; want none", got)
	}
}
