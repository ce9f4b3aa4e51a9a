package live

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/fcbench/fcbench/pipelines"
)

// Pipeline is one that runs.
type Pipeline struct {
	Config
	ctx    context.Context // of all goroutines
	cancel context.CancelCauseFunc
	stop   context.CancelFunc // of the sources
	unhook func() bool
	pools  []*pool // the sources, then the stages

	alive    atomic.Int64 // goroutines
	ended    chan struct{}
	cause    error // known when it has ended
	done     atomic.Uint64
	failed   atomic.Uint64
	panicked atomic.Uint64
}

// pool is the goroutines of the sources or of a stage.
type pool struct {
	name   string
	before *Queue // nil for sources
	behind *Queue // nil for the sink
	batch  atomic.Int64
	alive  atomic.Int64
}

// Start runs a pipeline until it is drained or aborted, or ctx ends.
func Start(ctx context.Context, c Config) (*Pipeline, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	if c.Ends == nil {
		c.Ends = ignored{}
	}
	p := &Pipeline{Config: c, ended: make(chan struct{})}
	p.ctx, p.cancel = context.WithCancelCause(ctx)
	p.layOut()
	for i, s := range c.Stages {
		if s.Together == nil {
			s.Together = one(s.Work)
		}
		for range s.Workers {
			seat := NewSeat()
			seat.batch = &p.pools[i+1].batch
			p.Queue(i).sit(seat) // before anything is offered, so that it finds them all there
			go p.work(p.pools[i+1], s.Together, seat)
		}
	}
	p.unhook = context.AfterFunc(p.ctx, p.end)
	sources, stop := context.WithCancel(p.ctx)
	p.stop = stop
	for _, s := range c.Sources {
		go p.send(sources, p.pools[0], s)
	}
	return p, nil
}

// layOut makes the queues and counts who will be there.
func (p *Pipeline) layOut() {
	last := p.newPool("source", len(p.Sources))
	for i, s := range p.Stages {
		if s.Name == "" {
			s.Name = fmt.Sprint("stage ", i+1)
		}
		next := p.newPool(s.Name, s.Workers)
		next.batch.Store(int64(max(s.Batch, 1)))
		next.before = NewQueue(s.Policy, p.Clock, p.Ends.Dropped)
		last.behind, last = next.before, next
	}
}

func (p *Pipeline) newPool(name string, n int) *pool {
	pl := &pool{name: name}
	pl.alive.Store(int64(n))
	p.alive.Add(int64(n))
	p.pools = append(p.pools, pl)
	return pl
}

// leave is the last thing that a goroutine of a pool does. The last of them says
// that no more comes from there: only senders close.
func (p *Pipeline) leave(pl *pool) {
	if pl.alive.Add(-1) == 0 && pl.behind != nil {
		pl.behind.Close()
	}
	if p.alive.Add(-1) == 0 {
		p.cause = context.Cause(p.ctx)
		p.unhook()
		p.cancel(nil)
		p.end() // no alarm is left
		close(p.ended)
	}
}

// Offer hands an item to the first queue from outside, and waits for nothing. It is
// for pipelines without sources. There is no verdict on what comes after the end.
func (p *Pipeline) Offer(now time.Duration, it *pipelines.Item) pipelines.Verdict {
	return p.pools[1].before.Offer(now, it)
}

// Queue is the one before stage i, from 0.
func (p *Pipeline) Queue(i int) *Queue { return p.pools[i+1].before }

// SetBatch implements [pipelines.Batcher], for stages that serve items together.
func (p *Pipeline) SetBatch(stage, n int) error {
	if stage < 0 || stage >= len(p.Stages) {
		return fmt.Errorf("stage is %d; want 0 to %d", stage, len(p.Stages)-1)
	}
	if n < 1 || n > maxBatch || n > 1 && p.Stages[stage].Together == nil {
		return fmt.Errorf("batch is %d; want 1 to %d, and 1 where items are served one by one", n, maxBatch)
	}
	p.pools[stage+1].batch.Store(int64(n))
	return nil
}

// Abort ends it at once. The first cause counts.
func (p *Pipeline) Abort(cause error) { p.cancel(cause) }

// end follows the end of the context.
func (p *Pipeline) end() {
	for i := range p.Stages {
		p.Queue(i).Abort()
	}
}

// ErrDrain is why a pipeline was aborted that was not empty within the bound of Drain.
var ErrDrain = errors.New("drain took too long")

// Drain lets all that was sent go through, aborts what has not within the bound,
// and waits.
func (p *Pipeline) Drain(within time.Duration) Report {
	p.stop()
	if len(p.Sources) == 0 {
		p.Queue(0).Close()
	}
	timer := time.NewTimer(within)
	defer timer.Stop()
	select {
	case <-timer.C:
		p.Abort(ErrDrain)
	case <-p.ended:
	case <-p.ctx.Done():
	}
	return p.Wait()
}

// Wait waits for the end, and then no longer than [Grace] for goroutines.
func (p *Pipeline) Wait() Report {
	select {
	case <-p.ended:
		return p.report(p.cause)
	case <-p.ctx.Done():
	}
	timer := time.NewTimer(Grace)
	defer timer.Stop()
	select {
	case <-p.ended:
		return p.report(p.cause)
	case <-timer.C:
		return p.report(context.Cause(p.ctx))
	}
}
