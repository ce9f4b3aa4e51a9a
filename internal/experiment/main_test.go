package experiment

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/bubble"
	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/limiters"
)

// TestMain lets the test binary be the child that runs in a bubble, or a limiter.
func TestMain(m *testing.M) {
	if _, called := bubble.Called(); called {
		bubble.Main(func(in io.Reader, out io.Writer) int { return InBubble(in, out) })
	}
	if len(os.Args) == 3 && os.Args[1] == "coarse" {
		os.Exit(coarse(os.Args[2]))
	}
	os.Exit(m.Run())
}

// coarse is a limiter in a program of its own: a bucket that rounds the time up
// to whole milliseconds, with one state for all keys, and says hello so.
func coarse(hello string) int {
	in := json.NewDecoder(os.Stdin)
	var limit struct{ Rate, Period_ns, Burst int64 }
	if in.Decode(&limit) != nil {
		return 1
	}
	l, err := limiters.NewGCRA(limiters.Config{
		Rate: units.Rate{Count: limit.Rate, Per: time.Duration(limit.Period_ns)}, Burst: units.Count(limit.Burst),
	})
	if err != nil {
		return 1
	}
	fmt.Println(hello)
	for {
		var r struct{ Now_ns, N int64 }
		if in.Decode(&r) != nil {
			return 0
		}
		now := time.Duration(r.Now_ns) + time.Millisecond - 1
		d, _ := l.Allow(context.Background(), now.Truncate(time.Millisecond), "all", r.N)
		fmt.Printf("{\"allowed\":%t}\n", d.Allowed)
	}
}
