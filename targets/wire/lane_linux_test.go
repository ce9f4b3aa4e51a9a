package wire_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/redisproc/redisproctest"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
	"github.com/fcbench/fcbench/targets/wire"
)

// TestEventAllocatesNothing for a request, its answer, and the wait between them.
func TestEventAllocatesNothing(t *testing.T) {
	addr := serve(t, answering("HTTP/1.1 429 No\r\nServer: nginx\r\nDate: Fri, 31 Dec 1999 23:59:50 GMT\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nno"))
	for name, c := range map[string]struct {
		wire.HTTPConfig
		targets.Request
	}{
		"plain":   {wire.HTTPConfig{URL: "http://" + addr}, targets.Request{}},
		"keyed":   {wire.HTTPConfig{URL: "http://" + addr + "/{key}", Headers: texts("X", "{key}")}, targets.Request{Key: "a b"}},
		"traced":  {wire.HTTPConfig{URL: "http://" + addr, Traceparent: true}, targets.Request{Seq: 7}},
		"phases":  {wire.HTTPConfig{URL: "http://" + addr, Phases: true}, targets.Request{}},
		"churn":   {wire.HTTPConfig{URL: "http://" + addr, PerConnection: 1 << 30}, targets.Request{}},
		"checked": {wire.HTTPConfig{URL: "http://" + addr, OK: []string{"429"}, Check: wanting("no", "2", "429")}, targets.Request{}},
		"mixed":   {wire.HTTPConfig{URL: "http://" + addr, Requests: []wire.RequestConfig{{Name: "a", Path: "/{key}"}, {Name: "b", Path: "/", Check: wanting("x", "")}}}, targets.Request{Kind: 1}},
		"payload": {wire.HTTPConfig{URL: "http://" + addr}, targets.Request{Size: 100 << 10}},
	} {
		env := real(1)
		lane, err := engined(t, wire.Event, c.HTTPConfig).Lane(t.Context(), env, 0, 1)
		if err != nil {
			t.Fatal(err)
		}
		answered := 0
		done := func(uint32, time.Duration, *targets.Response) { answered++ }
		one := func() {
			now := env.Clock()
			if c.Requests != nil {
				c.Kind = 1 - c.Kind
			}
			c.Deadline = now + within
			lane.Start(now, &c.Request, done)
			for want := answered + 1; answered < want; {
				now = lane.Poll(now, now+10*time.Millisecond, done)
			}
		}
		one()
		if n := testing.AllocsPerRun(200, one); n > 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
		lane.Close(t.Context())
	}
}

// TestSecureAllocates once for a request over TLS, which crypto/tls does whenever it reads:
// 24 bytes, and as much again for the service of this test.
func TestSecureAllocates(t *testing.T) {
	config := certified(t)
	answer := answering("HTTP/1.1 200 OK\r\nServer: nginx\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nok")
	addr := serve(t, func(conn net.Conn) {
		secure := tls.Server(conn, config)
		defer secure.Close()
		answer(secure)
	})
	env := real(1)
	lane, err := engined(t, wire.Event, insecurely(addr)).Lane(t.Context(), env, 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	answered, r := 0, new(targets.Request)
	done := func(uint32, time.Duration, *targets.Response) { answered++ }
	one := func() {
		now := env.Clock()
		r.Deadline = now + within
		lane.Start(now, r, done)
		for want := answered + 1; answered < want; {
			now = lane.Poll(now, now+10*time.Millisecond, done)
		}
	}
	one()
	one()
	least := testing.AllocsPerRun(1, one)
	for range 50 { // with the race detector pools forget what is given back, now and then
		least = min(least, testing.AllocsPerRun(1, one))
	}
	if least > 2 {
		t.Errorf("%v allocations; want one, and one of the service", least)
	}
	if err := lane.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestDecisionsAllocateNothing: neither one at a time, nor sixteen on a connection.
func TestDecisionsAllocateNothing(t *testing.T) {
	s := redisproctest.Start(t)
	for _, depth := range []int{1, 16} {
		env := real(depth)
		lane, err := decisions(t, s, "run:", 500_000, wire.Event, 1, depth).Lane(t.Context(), env, 0, 1)
		if err != nil {
			t.Fatal(err)
		}
		answered := 0
		done := func(_ uint32, _ time.Duration, r *targets.Response) {
			if answered++; r.Outcome != results.OK {
				t.Errorf("decision %d is %+v", answered, r)
			}
		}
		r := targets.Request{Key: "k", Cost: 1}
		batch := func() {
			now := env.Clock()
			for i := range depth {
				r.Token, r.Deadline = uint32(i), now+within
				lane.Start(now, &r, done)
			}
			for want := answered + depth - answered%depth; answered < want; {
				now = lane.Poll(now, now+10*time.Millisecond, done)
			}
		}
		batch()
		if n := testing.AllocsPerRun(200, batch); n > 0 {
			t.Errorf("%v allocations for %d decisions", n, depth)
		}
		lane.Close(t.Context())
	}
}

// TestOwn: what passes between the arrival of an answer and its being taken is the
// generator's own, by either engine, and little else is.
func TestOwn(t *testing.T) {
	const rest = 20 * time.Millisecond
	answered := make(chan struct{}, 1<<10)
	service := func(conn net.Conn) {
		for in := bufio.NewReader(conn); ; {
			if _, err := http.ReadRequest(in); err != nil {
				return
			}
			_, _ = io.WriteString(conn, "HTTP/1.1 204 No Content\r\n\r\n")
			answered <- struct{}{}
		}
	}
	for _, by := range combined() {
		h := engined(t, by.engine, by.transport.serve(t, service))
		if err := h.Open(t.Context()); err != nil {
			t.Fatal(err)
		}
		env := real(1)
		lane, err := h.Lane(t.Context(), env, 0, 1)
		if err != nil {
			t.Fatal(err)
		}
		// one asks, and takes the answer so much later than it was there.
		one := func(late time.Duration) (own, took time.Duration) {
			now, taken := env.Clock(), false
			done := func(_ uint32, at time.Duration, r *targets.Response) {
				taken = true
				if own, took = r.Own, at-now; r.Outcome != results.OK || !r.Watched || own < 0 || own > took {
					t.Fatalf("by %s it is %+v after %v; want it ok and watched", by, r, took)
				}
			}
			lane.Start(now, &targets.Request{Now: now, Deadline: now + within}, done)
			if late > 0 {
				<-answered
				for until := env.Clock() + late; env.Clock() < until; {
				}
			}
			for !taken {
				lane.Poll(env.Clock(), now+within, done)
			}
			if late == 0 {
				<-answered
			}
			return own, took
		}
		one(0)                                                   // connects
		for own := time.Duration(0); own == 0; own, _ = one(0) { // the kernel begins to note some time after it was asked to
			if env.Clock() > within {
				t.Fatalf("nothing is known by %s", by)
			}
		}
		if own, took := one(rest); by.engine == wire.Event && own < rest {
			t.Errorf("%v of %v are own by %s; want at least %v", own, took, by, rest)
		}
		if err := lane.Close(context.Background()); err != nil {
			t.Error(err)
		}
	}
}
