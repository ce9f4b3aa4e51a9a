// Package gateway is a service to aim at: HTTP/1.1 behind any limiter of the
// catalogue, whose answers take what a law says, on so many servers behind one
// bounded queue.
//
// What becomes of a request is decided in the order in which it meets: the limiter
// grants it or not; a shaper makes it wait; the station has room for it or not, and
// says at which instant its service ends; then it is answered. Every request has one
// [Outcome], and each is counted.
//
// Services end at instants, not after times: the end is that of the arrival at the
// station, or the instant at which a server is free, and the service time on top. So
// that one answer is late makes no other late.
package gateway

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/fcbench/fcbench/internal/builtin"
	"github.com/fcbench/fcbench/internal/seed"
)

// Outside is what a gateway gets from outside.
type Outside struct {
	Limiters builtin.Env
	Clock    Clock                // of everything; closed with the gateway
	Warn     func(message string) // takes what the user should know, from any goroutine
}

// Gateway answers requests. It is an [http.Handler].
type Gateway struct {
	clock      Clock
	key        Key
	gate       *gate // nil where nothing limits
	service    *service
	bodies     bodies
	labels     labels
	closeEvery int
	warn       func(string)
	counts     Counts
	running    sync.RWMutex // read by whoever answers
}

// New makes a gateway and opens its limiter. The clock of o is closed if that fails.
func New(ctx context.Context, p *Plan, o Outside) (*Gateway, error) {
	stream := seed.New(p.seed)
	g := &Gateway{
		clock: o.Clock, key: p.key, service: newService(p, o.Clock, stream), bodies: newBodies(p.body, stream),
		closeEvery: p.CloseEvery, warn: o.Warn,
	}
	if p.limiter.kind == "" {
		return g, nil
	}
	var err error
	if g.gate, err = newGate(ctx, p.limiter, o, &g.counts); err != nil {
		return nil, errors.Join(err, o.Clock.Close())
	}
	g.labels = newLabels(g.gate.limiter, p.headers)
	return g, nil
}

// Close ends all waiting, lets whoever answers finish, and gives back what the
// limiter holds.
func (g *Gateway) Close(ctx context.Context) error {
	err := g.clock.Close()
	g.running.Lock()
	defer g.running.Unlock()
	if g.gate != nil {
		err = errors.Join(err, g.gate.close(ctx))
	}
	return err
}

// Counts are those so far.
func (g *Gateway) Counts() *Counts { return &g.counts }

// ServeHTTP implements [http.Handler].
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == MetricsPath {
		g.metrics(w)
		return
	}
	g.running.RLock()
	defer g.running.RUnlock()
	began := g.clock.Now()
	if c, ok := r.Context().Value(connection{}).(*served); ok && c.last(g.closeEvery) {
		w.Header()["Connection"] = c.farewell[:]
	}
	outcome := g.handle(w, r)
	g.counts.add(outcome, g.clock.Now()-began)
	if outcome == Left { // or package net/http would answer with 200
		panic(http.ErrAbortHandler)
	}
}

// handle answers one request and says what became of it.
func (g *Gateway) handle(w http.ResponseWriter, r *http.Request) Outcome {
	if outcome := swallow(w, r); outcome != OK {
		return outcome
	}
	if g.gate == nil {
		return g.serve(w, r, permit{})
	}
	key, known := g.key.of(r)
	if !known {
		g.counts.keyless.Add(1)
	}
	p, outcome := g.gate.ask(r.Context(), key)
	if p.decided {
		g.labels.put(w.Header(), &p.decision)
	}
	if outcome != OK {
		return refuse(w, outcome, outcome.status())
	}
	defer p.giveBack()
	return g.serve(w, r, p)
}

// serve lets the service of a request that was let in pass, and answers it.
func (g *Gateway) serve(w http.ResponseWriter, r *http.Request, p permit) Outcome {
	j, ok := g.service.take(p.decision.Delay)
	if !ok {
		return refuse(w, Full, Full.status())
	}
	if j.waits {
		g.clock.Wait(j.end)
		late := g.clock.Now() - j.end
		if r.Context().Err() != nil {
			return Left
		}
		g.counts.lag(late)
	}
	if j.status != 0 {
		return refuse(w, Failed, j.status)
	}
	if g.bodies.write(w, j.seq) != nil {
		return Left
	}
	if p.returns() { // its caller does not wait for that
		_ = http.NewResponseController(w).Flush()
	}
	return OK
}

const (
	longestBody = 16 << 20         // that a request may bring,
	bodyWithin  = 30 * time.Second // of its headers
)

// swallow reads the body of a request.
func swallow(w http.ResponseWriter, r *http.Request) Outcome {
	if r.ContentLength == 0 {
		return OK
	}
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Now().Add(bodyWithin)) // who is asked without a connection has none
	_, err := io.Copy(io.Discard, http.MaxBytesReader(w, r.Body, longestBody))
	var large *http.MaxBytesError
	switch {
	case err == nil:
		_ = control.SetReadDeadline(time.Time{})
		return OK
	case errors.As(err, &large):
		return refuse(w, Bad, http.StatusRequestEntityTooLarge)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return refuse(w, Bad, http.StatusRequestTimeout)
	}
	return refuse(w, Bad, http.StatusBadRequest)
}

// refuse answers without a body.
func refuse(w http.ResponseWriter, o Outcome, status int) Outcome {
	w.Header()["Content-Length"] = []string{"0"}
	w.WriteHeader(status)
	return o
}
