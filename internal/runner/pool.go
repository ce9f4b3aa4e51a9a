package runner

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/fcbench/fcbench/targets"
)

// pool runs a blocking target behind the loop's contract: a worker per request
// in flight, up to a bound, started as they are needed. The workers stamp start
// and end themselves, so that nothing depends on when the loop looks.
type pool struct {
	target  targets.Target
	ctx     context.Context
	env     targets.Env
	plain   bool
	jobs    chan targets.Request
	answers chan answer
	workers int
	limit   int
	open    int // requests started and not yet taken back by Poll
	wg      sync.WaitGroup
	timer   *time.Timer
}

type answer struct {
	token uint32
	at    time.Duration
	resp  targets.Response
}

func newPool(ctx context.Context, target targets.Target, maxInFlight int, env targets.Env, plain bool) *pool {
	limit := maxInFlight
	if p, ok := target.(targets.Pooled); ok {
		limit = min(limit, p.Workers())
	}
	return &pool{
		target: target, ctx: ctx, env: env, plain: plain, limit: limit,
		jobs: make(chan targets.Request, maxInFlight), answers: make(chan answer, maxInFlight),
	}
}

func (p *pool) Start(_ time.Duration, r *targets.Request, _ targets.Done) {
	p.open++
	if p.open > p.workers && p.workers < p.limit {
		p.workers++
		caller := uint32(p.workers)
		p.wg.Go(func() { p.work(caller) })
	}
	p.jobs <- *r
}

func (p *pool) work(caller uint32) {
	var r targets.Request
	for r = range p.jobs {
		a := p.call(&r)
		a.resp.Caller = caller
		p.answers <- a
	}
}

// call makes one call, unless its caller has left while it waited for a worker.
func (p *pool) call(r *targets.Request) answer {
	patience := r.Deadline - p.env.Clock()
	if patience <= 0 {
		return answer{r.Token, r.Deadline, tooLate}
	}
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	r.Now = p.env.Clock()
	resp := p.target.Do(ctx, r)
	resp.Started = max(resp.Started, r.Now)
	return answer{r.Token, p.env.Clock(), resp}
}

// precise is how long before the next instant the pool stops listening for
// answers and leaves the waiting to the pacer.
const precise = 2 * time.Millisecond

func (p *pool) Poll(now, until time.Duration, done targets.Done) time.Duration {
	if p.take(done) || until <= now {
		return p.env.Clock()
	}
	now = p.env.Clock()
	left := until - now
	switch {
	case p.open == 0 || (!p.plain && left <= precise):
		runtime.Gosched() // let workers that became ready run before the thread sleeps
		now = p.env.Wait(now, until)
		p.take(done)
		return now
	case p.plain:
		p.listen(left, done)
	default:
		p.listen(left-precise, done)
	}
	return p.env.Clock()
}

// take hands over the answers that are there.
func (p *pool) take(done targets.Done) (any bool) {
	for {
		select {
		case a := <-p.answers:
			p.hand(a, done)
			any = true
		default:
			return any
		}
	}
}

// listen waits for one answer, no longer than left.
func (p *pool) listen(left time.Duration, done targets.Done) {
	if p.timer == nil {
		p.timer = time.NewTimer(left)
	} else {
		p.timer.Reset(left)
	}
	select {
	case a := <-p.answers:
		p.hand(a, done)
		p.take(done)
	case <-p.timer.C:
	}
	p.timer.Stop()
}

func (p *pool) hand(a answer, done targets.Done) {
	p.open--
	done(a.token, a.at, &a.resp)
}

// lastWords is how long workers may take to return once their context has ended.
const lastWords = 5 * time.Second

// close ends the workers. The pool's context must have ended before.
func (p *pool) close() error {
	close(p.jobs)
	ended := make(chan struct{})
	go func() { p.wg.Wait(); close(ended) }()
	for timer := time.NewTimer(lastWords); ; {
		select {
		case <-p.answers:
		case <-ended:
			timer.Stop()
			return nil
		case <-timer.C:
			return fmt.Errorf("target did not return within %v of the end of its context", lastWords)
		}
	}
}
