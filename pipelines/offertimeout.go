package pipelines

import (
	"time"

	"github.com/fcbench/fcbench/internal/units"
)

// OfferTimeoutConfig describes a queue before which the source waits for a while.
type OfferTimeoutConfig struct {
	Config  `yaml:",inline"`
	Timeout units.Duration `yaml:"timeout"`
}

// DefaultOfferTimeoutConfig has a channel's buffer and a patience of 10 ms.
func DefaultOfferTimeoutConfig() OfferTimeoutConfig {
	return OfferTimeoutConfig{DefaultConfig(), units.Duration(10 * time.Millisecond)}
}

// offerTimeout holds up who comes when it is full, but not for long: select {
// case ch <- v: case <-timer.C: drop }.
type offerTimeout struct {
	fifo
	timeout time.Duration
}

// NewOfferTimeout returns a queue before which the source waits at most Timeout.
func NewOfferTimeout(c OfferTimeoutConfig) (Policy, error) {
	if err := c.checked(positive("timeout", c.Timeout)); err != nil {
		return nil, err
	}
	return &offerTimeout{newFIFO(c.Config), c.Timeout.Std()}, nil
}

// Offer implements [Policy].
func (o *offerTimeout) Offer(now time.Duration, it *Item) Answer {
	if o.full() {
		return Answer{Verdict: Full, Until: now + o.timeout}
	}
	return o.enter(now, it)
}
