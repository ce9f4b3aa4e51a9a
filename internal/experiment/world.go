package experiment

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/fcbench/fcbench/internal/dial"
	"github.com/fcbench/fcbench/internal/hostinfo"
	"github.com/fcbench/fcbench/internal/redisproc"
	"github.com/fcbench/fcbench/internal/scenario"
	"github.com/fcbench/fcbench/results"
)

// World is what all runs of a process share of the outside. Redis starts when it
// is needed first. Close may be called at any time, from another goroutine too.
type World struct {
	Host  results.Environment
	redis string // its address; empty for one of fcbench's own
	warn  func(message string)

	prefix string // of every stored key, unique to this process and world

	mu     sync.Mutex
	server *redisproc.Server
	trials int                           // begun so far
	ends   []func(context.Context) error // of what outlives a run that ends in haste

	calm sync.Map // what runs without an overload found, by all that they depend on: func() time.Duration
}

// NewWorld returns a world whose Redis is at an address, or one of fcbench's own
// where that is empty. warn takes what users should know, such as that there is
// only a stand-in.
func NewWorld(redis string, warn func(message string)) *World {
	var one sync.Mutex // plans are prepared beside each other
	say := func(message string) {
		one.Lock()
		defer one.Unlock()
		warn(message)
	}
	return &World{
		Host: hostinfo.Read(), redis: redis, warn: say,
		prefix: fmt.Sprintf("fcbench:%d:%x", os.Getpid(), time.Now().UnixNano()),
	}
}

// Prepare checks whatever can be checked of a scenario without sending anything,
// and goes through its schedule once, which for a long one takes its time. The
// time is real or virtual.
func (w *World) Prepare(ctx context.Context, s *scenario.Scenario, t results.Time) (*Plan, error) {
	dialer, err := dial.New(s.AllowHosts)
	if err != nil {
		return nil, &Unfit{err}
	}
	for _, host := range s.Hosts() {
		err = errors.Join(err, dialer.Check(ctx, host))
	}
	if err != nil {
		return nil, err
	}
	p := &Plan{World: w, Scenario: s, Time: t, dialer: dialer}
	found, err := Walk(ctx, s, w.warn, nil)
	p.Schedule, p.first = found.Info(s), found.First
	return p, err
}

// PrepareAll prepares several scenarios, beside each other, as there are cores to
// use. What is wrong with more than one of them is said once.
func (w *World) PrepareAll(ctx context.Context, all []*scenario.Scenario, t results.Time) ([]*Plan, error) {
	plans, errs := make([]*Plan, len(all)), make([]error, len(all))
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	var wg sync.WaitGroup
	for i, s := range all {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			plans[i], errs[i] = w.Prepare(ctx, s, t)
		})
	}
	wg.Wait()
	said := map[string]bool{}
	errs = slices.DeleteFunc(errs, func(err error) bool {
		before := err == nil || said[err.Error()]
		if err != nil {
			said[err.Error()] = true
		}
		return before
	})
	return plans, errors.Join(errs...)
}

// Unfit is the error of what a user asked for and cannot be done.
type Unfit struct{ Err error }

func (e *Unfit) Error() string { return e.Err.Error() }

// Unwrap returns what is wrong.
func (e *Unfit) Unwrap() error { return e.Err }

// Ready starts or finds the Redis that some plan needs, and checks that it may be
// used as they want.
func (w *World) Ready(ctx context.Context, plans ...*Plan) error {
	for _, p := range plans {
		if !p.Scenario.NeedsRedis() {
			continue
		}
		server, err := w.StartRedis(ctx, p.dialer)
		if err != nil {
			return err
		}
		if err := p.Scenario.CheckFaults(server.Info().Mode); err != nil {
			return err
		}
	}
	return nil
}

// StartRedis starts or finds the Redis of this world, once.
func (w *World) StartRedis(ctx context.Context, dialer *dial.Dialer) (*redisproc.Server, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.server != nil {
		return w.server, nil
	}
	server, err := redisproc.Start(ctx, redisproc.Options{Addr: w.redis, Dialer: dialer})
	if err != nil {
		return nil, err
	}
	if server.Simulated() {
		w.warn("no redis-server on PATH: Redis limiters run on an embedded stand-in and their speed means nothing")
	}
	w.server = server
	return server, nil
}

// GivenRedis is the address that the world was given; empty where it starts its own.
func (w *World) GivenRedis() string { return w.redis }

// Redis is the one that was started; nil before.
func (w *World) Redis() *redisproc.Server {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.server
}

// onClose has end called by Close, if that comes first: it may be called twice.
func (w *World) onClose(end func(context.Context) error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ends = append(w.ends, end)
}

// Close ends what was started. It may be called twice.
func (w *World) Close() error {
	w.mu.Lock()
	ends, server := w.ends, w.server
	w.ends, w.server = nil, nil
	w.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), closeWithin)
	defer cancel()
	var err error
	for _, end := range ends {
		err = errors.Join(err, end(ctx))
	}
	if server != nil {
		err = errors.Join(err, server.Close())
	}
	return err
}

// next numbers the trials of this world.
func (w *World) next() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.trials++
	return w.trials
}
