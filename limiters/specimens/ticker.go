package specimens

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/fcbench/fcbench/limiters"
)

const (
	// shortestTick is about how often a sleeping thread can be relied on to wake.
	shortestTick = time.Millisecond
	// maxBurst keeps filling the channel, one token at a time, short.
	maxBurst = 1 << 20
)

// Ticker is a channel of tokens that a goroutine fills whenever a [time.Ticker]
// fires. A rate that is faster than the ticker can be brings several tokens per
// tick: those that were due since the last one, counted exactly. What the
// channel has no room for is lost, so that it falls short of any rate at which
// more than the burst is due per tick.
//
// It reads the clock by itself and so knows nothing of the now it is given.
// Open starts the goroutine, Close stops it.
type Ticker struct {
	claim  *limiters.TokenBucket // what it is believed to be
	limit  limiters.Limit
	tokens chan struct{}
	stop   chan struct{}
	done   chan struct{} // closed by the goroutine; nil before Open
}

var (
	_ limiters.Limiter   = (*Ticker)(nil)
	_ limiters.Described = (*Ticker)(nil)
	_ limiters.Opener    = (*Ticker)(nil)
	_ limiters.Closer    = (*Ticker)(nil)
)

// NewTicker returns a full channel. Nothing runs before it is opened.
func NewTicker(config limiters.Config) (*Ticker, error) {
	claim, err := limiters.NewTokenBucket(config)
	if config.Burst > maxBurst {
		err = errors.Join(err, fmt.Errorf("burst is %d; want at most %d in a channel", config.Burst, maxBurst))
	}
	if err != nil {
		return nil, err
	}
	t := &Ticker{
		claim: claim, limit: claim.Info().Limit,
		tokens: make(chan struct{}, config.Burst),
		stop:   make(chan struct{}),
	}
	t.fill(t.limit.Burst)
	return t, nil
}

// fill adds tokens as long as there is room.
func (t *Ticker) fill(tokens int64) {
	for range tokens {
		select {
		case t.tokens <- struct{}{}:
		default:
			return
		}
	}
}

// Open implements [limiters.Opener]. It is called once, as Close is.
func (t *Ticker) Open(context.Context) error {
	if t.done != nil {
		return errors.New("the ticker is running; want it opened once")
	}
	t.done = make(chan struct{})
	go t.run()
	return nil
}

// run fills the channel until it is stopped.
func (t *Ticker) run() {
	defer close(t.done)
	refill := lasting(t.limit, t.limit.Burst)
	ticker := time.NewTicker(max(shortestTick, lasting(t.limit, 1)))
	defer ticker.Stop()
	credit := int64(0) // in units of 1/Period of a token
	for last := time.Now(); ; {
		select {
		case <-t.stop:
			return
		case <-ticker.C:
		}
		// A tick that comes late brings what is due, but no more than there can be.
		now := time.Now()
		credit += int64(min(now.Sub(last), refill)) * t.limit.Rate
		t.fill(min(credit/int64(t.limit.Period), t.limit.Burst))
		credit %= int64(t.limit.Period)
		last = now
	}
}

// Close implements [limiters.Closer]: it stops the goroutine and waits for its end.
func (t *Ticker) Close(ctx context.Context) error {
	select {
	case <-t.stop:
	default:
		close(t.stop)
	}
	if t.done == nil {
		return nil
	}
	select {
	case <-t.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Allow implements [limiters.Limiter]. The key makes no difference.
func (t *Ticker) Allow(_ context.Context, now time.Duration, _ string, n int64) (limiters.Decision, error) {
	if n != 1 {
		return limiters.Decision{}, fmt.Errorf("cost is %d; want 1, since tokens come out of a channel one by one", n)
	}
	d := limiters.Decision{At: now, ResetAfter: limiters.Unknown}
	select {
	case <-t.tokens:
		d.Allowed = true
	default:
		d.RetryAfter = limiters.Unknown
	}
	d.Remaining = int64(len(t.tokens))
	return d, nil
}

// Bound implements [limiters.Described]: what is in the channel when the window
// opens, as much again that a late tick brings at once, what flows in
// afterwards, and one for the fraction that had flowed in before.
func (t *Ticker) Bound(w time.Duration) int64 {
	most, late := t.claim.Bound(w), t.limit.Burst+1
	if most > int64(limiters.Never)-late {
		return int64(limiters.Never)
	}
	return most + late
}

// Info implements [limiters.Described].
func (t *Ticker) Info() limiters.Info {
	return limiters.Info{
		Algorithm:  "ticker",
		Scope:      "local",
		State:      "channel of tokens, goroutine",
		TimeSource: limiters.TimeClock,
		Limit:      t.limit,
		Unkeyed:    true,
		Unweighted: true,
		Lacks:      []string{"keys", "costs", "time as an argument", "peek", "retry-after", "reset-after"},
	}
}
