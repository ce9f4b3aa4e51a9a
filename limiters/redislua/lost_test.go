package redislua_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/redisproc/redisproctest"
	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/limiters/redislua"
	"github.com/redis/go-redis/v9"
)

// forgetful has the server lose its scripts within the first pipeline, before one of its
// commands, and counts the commands of each pipeline.
type forgetful struct {
	before int
	sent   []int
}

func (f *forgetful) DialHook(next redis.DialHook) redis.DialHook { return next }

func (f *forgetful) ProcessHook(next redis.ProcessHook) redis.ProcessHook { return next }

func (f *forgetful) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, calls []redis.Cmder) error {
		f.sent = append(f.sent, len(calls))
		if len(f.sent) > 1 {
			return next(ctx, calls)
		}
		return next(ctx, slices.Insert(slices.Clone(calls), f.before, redis.Cmder(redis.NewStatusCmd(ctx, "script", "flush"))))
	}
}

// wantSent wants those that the server refused to be sent once more, together, and nobody else.
func (f *forgetful) wantSent(t *testing.T, calls int) {
	t.Helper()
	want := []int{calls}
	if lost := calls - f.before; lost > 0 {
		want = append(want, lost)
	}
	if !slices.Equal(f.sent, want) {
		t.Errorf("scripts lost before call %d: pipelines of %v calls were sent; want %v", f.before, f.sent, want)
	}
}

// TestPipelineChargesOnceWhatWasLost loses the scripts in the middle of a pipeline: what was
// decided before that is not decided again.
func TestPipelineChargesOnceWhatWasLost(t *testing.T) {
	const callers, burst = 40, 500
	server := redisproctest.Start(t)
	each(t, func(t *testing.T, k kind) {
		for _, before := range []int{0, 1, callers / 2, callers - 1, callers} {
			client, f := redisproctest.Connect(t, server, 1), &forgetful{before: before}
			l := k.pipelined(t, client, bucket(1, time.Hour, burst), fmt.Sprint(k.name, before, ":"))
			client.AddHook(f)
			resume := stall(t, server, l)
			var wg sync.WaitGroup
			for range callers {
				wg.Go(func() {
					if d := allow(t, l, 0, "key", 1); !d.Allowed {
						t.Errorf("%+v; want it granted, there is more than enough", d)
					}
				})
			}
			gathered(l, callers)
			resume()
			wg.Wait()
			f.wantSent(t, callers)
			if d := allow(t, l, 0, "key", 1); burst-d.Remaining != callers+2 {
				t.Errorf("scripts lost before call %d: %d were charged; want the first, the %d callers, and one more", before, burst-d.Remaining, callers)
			}
		}
	})
}

// TestPipelineGivesBackOnceWhatWasLost does so while leases are given back, and others taken.
func TestPipelineGivesBackOnceWhatWasLost(t *testing.T) {
	const callers, limit = 10, 100
	server := redisproctest.Start(t)
	for before := range 2*callers + 1 {
		client, f := redisproctest.Connect(t, server, 1), &forgetful{before: before}
		setup := redislua.ConcurrencyConfig{InjectTime: true, Pipeline: true, Prefix: fmt.Sprint("run", before, ":")}
		l := newConcurrency(t, client, limit, time.Hour, setup)
		client.AddHook(f)
		var permits []uint64
		for range callers {
			permits = append(permits, allow(t, l, 0, "key", 2).Permit)
		}
		resume := stall(t, server, l)
		var wg sync.WaitGroup
		for i, permit := range permits {
			wg.Go(func() {
				if _, err := l.Release(t.Context(), 0, "key", 2, permit); err != nil {
					t.Errorf("scripts lost before call %d: %v", before, err)
				}
			})
			gathered(l, 2*i+1)
			wg.Go(func() { allow(t, l, 0, "key", 1) })
			gathered(l, 2*i+2)
		}
		resume()
		wg.Wait()
		f.wantSent(t, 2*callers)
		if d := allow(t, l, 0, "key", 1); limit-d.Remaining != callers+2 {
			t.Errorf("scripts lost before call %d: %d are held; want the first, one for each of %d, and one more", before, limit-d.Remaining, callers)
		}
	}
}

// TestPipelineKeepsOtherErrors: a call that failed otherwise is not one that was lost.
func TestPipelineKeepsOtherErrors(t *testing.T) {
	const callers = 10
	server := redisproctest.Start(t)
	client, f := redisproctest.Connect(t, server, 1), &forgetful{before: callers / 2}
	client.SAdd(t.Context(), "run:bad", "x")
	l := buckets()[0].pipelined(t, client, bucket(1, time.Hour, 100), "run:")
	client.AddHook(f)
	resume := stall(t, server, l)
	var wg sync.WaitGroup
	for range callers {
		wg.Go(func() {
			if d, err := l.Allow(t.Context(), 0, "bad", 1); err == nil || !strings.Contains(err.Error(), "WRONGTYPE") || d != (limiters.Decision{}) {
				t.Errorf("a set under the key gave %+v, %v; want WRONGTYPE", d, err)
			}
		})
	}
	gathered(l, callers)
	resume()
	wg.Wait()
	f.wantSent(t, callers)
}
