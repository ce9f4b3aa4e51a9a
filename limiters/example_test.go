package limiters_test

import (
	"context"
	"fmt"
	"time"

	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/limiters"
)

func Example() {
	l, err := limiters.NewGCRA(limiters.Config{
		Rate:  units.Rate{Count: 10, Per: time.Second},
		Burst: 2,
	})
	if err != nil {
		panic(err)
	}
	for _, now := range []time.Duration{0, 0, 0, 100 * time.Millisecond} {
		d, _ := l.Allow(context.Background(), now, "alice", 1)
		fmt.Println(d.Allowed, d.Remaining, d.RetryAfter)
	}
	// Output:
	// true 1 0s
	// true 0 0s
	// false 0 100ms
	// true 0 0s
}
