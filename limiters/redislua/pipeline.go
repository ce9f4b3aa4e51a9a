package redislua

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// most is how many calls go in one pipeline, so that the first of them is not
// kept long from its answer by the others.
const most = 256

// few is how many calls a batch has room for from the start.
const few = 16

// pipeline sends calls that come while another is on its way together (a group
// commit). Whoever finds nothing on its way sends its own call at once. Those who
// come meanwhile gather in batches, which a goroutine that lasts as long as there
// are any sends one after the other.
type pipeline struct {
	client redis.UniversalClient
	mu     sync.Mutex
	busy   bool     // something is on its way
	queue  []*batch // those that gather, in the order in which they go
}

// batch is the calls of one pipeline.
type batch struct {
	done    chan struct{} // closed when all replies are there
	entries []entry
	waiting int // callers that have not left
	// until is the latest deadline of a caller; endless if one has none.
	until   time.Time
	endless bool
}

// entry is a call; nil once its caller has left before it was sent.
type entry struct {
	script *script
	call   *redis.IntSliceCmd
}

// send implements [sender]. A caller whose context ends before its batch is sent
// takes its call back; one that leaves later leaves the batch unharmed, and does
// not learn whether its call was decided.
func (p *pipeline) send(ctx context.Context, s *script, call *redis.IntSliceCmd) ([]int64, error) {
	b, place := p.join(ctx, entry{s, call})
	if b == nil {
		defer p.next()
		return direct{p.client}.send(ctx, s, call)
	}
	select {
	case <-b.done:
		return b.entries[place].call.Result()
	case <-ctx.Done():
		p.leave(b, place)
		return nil, context.Cause(ctx)
	}
}

// join adds an entry to the last batch that gathers, or returns nil to a caller
// who is to go ahead by itself.
func (p *pipeline) join(ctx context.Context, e entry) (b *batch, place int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.busy {
		p.busy = true
		return nil, 0
	}
	if last := len(p.queue) - 1; last >= 0 && len(p.queue[last].entries) < most {
		b = p.queue[last]
	} else {
		b = &batch{done: make(chan struct{}), entries: make([]entry, 0, few)}
		p.queue = append(p.queue, b)
	}
	b.entries = append(b.entries, e)
	b.waiting++
	if until, ok := ctx.Deadline(); !ok {
		b.endless = true
	} else if until.After(b.until) {
		b.until = until
	}
	return b, len(b.entries) - 1
}

// next has somebody send those that have gathered while a caller sent its own.
func (p *pipeline) next() {
	if b := p.take(); b != nil {
		go p.drain(b)
	}
}

// take returns the batch that is to go next, which nobody can join any more, or
// nil when the way is free.
func (p *pipeline) take() (b *batch) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.busy = len(p.queue) > 0; p.busy {
		b = p.queue[0]
		p.queue = slices.Delete(p.queue, 0, 1)
	}
	return b
}

// leave takes back an entry that is not on its way yet. A batch of nobody is dropped.
func (p *pipeline) leave(b *batch, place int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	i := slices.Index(p.queue, b)
	if i < 0 {
		return
	}
	b.entries[place].call = nil
	if b.waiting--; b.waiting == 0 {
		p.queue = slices.Delete(p.queue, i, i+1)
	}
}

// drain sends a batch, and then what has gathered meanwhile. Callers who were
// just answered are let run first: they may have something to join with.
func (p *pipeline) drain(b *batch) {
	for ; b != nil; b = p.take() {
		p.run(b)
		runtime.Gosched()
	}
}

// run sends a batch and tells its callers.
func (p *pipeline) run(b *batch) {
	defer close(b.done)
	ctx := context.Background()
	if !b.endless {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, b.until)
		defer cancel()
	}
	sent := make([]*entry, 0, len(b.entries))
	for i := range b.entries {
		if b.entries[i].call != nil {
			sent = append(sent, &b.entries[i])
		}
	}
	exchange(ctx, p.client, sent)
	refused := slices.DeleteFunc(sent, func(e *entry) bool { return !lost(e.call.Err()) })
	if len(refused) > 0 {
		p.decideInFull(ctx, refused)
	}
}

// decideInFull asks again, with the whole script, where a server refused because
// it had lost it, and gives it back; see [direct.send].
func (p *pipeline) decideInFull(ctx context.Context, refused []*entry) {
	loaded := map[*script]error{}
	for _, e := range refused {
		if _, ok := loaded[e.script]; !ok {
			loaded[e.script] = p.client.ScriptLoad(ctx, e.script.source).Err()
		}
		e.call = e.script.inFull(ctx, e.call)
		if err := loaded[e.script]; err != nil {
			e.call.SetErr(fmt.Errorf("SCRIPT LOAD after NOSCRIPT: %w", err))
		}
	}
	exchange(ctx, p.client, slices.DeleteFunc(refused, func(e *entry) bool { return e.call.Err() != nil }))
}

// exchange sends all calls and reads all replies. Each call bears its own error.
func exchange(ctx context.Context, client redis.UniversalClient, entries []*entry) {
	if len(entries) == 0 {
		return
	}
	calls := make([]redis.Cmder, len(entries))
	for i, e := range entries {
		calls[i] = e.call
	}
	pipe := client.Pipeline()
	_ = pipe.BatchProcess(ctx, calls...) // only kept for now
	_, _ = pipe.Exec(ctx)
}
