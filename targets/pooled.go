package targets

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/fcbench/fcbench/results"
)

// Pooled makes a target of what blocks: each lane has workers that call it, one
// for each request in flight, but no more than workers in all lanes together; 0
// is as many as there are requests. Requests beyond that wait before their service
// begins, and that wait shows as such. In virtual time, where a call takes none
// of it, the loop calls by itself.
func Pooled(c Caller, info Info, workers int) Target {
	return pooledTarget{caller: c, info: info, workers: workers}
}

type pooledTarget struct {
	still
	caller  Caller
	info    Info
	workers int
}

func (t pooledTarget) Info() Info {
	t.info.Lanes = t.workers
	return t.info
}

func (t pooledTarget) Lane(ctx context.Context, env Env, i, n int) (Async, error) {
	return newLane(ctx, t.caller, env, t.workers, i, n), nil
}

// newLane is lane i of n of a target that blocks and takes so many callers.
func newLane(ctx context.Context, c Caller, env Env, workers, i, n int) Async {
	if env.Time == results.Virtual {
		return newInlineLane(ctx, c, env)
	}
	limit := env.InFlight
	if workers > 0 {
		limit = min(limit, Share(workers, i, n))
	}
	ctx, cancel := context.WithCancel(ctx)
	return &pool{
		caller: c, ctx: ctx, cancel: cancel, env: env, limit: limit, first: uint32(i), lanes: uint32(n),
		jobs: make(chan Request, env.InFlight), mailbox: NewMailbox(env),
	}
}

// pool is a lane of workers, which are started as they are needed. They stamp
// start and end themselves, so that nothing depends on when the loop looks.
type pool struct {
	caller  Caller
	ctx     context.Context
	cancel  context.CancelFunc
	env     Env
	jobs    chan Request
	mailbox *Mailbox
	workers int
	limit   int
	first   uint32 // callers are numbered in turn over the lanes
	lanes   uint32
	wg      sync.WaitGroup
}

func (p *pool) Start(_ time.Duration, r *Request, _ Done) {
	p.mailbox.Expect()
	if p.mailbox.open > p.workers && p.workers < p.limit {
		caller := 1 + p.first + p.lanes*uint32(p.workers)
		p.workers++
		p.wg.Go(func() { p.work(caller) })
	}
	p.jobs <- *r
}

func (p *pool) work(caller uint32) {
	var r Request
	for r = range p.jobs {
		a := p.call(&r)
		a.resp.Caller = caller
		p.mailbox.answers <- a
	}
}

// call makes one call, unless its caller has left while it waited for a worker.
func (p *pool) call(r *Request) answer {
	handed := r.Now
	r.Now = p.env.Clock()
	left := r.Deadline - r.Now
	if left <= 0 {
		return answer{r.Token, r.Deadline, Response{Outcome: results.TimedOut, Cause: "timeout"}}
	}
	ctx, cancel := context.WithTimeout(p.ctx, left)
	defer cancel()
	resp := p.caller.Do(ctx, p.env.Clock, r)
	resp.Started = max(resp.Started, r.Now)
	if resp.Watched && p.limit >= p.env.InFlight { // else it may have waited for its turn
		resp.Own += r.Now - handed
	}
	return answer{r.Token, p.env.Clock(), resp}
}

func (p *pool) Poll(now, until time.Duration, done Done) time.Duration {
	return p.mailbox.Poll(now, until, done)
}

// returnWithin is how long calls may take to return once their context has ended.
const returnWithin = 5 * time.Second

// Close ends the calls that are still made, and the workers with them.
func (p *pool) Close(context.Context) error {
	p.cancel()
	close(p.jobs)
	ended := make(chan struct{})
	go func() { p.wg.Wait(); close(ended) }()
	timer := time.NewTimer(returnWithin)
	defer timer.Stop()
	for {
		select {
		case <-p.mailbox.answers:
		case <-ended:
			return nil
		case <-timer.C:
			return fmt.Errorf("target did not return within %v of the end of its context", returnWithin)
		}
	}
}
