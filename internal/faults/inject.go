package faults

import (
	"context"
	"fmt"
	"time"
)

// Server is what faults are done to; a *redisproc.Server is one, and refuses
// where it is not fcbench's own.
type Server interface {
	Kill() error
	Restart(ctx context.Context) error
	Pause() error
	Resume() error
	Slow(delay time.Duration) error
	ReadOnly(ctx context.Context, on bool) error
	OutOfMemory(ctx context.Context, on bool) error
	Evict(ctx context.Context, on bool) error
	Replicate(ctx context.Context, on bool) error
	CutReplica(ctx context.Context) error
	FailOver(ctx context.Context) error
	FlushScripts(ctx context.Context) error
	ResetConnections(ctx context.Context) error
}

// Clock is the run's.
type Clock struct {
	Now  func() time.Duration                             // offset from the start of the run
	Wait func(ctx context.Context, d time.Duration) error // returns after d, or with ctx's error when it ends
}

// undoWithin is how long it may take to undo a fault. A server that takes longer
// counts as broken.
const undoWithin = 10 * time.Second

// Injection is a sequence that is being carried out.
type Injection struct {
	cancel context.CancelFunc
	done   chan struct{}
	err    error // what went wrong; to be read after done
}

// Inject carries out the sequence, on a goroutine of its own. The sequence's instants
// count from origin, the beginning of the measured window on the clock; watch is
// told when each fault really began and ended. Stop must be called.
func (p Sequence) Inject(ctx context.Context, server Server, clock Clock, origin time.Duration, watch *Watch) *Injection {
	ctx, cancel := context.WithCancel(ctx)
	i := &Injection{cancel: cancel, done: make(chan struct{})}
	go func() {
		defer close(i.done)
		for index, c := range p {
			err := c.prepare(ctx, server)
			early := err == nil && clock.Wait(ctx, origin+time.Duration(c.At)-clock.Now()) != nil
			switch {
			case early:
				err = c.abandon(ctx, server)
			case err == nil:
				err = c.inflict(ctx, server, clock, index, watch)
			}
			if err != nil {
				i.err = fmt.Errorf("faults: %s at %v: %w", c.Kind, time.Duration(c.At), err)
			}
			if early || err != nil {
				return
			}
		}
	}()
	return i
}

// Stop ends the fault that is in force, if any, and returns when no goroutine is
// left. It says what went wrong; that it was early is not wrong.
func (i *Injection) Stop() error {
	i.cancel()
	<-i.done
	return i.err
}

// prepare does what a fault needs to come at its instant, which takes a moment. It
// begins when the fault before is over.
func (c Config) prepare(ctx context.Context, server Server) error {
	if c.Kind != Failover {
		return nil
	}
	if err := server.Replicate(ctx, true); err != nil && ctx.Err() == nil {
		return err
	}
	return nil // that it was early is not wrong
}

// abandon undoes what was prepared for a fault that does not come.
func (c Config) abandon(ctx context.Context, server Server) error {
	if c.Kind != Failover {
		return nil
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoWithin)
	defer cancel()
	return server.Replicate(last, false)
}

// inflict brings the fault about and ends it. Whatever happens in between, also
// when it came about in part only, it is ended.
func (c Config) inflict(ctx context.Context, server Server, clock Clock, index int, watch *Watch) error {
	began := clock.Now()
	watch.begin(index, began)
	err := c.begin(ctx, server)
	watch.inForce(index, clock.Now())
	cut := err
	if err == nil && c.Kind.lasts() {
		cut = clock.Wait(ctx, began+time.Duration(c.For)-clock.Now())
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), undoWithin)
	defer cancel()
	undone := c.end(last, server)
	watch.end(index, clock.Now(), cut != nil)
	if err != nil && ctx.Err() == nil {
		return err // and not that there was nothing to end
	}
	return undone
}

func (c Config) begin(ctx context.Context, s Server) error {
	switch c.Kind {
	case Kill:
		return s.Kill()
	case Pause:
		return s.Pause()
	case Slow:
		return s.Slow(time.Duration(c.Delay))
	case ReadOnly:
		return s.ReadOnly(ctx, true)
	case OutOfMemory:
		return s.OutOfMemory(ctx, true)
	case Evict:
		return s.Evict(ctx, true)
	case Failover:
		return s.CutReplica(ctx)
	case FlushScripts:
		return s.FlushScripts(ctx)
	case ResetConnections:
		return s.ResetConnections(ctx)
	}
	return fmt.Errorf("kind %q is unknown", c.Kind)
}

func (c Config) end(ctx context.Context, s Server) error {
	switch c.Kind {
	case Kill:
		return s.Restart(ctx)
	case Pause:
		return s.Resume()
	case Slow:
		return s.Slow(0)
	case ReadOnly:
		return s.ReadOnly(ctx, false)
	case OutOfMemory:
		return s.OutOfMemory(ctx, false)
	case Evict:
		return s.Evict(ctx, false)
	case Failover:
		return s.FailOver(ctx)
	}
	return nil
}
