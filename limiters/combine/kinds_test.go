package combine

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/limiters"
)

// kinds are the limiters that can be combined.
var kinds = []struct {
	name  string
	build func(limiters.Limit) (limiters.Limiter, error)
}{
	{"token-bucket", func(l limiters.Limit) (limiters.Limiter, error) { return limiters.NewTokenBucket(bucket(l)) }},
	{"leaky-bucket-meter", func(l limiters.Limit) (limiters.Limiter, error) { return limiters.NewLeakyBucketMeter(bucket(l)) }},
	{"gcra", func(l limiters.Limit) (limiters.Limiter, error) { return limiters.NewGCRA(bucket(l)) }},
	{"fixed-window", func(l limiters.Limit) (limiters.Limiter, error) { return limiters.NewFixedWindow(window(l)) }},
	{"sliding-window-log", func(l limiters.Limit) (limiters.Limiter, error) { return limiters.NewSlidingWindowLog(window(l)) }},
	{"sliding-window-counter", func(l limiters.Limit) (limiters.Limiter, error) {
		return limiters.NewSlidingWindowCounter(window(l))
	}},
}

func bucket(l limiters.Limit) limiters.Config {
	return limiters.Config{Rate: units.Rate{Count: l.Rate, Per: l.Period}, Burst: units.Count(l.Burst)}
}

func window(l limiters.Limit) limiters.WindowConfig {
	return limiters.WindowConfig{Rate: units.Rate{Count: l.Rate, Per: l.Period}, Window: units.Duration(l.Period)}
}

func made(tb testing.TB, kind string, limit limiters.Limit) inner {
	tb.Helper()
	for _, k := range kinds {
		if k.name == kind {
			return must(k.build(limit))(tb).(inner)
		}
	}
	tb.Fatalf("kind is %q; want one of the six", kind)
	return nil
}

// must unwraps a constructor's results.
func must[T any](v T, err error) func(testing.TB) T {
	return func(tb testing.TB) T {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
		return v
	}
}

// grant is n tokens at an instant.
type grant struct {
	at time.Duration
	n  int64
}

// worst returns the first window, from a grant to a grant, that holds more than
// bound, or nil.
func worst(grants []grant, bound func(time.Duration) int64) error {
	slices.SortStableFunc(grants, func(a, b grant) int { return cmp.Compare(a.at, b.at) })
	grants = merged(grants)
	for i := range grants {
		sum := int64(0)
		for _, g := range grants[i:] {
			sum += g.n
			if w := g.at - grants[i].at; sum > bound(w) {
				return fmt.Errorf("from %d to %d ns, in %v, %d tokens were granted; want at most %d", grants[i].at, g.at, w, sum, bound(w))
			}
		}
	}
	return nil
}

// merged sums up what was granted at one instant.
func merged(grants []grant) (sums []grant) {
	for _, g := range grants {
		if last := len(sums) - 1; last >= 0 && sums[last].at == g.at {
			sums[last].n += g.n
			continue
		}
		sums = append(sums, g)
	}
	return sums
}

// drain takes all there is at now, and logs it.
func drain(tb testing.TB, l limiters.Limiter, now time.Duration, log *[]grant) int64 {
	tb.Helper()
	sum := int64(0)
	for n := int64(1 << 11); n > 0; {
		d, err := l.Allow(context.Background(), now, "k", n)
		if err != nil {
			tb.Fatal(err)
		}
		if !d.Allowed {
			n /= 2
			continue
		}
		sum += n
		*log = append(*log, grant{d.At, n})
	}
	return sum
}
