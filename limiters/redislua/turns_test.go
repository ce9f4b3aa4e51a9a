package redislua_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/redisproc/redisproctest"
	"github.com/redis/go-redis/v9"
)

// watched sees what a client sends, and has it fail to load scripts.
type watched struct {
	pipeline func(ctx context.Context, calls []redis.Cmder, send func() error) error
	load     error
}

func (w *watched) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) { return next(ctx, network, addr) }
}

func (w *watched) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, call redis.Cmder) error {
		if w.load != nil && call.Name() == "script" {
			call.SetErr(w.load)
			return w.load
		}
		return next(ctx, call)
	}
}

func (w *watched) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, calls []redis.Cmder) error {
		return w.pipeline(ctx, calls, func() error { return next(ctx, calls) })
	}
}

// TestPipelinesGoInTurn: one after the other, in the order in which callers came, and no
// longer than the last of them waits.
func TestPipelinesGoInTurn(t *testing.T) {
	server := redisproctest.Start(t)
	client := redisproctest.Connect(t, server, 4)
	var busy atomic.Bool
	var keys, want []string
	last := time.Now().Add(time.Minute)
	l := buckets()[0].pipelined(t, client, bucket(1, time.Hour, 100), "run:")
	resume := stall(t, server, l)
	client.AddHook(&watched{pipeline: func(ctx context.Context, calls []redis.Cmder, send func() error) error {
		if !busy.CompareAndSwap(false, true) {
			t.Error("a pipeline goes while another is on its way")
			return send()
		}
		if until, limited := ctx.Deadline(); !limited || !until.Equal(last) {
			t.Errorf("a pipeline has until %v (%t); want %v, when the last caller leaves", until, limited, last)
		}
		for _, call := range calls {
			keys = append(keys, strings.TrimPrefix(fmt.Sprint(call.Args()[3]), "run:"))
		}
		defer busy.Store(false)
		return send()
	}})
	var wg sync.WaitGroup
	for i := range 600 {
		want = append(want, fmt.Sprint(i))
		wg.Go(func() {
			if d, err := l.Allow(dated{t.Context(), last}, 0, want[i], 1); err != nil || !d.Allowed {
				t.Errorf("caller %d got %+v, %v", i, d, err)
			}
		})
		gathered(l, i+1)
	}
	resume()
	if wg.Wait(); !t.Failed() && !slices.Equal(keys, want) {
		t.Errorf("calls go in the order %v; want that in which callers came", keys)
	}
}

// TestLeftOnItsWay: who leaves once a pipeline is on its way is charged all the same, and
// takes nobody else's answer along.
func TestLeftOnItsWay(t *testing.T) {
	server := redisproctest.Start(t)
	client := redisproctest.Connect(t, server, 4)
	l := buckets()[0].pipelined(t, client, bucket(1, time.Hour, 100), "run:")
	resume := stall(t, server, l)
	ctx, leave := context.WithCancel(t.Context())
	going, left := make(chan bool), make(chan bool)
	gone := sync.OnceFunc(func() { close(going) })
	client.AddHook(&watched{pipeline: func(_ context.Context, _ []redis.Cmder, send func() error) error {
		gone()
		<-left
		return send()
	}})
	var stayed sync.WaitGroup
	go func() {
		defer close(left)
		if _, err := l.Allow(ctx, 0, "key", 1); !errors.Is(err, context.Canceled) {
			t.Errorf("who left got %v; want to be told", err)
		}
	}()
	gathered(l, 1)
	stayed.Go(func() { allow(t, l, 0, "key", 1) })
	gathered(l, 2)
	go func() { <-going; leave() }()
	resume()
	stayed.Wait()
	if d := allow(t, l, 0, "key", 1); d.Remaining != 96 {
		t.Errorf("%d remain; want four of 100 to be gone", d.Remaining)
	}
}

// TestScriptThatCannotBeLoaded again is not sent in full: each caller is told.
func TestScriptThatCannotBeLoaded(t *testing.T) {
	server := redisproctest.Start(t)
	client, other := redisproctest.Connect(t, server, 4), redisproctest.Connect(t, server, 1)
	l := buckets()[0].pipelined(t, client, bucket(1, time.Hour, 100), "run:")
	resume := stall(t, server, l)
	pipelines := 0
	client.AddHook(&watched{load: errors.New("no room"), pipeline: func(ctx context.Context, _ []redis.Cmder, send func() error) error {
		pipelines++
		other.ScriptFlush(ctx)
		return send()
	}})
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			if d, err := l.Allow(t.Context(), 0, "key", 1); err == nil || !strings.Contains(err.Error(), "SCRIPT LOAD after NOSCRIPT: no room") {
				t.Errorf("a caller got %+v, %v; want that the script could not be loaded", d, err)
			}
		})
		gathered(l, i+1)
	}
	resume()
	if wg.Wait(); pipelines != 1 {
		t.Errorf("%d pipelines were sent; want one, and nothing in full", pipelines)
	}
}
