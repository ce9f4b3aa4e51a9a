package builtin

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/redisproc"
	"github.com/fcbench/fcbench/internal/redisproc/redisproctest"
	"github.com/fcbench/fcbench/internal/redistest"
	"github.com/fcbench/fcbench/internal/strictyaml"
	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
)

// onServer is a limiter as a scenario describes it.
func onServer(env Env, text string) (limiters.Limiter, error) {
	doc, err := strictyaml.Parse("s", []byte(text))
	if err != nil {
		return nil, err
	}
	kind, decode := strictyaml.Part(doc)
	l, _, err := Limiters(env).Build(kind, decode)
	return l, err
}

// TestClientRefused: who is told to carry calls and cannot says why.
func TestClientRefused(t *testing.T) {
	for text, want := range map[string]string{
		"{kind: redis-gcra, rate: 1/s, burst: 1, client: fast}":                                     `client is "fast"; want auto, wire or go-redis`,
		"{kind: redis-gcra, rate: 0/s, burst: 1, client: fast}":                                     `client is "fast"; want auto, wire or go-redis`,
		"{kind: redis-gcra, rate: 1/s, burst: 1, client: wire, on_error: open}":                     "client is wire, and there is a policy for errors (on_error, deadline, breaker); want go-redis, or auto",
		"{kind: redis-gcra, rate: 1/s, burst: 1, client: wire, deadline: 1ms}":                      "client is wire, and there is a policy",
		"{kind: redis-concurrency, limit: 1, client: wire}":                                         "client is wire, and what it grants is given back; want go-redis, or auto",
		"{kind: redis-leaky-bucket-queue, rate: 1/s, burst: 1, client: wire}":                       "client is wire, and it makes callers wait; want go-redis",
		"{kind: naive-redis-token-bucket, rate: 1/s, burst: 1, client: wire}":                       "client is wire, and it brings along the client's clock; want go-redis",
		"{kind: redis-gcra, rate: 1/s, burst: 1, client: wire}":                                     "",
		"{kind: redis-fixed-window, rate: 1/s, client: wire, pipeline: true}":                       "",
		"{kind: redis-composite, limits: [{rate: 1/s, burst: 1}], client: wire}":                    "",
		"{kind: redis-gcra, rate: 1/s, burst: 1, on_error: open}":                                   "",
		"{kind: redis-concurrency, limit: 1}":                                                       "",
		"{kind: redis-gcra, rate: 1/s, burst: 1, client: go-redis, on_error: local, deadline: 1ms}": "",
	} {
		l, err := onServer(Env{}, text)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v; want %q", text, err, want)
		}
		if err == nil {
			Discard(l)
		}
	}
}

// ask asks for tokens of a key, one after the other, through the lane of a target: for
// arrivals of some classes in turn.
func ask(t *testing.T, target targets.Target, n int, timeout time.Duration, classes ...uint8) (all []targets.Response) {
	t.Helper()
	start := time.Now()
	clock := func() time.Duration { return time.Since(start) }
	env := targets.Env{
		Time: results.Real, Clock: clock, InFlight: 1, Woke: func(time.Duration) {},
		Wait: func(_, until time.Duration) time.Duration { time.Sleep(until - clock()); return clock() },
		Lead: func(time.Duration) time.Duration { return 0 },
	}
	lane, err := target.Lane(t.Context(), env, 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		done := func(_ uint32, _ time.Duration, r *targets.Response) { all = append(all, *r) }
		now := clock()
		lane.Start(now, &targets.Request{Now: now, Deadline: now + timeout, Key: "k", Cost: 1, Class: classes[i%len(classes)]}, done)
		for len(all) == i {
			lane.Poll(clock(), clock()+time.Millisecond, done)
		}
	}
	if err := lane.Close(context.Background()); err != nil {
		t.Error(err)
	}
	return all
}

