package oracle

import (
	"time"

	"github.com/fcbench/fcbench/internal/events"
)

// departures are the admissions of a shaper that have not been let go yet. It decides on them in one order and
// lets them go in another, if it is wrong; they count in the order in which they go.
type departures struct{ events.Agenda[departure] }

// departure is what has to be known of an admission when it goes.
type departure struct {
	n           int64
	waited, due bool
}

// leave counts what has been let go by the instant at.
func (j *Judge) leave(k *ledger, at time.Duration) {
	if a := j.more(k); a != nil {
		a.leaving.Settle(at, func(acts time.Duration, d departure) { j.act(k, acts, d) })
	}
}

// act counts an admission at the instant at which it takes effect, not before
// any other of its key.
func (j *Judge) act(k *ledger, at time.Duration, d departure) {
	if j.lost(k) {
		j.trace(k, at, d.n)
		return
	}
	if j.family == bounds {
		j.decide(k, &Observation{Key: k.key, At: at, N: d.n, Allowed: true})
	}
	j.pace(k, true, d.waited, at, d.due)
	j.trace(k, at, d.n)
}
