package thirdparty

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"time"

	"github.com/ulule/limiter/v3"
	"github.com/ulule/limiter/v3/drivers/store/memory"

	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/limiters"
)

const ululeVersion = "v3.11.2"

// UluleConfig describes a limiter of github.com/ulule/limiter in memory.
type UluleConfig struct {
	limiters.WindowConfig `yaml:",inline"`
	// CleanUp is how often a goroutine of the library looks for keys to free; 0
	// has none, and keys are kept for ever. The library's own default is 30s.
	// Nothing but the garbage collector ends that goroutine, by a channel, so a
	// limiter that has it must not be dropped in a synctest bubble.
	CleanUp units.Duration `yaml:"cleanup"`
}

// minCleanUp keeps the goroutine from doing nothing else.
const minCleanUp = units.Duration(time.Millisecond)

// Ulule is github.com/ulule/limiter with its store in memory.
type Ulule struct {
	library
	limiter *limiter.Limiter
}

// NewUlule returns github.com/ulule/limiter with its store in memory, asked by
// Increment, of which Get, its method for middleware, is the case of one.
//
// The README says under "How it works" that a key not there is set to a value
// that expires after a period, which makes it a fixed window, from the first
// request on, and that 429 is the answer when the limit is reached. Requests
// count whether or not they are granted.
func NewUlule(config UluleConfig) (*Ulule, error) {
	model, err := limiters.NewFixedWindow(config.WindowConfig)
	if err != nil {
		return nil, err
	}
	if config.CleanUp != 0 && config.CleanUp < minCleanUp {
		return nil, fmt.Errorf("cleanup is %v; want at least %v, or 0 for none", config.CleanUp, minCleanUp)
	}
	store := memory.NewStoreWithOptions(limiter.StoreOptions{
		Prefix: limiter.DefaultPrefix, CleanUpInterval: time.Duration(config.CleanUp),
	})
	limit := model.Info().Limit
	return &Ulule{
		library: claiming(model, limiters.Info{
			Version: ululeVersion, Scope: "local", State: "count and the end of its window, mutex",
			TimeSource: limiters.TimeClock, Resolution: rounding, Windows: limiters.FromFirst, Lacks: ululeLacks(),
		}),
		limiter: limiter.New(store, limiter.Rate{Period: limit.Period, Limit: limit.Rate}),
	}, nil
}

func ululeLacks() []string {
	return []string{"time as an argument", "denials that change nothing", "retry-after, except as the second of the reset", "reset-after"}
}

// Allow implements [limiters.Limiter]. now is not used.
func (l *Ulule) Allow(ctx context.Context, now time.Duration, key string, n int64) (limiters.Decision, error) {
	if err := l.check(now, n); err != nil {
		return limiters.Decision{}, err
	}
	if l.limiter == nil {
		return limiters.Decision{}, errors.New("limiter is closed")
	}
	state, err := l.limiter.Increment(ctx, key, n)
	if err != nil {
		return limiters.Decision{}, err
	}
	return fromUlule(state), nil
}

func fromUlule(state limiter.Context) limiters.Decision {
	d := limiters.Whether(!state.Reached, limiters.Unknown)
	d.Remaining = state.Remaining
	return d
}

// Close ends the goroutine of the library in the way there is: by dropping all
// that it looks after. Allow must not be called any more.
func (l *Ulule) Close(context.Context) error {
	l.limiter = nil
	runtime.GC()
	return nil
}
