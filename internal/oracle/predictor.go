package oracle

import (
	"fmt"
	"strings"
	"time"
)

// Predictor says what a limiter will decide, by the exact model of its algorithm, when
// nobody asks the limiter itself. It belongs to one goroutine, and remembers every key
// that it was asked about.
type Predictor struct {
	fresh  func() model
	oneKey bool
	step   time.Duration // to which the limiter knows the time
	keys   map[string]model
}

// NewPredictor returns that of a limiter, fresh. Only algorithms with an exact model
// can be predicted, and of those only what decides at once: what is held, and until
// when, or how long callers wait that a shaper delays, is not known beforehand.
func NewPredictor(o Options) (*Predictor, error) {
	r, err := o.rule()
	if err != nil || r.family == bounds || r.family == holders || r.family == queues {
		return nil, fmt.Errorf("algorithm is %q; want one of %s", o.Algorithm, strings.Join(predictable(), ", "))
	}
	return &Predictor{fresh: r.model(o.Limit), oneKey: o.OneKey, step: max(o.Resolution, 1), keys: map[string]model{}}, nil
}

func predictable() (all []string) {
	for _, name := range append(algorithms(), "composite") {
		if r, err := ruleOf(name); err != nil || r.family != holders && r.family != queues {
			all = append(all, name)
		}
	}
	return all
}

// Admits says whether the limiter grants n tokens of key at an instant, and has them
// taken then. The instants of a key must not go back; a limiter that keeps time to a step
// knows them rounded down to it.
func (p *Predictor) Admits(at time.Duration, key string, n int64) bool {
	if p.oneKey {
		key = ""
	}
	at -= at % p.step
	m := p.keys[key]
	if m == nil {
		m = p.fresh()
		p.keys[strings.Clone(key)] = m
	}
	if m.advance(at); !m.admits(n) {
		return false
	}
	m.take(at, n, 0)
	return true
}
