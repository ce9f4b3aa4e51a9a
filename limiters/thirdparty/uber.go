package thirdparty

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"go.uber.org/ratelimit"

	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/limiters"
)

const uberVersion = "v0.3.1"

// UberConfig describes a limiter of go.uber.org/ratelimit.
type UberConfig struct {
	Rate units.Rate `yaml:"rate"`
	// Slack is how many requests not made before may be made up for at once.
	Slack units.Count `yaml:"slack"`
	Bare  bool        `yaml:"bare"`
}

// DefaultUberConfig has the slack of the library; the rate has no default.
func DefaultUberConfig() UberConfig { return UberConfig{Slack: 10} }

// NewUber returns go.uber.org/ratelimit, a shaper: Take grants everything, and
// sleeps first.
//
// The README names the leaky bucket, filled by the time that passed between
// requests, in front of which the caller sleeps until it may continue; nothing
// limits how many do. The option WithSlack lets requests that were not made add
// up to a later burst, ten of them unless told otherwise; the bound counts them.
//
// Through the option WithClock, meant for tests, Take is told the time and its
// sleep becomes [limiters.Decision].Delay. As the clock of the library takes no
// argument, a lock holds now and the call together.
func NewUber(config UberConfig) (limiters.Limiter, error) {
	if config.Slack < 0 {
		_, err := limiters.Config{Rate: config.Rate, Burst: 1}.Limit()
		return nil, errors.Join(err, fmt.Errorf("slack is %d; want at least 0", config.Slack))
	}
	model, err := limiters.NewTokenBucket(limiters.Config{Rate: config.Rate, Burst: config.Slack + 1})
	if err != nil {
		return nil, err
	}
	lib := claiming(model, limiters.Info{
		Version: uberVersion, Scope: "local", State: "instant of the latest grant, CAS",
		TimeSource: limiters.TimeArgument, Resolution: rounding, Unweighted: true, Shaper: true,
		Lacks: []string{"keys", "costs", "denials", "context", "peek", limiters.NoInstant, "remaining", "reset-after"},
	})
	lib.info.Algorithm = "leaky-bucket" // with slack, and no end to its queue: held to its bound alone
	lib.info.Limit.Burst = endless / int64(lib.info.Limit.Reduced().Period)
	count, period := config.Rate.Count, config.Rate.Per
	return newUnkeyed(config.Bare, lib, maker[*taker]{
		make: func() *taker {
			t := new(taker)
			t.limiter = ratelimit.New(int(count), ratelimit.Per(period), ratelimit.WithSlack(int(config.Slack)), ratelimit.WithClock(&t.clock))
			return t
		},
		decide: (*taker).take,
	}), nil
}

// endless is the capacity, in units of 1/Period of a token, of the longest queue
// that package limiters has: that of a queue without a limit.
const endless = 1<<62 - 1

// taker is a limiter with a clock that it reads under the lock only.
type taker struct {
	mu      sync.Mutex
	clock   stopped
	limiter ratelimit.Limiter
}

func (t *taker) take(at time.Duration, _ int64) limiters.Decision {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.clock = stopped{now: instant(at)}
	t.limiter.Take()
	d := limiters.Whether(true, at)
	d.Delay = t.clock.slept
	return d
}

// stopped is a clock that stands still and adds up what it should have slept.
type stopped struct {
	now   time.Time
	slept time.Duration
}

func (c *stopped) Now() time.Time        { return c.now }
func (c *stopped) Sleep(d time.Duration) { c.slept += d }
