package builtin_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fcbench/fcbench/internal/builtin"
	"github.com/fcbench/fcbench/pipelines"
	"github.com/fcbench/fcbench/pipelines/live"
)

// TestNoGoroutineIsLeft: a pipeline of any kind that is cancelled under overload is quiet
// within its grace. The bubble itself fails where a goroutine is left for good.
func TestNoGoroutineIsLeft(t *testing.T) {
	kinds := builtin.Pipelines()
	for _, kind := range kinds.Names() {
		t.Run(kind, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				policy, _, err := kinds.Build(kind, func(any) error { return nil })
				if err != nil {
					t.Fatal(err)
				}
				start := time.Now()
				clock := func() time.Duration { return time.Since(start) }
				ctx, cancel := context.WithCancel(t.Context())
				p, err := live.Start(ctx, live.Config{
					Clock: clock, Sources: []live.Source{twiceAsMany},
					Stages: []live.Stage{{Policy: policy, Workers: 2, Work: live.Timed(clock, func(begin time.Duration, _ *pipelines.Item) time.Duration {
						return begin + 4*time.Millisecond
					})}},
				})
				if err != nil {
					t.Fatal(err)
				}
				time.Sleep(time.Second)
				cancel()
				cancelled := clock()
				r := p.Wait()
				if r.Err() != nil || r.Offered == 0 || r.Done == 0 || clock()-cancelled > live.Grace {
					t.Errorf("it is quiet %v after it was cancelled, with %+v; want some offered and done, nobody stuck, within %v", clock()-cancelled, r, live.Grace)
				}
			})
		})
	}
}

// twiceAsMany sends 1,000 items a second until it is stopped.
func twiceAsMany(ctx context.Context, send func(*pipelines.Item) bool) error {
	for send(&pipelines.Item{Deadline: pipelines.Forever}) {
		select {
		case <-time.After(time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return ctx.Err()
}
