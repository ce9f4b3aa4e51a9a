package runner

import (
	"context"
	"time"

	"github.com/fcbench/fcbench/generators"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
)

const (
	saturation  = 400 * time.Millisecond // how long a saturated pass lasts at most, without preparation
	batch       = 1024                   // requests drawn at a time, outside what is timed
	preparation = 5                      // times as long it may last with preparation: a trace takes its time to read
	perReading  = 32                     // calls that share one reading of the clock
)

// Saturate calls the target as fast as it answers and returns what one call
// costs by the clock and by cpu. Keys are drawn before each batch, and calls
// share clock readings, so that nearly nothing but the target is timed. Its
// now is real, so a limiter refuses most of the calls. Its trial must have begun.
// It takes no longer than the window that it stands beside; 0 is no such bound.
func Saturate(ctx context.Context, target targets.Caller, requests *generators.Schedule, window time.Duration, cpu func() time.Duration) (*results.Saturated, error) {
	length := saturation
	if window > 0 {
		length = min(length, window)
	}
	var wall wallClock
	wall.restart()
	clock := targets.Clock(wall.now) // bound once: each time it would be allocated
	drawn := make([]targets.Request, batch)
	var ops uint64
	var spent, burned time.Duration
	for spent < length && wall.now() < preparation*length && ctx.Err() == nil {
		draw(requests, drawn)
		burned -= cpu()
		start := wall.now()
		now := start
		for i := range drawn {
			if i%perReading == 0 {
				now = wall.now()
			}
			drawn[i].Now = now
			target.Do(ctx, clock, &drawn[i])
		}
		spent += wall.now() - start
		burned += cpu()
		ops += batch
	}
	if ops == 0 {
		return nil, nil
	}
	return &results.Saturated{Ops: ops, NSPerOp: float64(spent) / float64(ops), CPUNSPerOp: float64(burned) / float64(ops)}, requests.Err()
}

func draw(requests *generators.Schedule, into []targets.Request) {
	var a generators.Arrival
	for i := range into {
		if !requests.Next(&a) {
			return
		}
		into[i] = targets.Request{Key: a.Key, KeyID: a.KeyID, Cost: a.Cost, Size: a.Size, Class: a.Class}
	}
}
