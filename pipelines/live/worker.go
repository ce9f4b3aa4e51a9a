package live

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/fcbench/fcbench/pipelines"
)

// send lets a source send.
func (p *Pipeline) send(ctx context.Context, pl *pool, source Source) {
	defer p.leave(pl)
	seat := NewSeat()
	err := p.guard(pl, func() error {
		return source(ctx, func(it *pipelines.Item) bool {
			if ctx.Err() != nil {
				return false
			}
			_, goesOn := pl.behind.Send(p.Clock(), it, seat)
			return goesOn
		})
	})
	if ctx.Err() == nil || !errors.Is(err, ctx.Err()) { // who was asked to stop may say so
		p.goOn(pl, err)
	}
}

// work serves one item after the other.
func (p *Pipeline) work(pl *pool, work Work, s *Seat) {
	defer p.leave(pl)
	var free time.Duration
	for _, ok := s.wait(); ok; ok = ok && pl.before.Take(free, s) {
		free, ok = p.serve(pl, work, max(free, s.Item.Offered), s)
	}
}

// serve serves the item that was taken and passes it on. It returns when the worker
// is free again.
func (p *Pipeline) serve(pl *pool, work Work, begin time.Duration, s *Seat) (free time.Duration, goesOn bool) {
	end := begin
	err := p.guard(pl, func() (err error) {
		end, err = work(p.ctx, begin, &s.Item)
		return err
	})
	switch {
	case err != nil && p.ctx.Err() != nil:
		return 0, false // it was cut
	case err != nil:
		p.failed.Add(1)
		now := p.Clock()
		p.Ends.Failed(now, &s.Item, err)
		return now, p.goOn(pl, err)
	case pl.behind == nil:
		p.done.Add(1)
		p.Ends.Done(end, &s.Item)
		return end, true
	}
	at, goesOn := pl.behind.Send(end, &s.Item, s)
	return max(end, at), goesOn
}

// Panic is what a source or a worker panicked with.
type Panic struct {
	Value any
	Stack []byte
}

func (p *Panic) Error() string { return fmt.Sprintf("panic: %v", p.Value) }

// guard makes an error of a panic.
func (p *Pipeline) guard(pl *pool, do func() error) (err error) {
	returned := false
	defer func() {
		if returned {
			return
		}
		p.panicked.Add(1)
		if v := recover(); v != nil {
			err = &Panic{v, debug.Stack()}
			return
		}
		p.goOn(pl, errors.New("runtime.Goexit was called")) // which nothing stops
	}()
	err = do()
	returned = true
	return err
}

// goOn reports whether to go on after an error, and ends the pipeline if not.
func (p *Pipeline) goOn(pl *pool, err error) bool {
	var panicked *Panic
	if err == nil || p.GoesOn && errors.As(err, &panicked) {
		return true
	}
	p.Abort(fmt.Errorf("%s: %w", pl.name, err))
	return false
}
