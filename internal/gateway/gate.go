package gateway

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/fcbench/fcbench/internal/builtin"
	"github.com/fcbench/fcbench/limiters"
)

// gate asks the limiter, with no more callers at once than it takes.
type gate struct {
	limiter limiters.Limiter
	holder  limiters.Releaser // nil where nothing is given back
	clock   Clock
	counts  *Counts
	slots   chan struct{} // nil where any number may ask
	warn    func(string)
	failing seldom
	said    atomic.Bool // that it fails
}

const giveBackWithin = 2 * time.Second

func newGate(ctx context.Context, p limiterPlan, o Outside, counts *Counts) (*gate, error) {
	l, err := builtin.Limiters(o.Limiters).Make(p.kind, p.config)
	if err != nil {
		return nil, err
	}
	g := &gate{limiter: l, clock: o.Clock, counts: counts, warn: o.Warn}
	g.holder, _ = limiters.As[limiters.Releaser](l)
	if w, ok := limiters.As[interface{ Workers() int }](l); ok {
		g.slots = make(chan struct{}, w.Workers())
	}
	if opener, ok := limiters.As[limiters.Opener](l); ok {
		if err := opener.Open(ctx); err != nil {
			return nil, errors.Join(fmt.Errorf("limiter %s cannot serve: %w", p.kind, err), g.close(context.WithoutCancel(ctx)))
		}
	}
	return g, nil
}

func (g *gate) close(ctx context.Context) error {
	if c, ok := limiters.As[limiters.Closer](g.limiter); ok {
		return c.Close(ctx)
	}
	return nil
}

// permit is what a request was granted, or why it was not.
type permit struct {
	gate     *gate
	key      string
	decided  bool // there is a decision
	decision limiters.Decision
}

// ask asks for one token. OK says that it was granted.
func (g *gate) ask(ctx context.Context, key string) (permit, Outcome) {
	if g.slots != nil {
		select {
		case g.slots <- struct{}{}:
			defer func() { <-g.slots }()
		case <-ctx.Done():
			return permit{}, Left
		}
	}
	d, err := g.limiter.Allow(ctx, g.clock.Now(), key, 1)
	switch {
	case err != nil && ctx.Err() != nil:
		return permit{}, Left
	case err != nil:
		g.counts.errors.Add(1)
		g.failed(err)
		return permit{}, Unavailable
	}
	g.counts.modes[d.Mode].Add(1)
	if d.Mode == limiters.Primary {
		g.recovered()
	} else {
		g.counts.errors.Add(1)
		g.failed(fmt.Errorf("decided by its policy, %v", d.Mode))
	}
	switch p := (permit{gate: g, key: key, decided: true, decision: d}); {
	case d.Allowed:
		return p, OK
	case d.Mode == limiters.FailClosed:
		return p, Closed
	default:
		return p, Rejected
	}
}

// failed says that the limiter did not decide, now and then.
func (g *gate) failed(err error) {
	if g.failing.due(g.clock.Now()) {
		g.said.Store(true)
		g.warn(fmt.Sprintf("the limiter does not decide: %v (%d times so far)", err, g.counts.errors.Load()))
	}
}

// recovered says that it decides again, if it was said that it does not.
func (g *gate) recovered() {
	if g.said.Load() && g.said.CompareAndSwap(true, false) {
		g.warn(fmt.Sprintf("the limiter decides again; it did not %d times", g.counts.errors.Load()))
	}
}

// returns reports whether what was granted is to be given back.
func (p *permit) returns() bool { return p.gate != nil && p.gate.holder != nil }

// giveBack gives back what was granted, where that is to be done.
func (p *permit) giveBack() {
	if !p.returns() {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), giveBackWithin)
	defer cancel()
	if _, err := p.gate.holder.Release(ctx, p.gate.clock.Now(), p.key, 1, p.decision.Permit); err != nil {
		p.gate.counts.kept.Add(1)
		p.gate.failed(fmt.Errorf("a permit could not be given back: %w", err))
	}
}
