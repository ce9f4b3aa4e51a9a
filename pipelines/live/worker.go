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

// work serves what is there, one batch after the other.
func (p *Pipeline) work(pl *pool, work Together, s *Seat) {
	defer p.leave(pl)
	var free time.Duration
	for _, ok := s.wait(); ok; ok = ok && pl.before.Take(free, s, int(pl.batch.Load())) {
		free, ok = p.serve(pl, work, free, s)
	}
}

// serve serves the items that were taken and passes them on. It returns when the
// worker is free again.
func (p *Pipeline) serve(pl *pool, work Together, begin time.Duration, s *Seat) (free time.Duration, goesOn bool) {
	begin = max(begin, s.from)
	for i := range s.Items {
		begin = max(begin, s.Items[i].Offered)
	}
	end := begin
	err := p.guard(pl, func() (err error) {
		end, err = work(p.ctx, begin, s.Items)
		return err
	})
	switch {
	case err != nil && p.ctx.Err() != nil:
		return 0, false // it was cut
	case s.Items[0].Extrapolated:
		return end, p.goOn(pl, err)
	case err != nil:
		p.failed.Add(uint64(len(s.Items)))
		now := p.Clock()
		for i := range s.Items {
			p.Ends.Failed(now, &s.Items[i], err)
		}
		return now, p.goOn(pl, err)
	}
	pl.before.Served(end, end-begin)
	if pl.behind == nil {
		p.done.Add(uint64(len(s.Items)))
		for i := range s.Items {
			p.Ends.Done(end, &s.Items[i])
		}
		return end, true
	}
	return pl.pass(end, s)
}

// pass hands on one item after the other, and waits with each where there is no room.
func (pl *pool) pass(end time.Duration, s *Seat) (free time.Duration, goesOn bool) {
	free, goesOn = end, true
	for i := 0; i < len(s.Items) && goesOn; i++ {
		var at time.Duration
		at, goesOn = pl.behind.Send(free, &s.Items[i], s)
		free = max(free, at)
	}
	return free, goesOn
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
