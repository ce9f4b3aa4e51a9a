package pipelines

import "time"

// Truth is what the workers behind a queue really do.
type Truth struct {
	// Nearly and Hardly are how long service takes at most 98 and 20 of 100 times, of
	// as many as a worker takes at once, at the pace of service as it is drawn.
	Nearly, Hardly time.Duration
	// End is when service is over that begins at now and takes so long at that pace,
	// with all changes that are still to come; Forever where it never is.
	End func(now, work time.Duration) time.Duration
}

// Informed is a policy that has to be told the truth by who builds the pipeline,
// before anything else. Only oracles are.
type Informed interface{ Inform(Truth) }

// oracle is a slack that knows service, and what becomes of its pace.
type oracle struct {
	slack
	truth Truth
}

// NewStaticOracle returns what one could do at best by knowing the capacity at every
// instant, but neither what arrives nor how long the next one takes: no strategy, but
// what strategies are measured by. Who is not [Informed] knows nothing.
func NewStaticOracle(c SlackConfig) (Policy, error) {
	s, err := newSlack(c)
	if err != nil {
		return nil, err
	}
	o := &oracle{slack: s, truth: Truth{End: func(now, work time.Duration) time.Duration { return now + work }}}
	o.need = func(now time.Duration) (nearly, hardly time.Duration) {
		return o.truth.End(now, o.truth.Nearly) - now, o.truth.End(now, o.truth.Hardly) - now
	}
	return o, nil
}

// Inform implements [Informed].
func (o *oracle) Inform(t Truth) { o.truth = t }
