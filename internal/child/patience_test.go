package child

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestPatience: a limit is what it says; who stood still meanwhile waits for all of it
// again, but not for ever; nobody is told who was answered.
func TestPatience(t *testing.T) {
	const limit = time.Second
	for name, c := range map[string]struct {
		frozen []time.Duration // by which the clock is ahead when a limit is over, in turn
		met    time.Duration
		over   time.Duration // 0: never
	}{
		"silent":                    {nil, 0, limit},
		"answered":                  {nil, limit - 1, 0},
		"busy":                      {[]time.Duration{limit / 20}, 0, limit},
		"frozen, and answered":      {[]time.Duration{30 * limit}, 2*limit - 1, 0},
		"frozen, and silent":        {[]time.Duration{30 * limit}, 0, 2 * limit},
		"frozen again and again":    {[]time.Duration{limit, limit, limit, limit, limit, limit}, 0, mostLimits * limit},
		"frozen for a moment twice": {[]time.Duration{limit / 5, limit / 5}, 0, 3 * limit},
	} {
		synctest.Test(t, func(t *testing.T) {
			start, over := time.Now(), time.Duration(0)
			now := func() time.Time {
				ahead := time.Duration(0)
				for _, f := range c.frozen[:min(int(time.Since(start)/limit), len(c.frozen))] {
					ahead += f
				}
				return time.Now().Add(ahead)
			}
			p := expect(limit, now, func() { over = time.Since(start) })
			if c.met > 0 {
				time.AfterFunc(c.met, p.Met)
			}
			time.Sleep(20 * limit)
			if synctest.Wait(); over != c.over {
				t.Errorf("%s: over after %v; want %v", name, over, c.over)
			}
			p.Met()
		})
	}
}