// TestClientsAgree: whatever befalls the server, both clients have the same answers
// for the same reasons.
func TestClientsAgree(t *testing.T) {
	redis := redisproctest.Start(t)
	ctx := t.Context()
	started := map[Client]targets.Target{}
	for _, client := range []Client{GoRedis, Wire, Auto} {
		target := targets.OfLimiters(targets.LimiterOptions{
			New: func(id targets.TrialID) (all targets.Limiters, err error) {
				all.Common, err = onServer(Env{Redis: redis, Prefix: "run:" + string(id) + ":"},
					"{kind: redis-gcra, rate: 1/m, burst: 5, connections: 2, client: "+string(client)+"}")
				return all, err
			},
			Scope: "redis", Workers: 2, Carry: Carry,
		})
		if err := target.Begin(ctx, targets.TrialID(client)); err != nil {
			t.Fatal(err)
		}
		defer target.End(context.Background())
		started[client] = target
	}
	for _, step := range []struct {
		name    string
		begin   func() error
		timeout time.Duration
		end     func() error
	}{
		{name: "nothing"},
		{name: "forgotten scripts", begin: func() error { return redis.FlushScripts(ctx) }},
		{name: "reset connections", begin: func() error { return redis.ResetConnections(ctx) }},
		{name: "out of memory", begin: func() error { return redis.OutOfMemory(ctx, true) }, end: func() error { return redis.OutOfMemory(ctx, false) }},
		{name: "read-only", begin: func() error { return redis.ReadOnly(ctx, true) }, end: func() error { return redis.ReadOnly(ctx, false) }},
		{name: "paused", begin: redis.Pause, timeout: 30 * time.Millisecond, end: redis.Resume},
		{name: "killed", begin: redis.Kill, end: func() error { return redis.Restart(ctx) }},
		{name: "back again"},
	} {
		if step.begin != nil {
			if err := step.begin(); err != nil {
				t.Fatal(err)
			}
		}
		if step.timeout == 0 {
			step.timeout = 5 * time.Second
		}
		var want []targets.Response
		for _, client := range []Client{GoRedis, Wire, Auto} {
			all := ask(t, started[client], 6, step.timeout, 0)
			if client == GoRedis {
				want = all
			}
			for i, got := range all {
				if got.Outcome != want[i].Outcome || got.Cause != want[i].Cause || got.Judged != want[i].Judged || (got.Decided > 0) != (want[i].Decided > 0) {
					t.Errorf("%s: by %s answer %d is %+v; by go-redis it is %+v", step.name, client, i, got, want[i])
				}
			}
		}
		if step.end != nil {
			if err := step.end(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestClientsAskForClasses: arrivals of a class ask the limiter of that class, or the
// common one, by either client, whichever classes have one.
func TestClientsAskForClasses(t *testing.T) {
	redis := redisproctest.Start(t)
	const common = 1 // token; a class that has its own has more, by its number
	for name, own := range map[string][]bool{
		"none": nil, "first": {true, false, false}, "middle": {false, true, false}, "last": {false, false, true},
		"two": {true, false, true}, "all": {true, true, true},
	} {
		for _, client := range []Client{GoRedis, Wire, Auto} {
			build := func(id targets.TrialID, part string, burst int) (limiters.Limiter, error) {
				return onServer(Env{Redis: redis, Prefix: "run:" + string(id) + part + ":", Carried: true},
					fmt.Sprintf("{kind: redis-gcra, rate: 1/h, burst: %d, connections: 2, client: %s}", burst, client))
			}
			target := targets.OfLimiters(targets.LimiterOptions{
				New: func(id targets.TrialID) (all targets.Limiters, err error) {
					if all.Common, err = build(id, "", common); err != nil {
						return all, err
					}
					for class, is := range own {
						var l limiters.Limiter
						if is {
							if l, err = build(id, fmt.Sprint("class", class), common+1+class); err != nil {
								return all, err
							}
						}
						all.Classes = append(all.Classes, l)
					}
					return all, nil
				},
				Scope: "redis", Workers: 2, Carry: Carry,
			})
			if err := target.Begin(t.Context(), targets.TrialID(name+string(client))); err != nil {
				t.Fatal(err)
			}
			var got, want [3]int
			for i, r := range ask(t, target, 15, 5*time.Second, 0, 1, 2) {
				if r.Outcome == results.OK {
					got[i%3]++
				}
			}
			first := true // of those that share the common limiter, the first has all of it
			for class := range want {
				switch {
				case own != nil && own[class]:
					want[class] = common + 1 + class
				case first:
					want[class], first = common, false
				}
			}
			if got != want {
				t.Errorf("with limits of %s by %s classes got %v; want %v", name, client, got, want)
			}
			if err := target.End(context.Background()); err != nil {
				t.Error(err)
			}
		}
	}
}

// TestClientOfACluster: what answers by sending on elsewhere is not carried.
func TestClientOfACluster(t *testing.T) {
	addr := "redis-cluster://" + redistest.Cluster(t)[0].Addr
	server, err := redisproc.Start(t.Context(), redisproc.Options{Addr: addr})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	for client, want := range map[Client]string{
		Wire: "client is wire, and redis is a cluster, whose nodes send on to each other; want go-redis, or auto, which is that here",
		Auto: "",
	} {
		l, err := onServer(Env{Redis: server, Prefix: "run:"}, "{kind: redis-gcra, rate: 1/m, burst: 5, client: "+string(client)+"}")
		if err != nil {
			t.Fatal(err)
		}
		lane, err := Carry(t.Context(), &targets.Limiters{Common: l}, targets.Env{InFlight: 1}, 0, 1)
		if lane != nil || want == "" && err != nil || want != "" && (err == nil || err.Error() != want) {
			t.Errorf("by %s: %v, %v; want %q", client, lane, err, want)
		}
		Discard(l)
	}
}
