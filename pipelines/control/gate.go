package control

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/fcbench/fcbench/limiters"
)

// Gate is a limiter before the first queue, for all items together, that can be turned
// off, on and to another rate while it is asked.
type Gate struct {
	limiter limiters.Limiter
	setter  limiters.LimitSetter
	given   limiters.Limit
	closed  atomic.Bool // the limiter is asked
	refused atomic.Uint64
}

// mostBurst leaves buckets room for rates to the thousandth of an item per second.
const mostBurst = 1_000_000

// NewGate returns a gate that asks the limiter from the beginning, unless a control
// opens and closes it.
func NewGate(l limiters.Limiter, controlled bool) (*Gate, error) {
	g := &Gate{limiter: l}
	described, ok := limiters.As[limiters.Described](l)
	if !ok {
		return nil, errors.New("the limiter does not say what it is; want one of fcbench's own, such as token-bucket")
	}
	info := described.Info()
	_, holds := limiters.As[limiters.Releaser](l)
	if g.given = info.Limit; info.Scope != "local" || info.TimeSource != limiters.TimeArgument || info.Shaper || holds {
		return nil, errors.New("the limiter asks somebody else, makes callers wait or counts what is held; want one that only refuses, such as token-bucket")
	}
	if g.setter, ok = limiters.As[limiters.LimitSetter](l); controlled && (!ok || len(info.Also) > 0) {
		return nil, errors.New("the limit of the limiter cannot be changed while it is used; want one of which it can, such as token-bucket")
	}
	if controlled && g.given.Burst > mostBurst {
		return nil, fmt.Errorf("burst is %d; want at most %d where the rate changes", g.given.Burst, mostBurst)
	}
	g.closed.Store(!controlled)
	return g, nil
}

// Given is the rate of the limiter as it was made, in thousandths of an item per second.
func (g *Gate) Given() int64 { return perSecond(g.given.Rate, g.given.Period) }

// Admit reports whether an item may come in. An error is no decision, and keeps nobody
// out: limiters in this process that are told the time have none.
func (g *Gate) Admit(now time.Duration) bool {
	if !g.closed.Load() {
		return true
	}
	d, err := g.limiter.Allow(context.Background(), now, "", 1)
	if err != nil || d.Allowed {
		return true
	}
	g.refused.Add(1)
	return false
}

// Refused is how many the limiter has refused so far.
func (g *Gate) Refused() uint64 { return g.refused.Load() }

// Set gives the limiter another rate, in thousandths of an item per second, from now
// on; 0 turns it off.
func (g *Gate) Set(now time.Duration, rate int64) {
	g.closed.Store(rate > 0)
	if rate == 0 {
		return
	}
	limit := limiters.Limit{Rate: rate, Period: 1000 * time.Second, Burst: g.given.Burst}
	if limit.Burst == 0 { // windows keep their length
		limit.Period = g.given.Period
		limit.Rate = max(1, times(rate, int64(limit.Period), 1000*int64(time.Second)))
	}
	if _, err := g.setter.SetLimit(context.Background(), now, limit); err != nil {
		panic(fmt.Sprintf("control: a limit of %d thousandths a second, within bounds, is refused: %v", rate, err))
	}
}
