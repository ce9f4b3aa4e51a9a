package control

import (
	"time"

	"github.com/fcbench/fcbench/results"
)

// mostTransitions is how many changes are kept. Those after them are counted.
const mostTransitions = 256

// log is what was changed, and how often the other way than before.
type log struct {
	first     []results.Transition
	all       uint64
	reversals uint64
	rising    [Actuators]int8 // the latest change of each: 1 up, -1 down
}

func (l *log) add(now time.Duration, c Command, from int64) {
	l.all++
	way := int8(1)
	if height(c.What, c.To) < height(c.What, from) {
		way = -1
	}
	if l.rising[c.What] == -way {
		l.reversals++
	}
	l.rising[c.What] = way
	if len(l.first) < mostTransitions {
		l.first = append(l.first, results.Transition{
			TNS: int64(now), Rule: c.Rule, Actuator: c.What.String(), From: inUnits(c.What, from), To: inUnits(c.What, c.To),
		})
	}
}

// height orders the values of an actuator: of rates, off is the highest.
func height(a Actuator, v int64) int64 {
	if v == 0 && (a == Limit || a == Signal) {
		return maxRate + 1
	}
	return v
}

// inUnits are items per second, of rates.
func inUnits(a Actuator, v int64) float64 {
	if a == Limit || a == Signal {
		return float64(v) / 1000
	}
	return float64(v)
}

func (l *log) report(p *results.Pipeline, until time.Duration) {
	p.Transitions, p.TransitionsCut = l.first, l.all-uint64(len(l.first))
	perMinute := func(n uint64) *float64 {
		v := float64(float64(n)*float64(time.Minute)) / float64(max(until, 1))
		return &v
	}
	p.ChangesPerMin, p.ReversalsPerMin = perMinute(l.all), perMinute(l.reversals)
}
