package live_test

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fcbench/fcbench/pipelines/live"
)

// wound is what is wrong with a pipeline of channels.
type wound int

const (
	sound wound = iota
	ignoresCancel
	losesCause
	ignoresDeadlines
	worksInBackground
	swallowsErrors
	swallowsSinkErrors
	firstSourceCloses
	firstWorkerCloses
	abortsInDrain
	drainsForever
	countsNothingCut
	leavesOne
	waitsForAll
	namesNobody
	diesOfPanics
	livesOnPanics
)

// channels is what people write by hand for a plan: channels, contexts and counters.
type channels struct {
	plan
	wound   wound
	ctx     context.Context
	cancel  context.CancelCauseFunc
	sources context.Context
	stop    context.CancelFunc
	work    chan int
	done    chan int
	ended   chan struct{}
	all     sync.WaitGroup
	shut    atomic.Bool   // a channel was closed by one of those who send to it
	release chan struct{} // ends what is wounded

	offered, through, failed, panics atomic.Uint64
	working, sinking                 atomic.Int64
}

// startWounded starts it so; release ends whatever is left of it.
func startWounded(w wound, release chan struct{}) starter {
	return func(ctx context.Context, p plan) life {
		c := &channels{plan: p.filled(), wound: w, work: make(chan int, room), done: make(chan int, room), ended: make(chan struct{}), release: release}
		c.begin(ctx)
		var sending, working sync.WaitGroup
		for i := range c.plan.sources {
			sending.Go(func() { c.guard(func() error { c.send(i); return nil }) })
		}
		for range c.workers {
			c.working.Add(1)
			working.Go(func() {
				defer c.working.Add(-1)
				c.serve(c.work, c.do, func(n int) { c.put(c.done, n) })
				c.shut.Store(w == firstWorkerCloses)
			})
		}
		c.sinking.Add(1)
		c.all.Go(func() {
			defer c.sinking.Add(-1)
			c.serve(c.done, c.sink, func(int) { c.through.Add(1) })
		})
		c.all.Go(func() { sending.Wait(); close(c.work) })
		c.all.Go(func() { working.Wait(); close(c.done) })
		go func() { c.all.Wait(); close(c.ended) }()
		if w == leavesOne {
			go func() { <-release }()
		}
		return c
	}
}

// begin derives the context.
func (c *channels) begin(ctx context.Context) {
	outer := ctx
	if c.wound == ignoresCancel || c.wound == losesCause || c.wound == ignoresDeadlines {
		ctx = context.WithoutCancel(ctx)
	}
	c.ctx, c.cancel = context.WithCancelCause(ctx)
	switch c.wound {
	case losesCause:
		context.AfterFunc(outer, func() { c.cancel(outer.Err()) })
	case ignoresDeadlines:
		context.AfterFunc(outer, func() {
			if outer.Err() == context.Canceled {
				c.cancel(context.Cause(outer))
			}
		})
	}
	c.sources, c.stop = context.WithCancel(c.ctx)
}

func (c *channels) put(ch chan int, n int) bool {
	if c.shut.Load() { // to close it would be a race as well
		panic("send on closed channel")
	}
	select {
	case ch <- n:
		return true
	case <-c.ctx.Done():
	case <-c.release:
	}
	return false
}

func (c *channels) send(i int) {
	for n := i; (c.upTo == 0 || n < c.upTo*c.plan.sources) && c.sources.Err() == nil; n += c.plan.sources {
		if !c.put(c.work, n) {
			break
		}
		c.offered.Add(1)
	}
	if c.wound == firstSourceCloses {
		c.shut.Store(true)
	}
}

func (c *channels) serve(from chan int, do func(context.Context, int) error, then func(int)) {
	ctx := c.ctx
	if c.wound == worksInBackground {
		ctx = context.Background()
	}
	for {
		var n int
		var ok bool
		select {
		case n, ok = <-from:
		case <-c.ctx.Done():
		case <-c.release:
		}
		if !ok || c.ctx.Err() != nil {
			return
		}
		err := c.guard(func() error {
			err := do(ctx, n)
			if err == nil {
				then(n)
			}
			return err
		})
		if err != nil && !c.goOn(from, err) {
			return
		}
		if err != nil {
			c.failed.Add(1)
		}
	}
}

func (c *channels) goOn(from chan int, err error) bool {
	_, panicked := err.(*live.Panic)
	swallowed := c.wound == swallowsErrors && !panicked && from == c.work || c.wound == swallowsSinkErrors && from == c.done
	if swallowed || panicked && (c.goesOn && c.wound != diesOfPanics || c.wound == livesOnPanics) {
		return true
	}
	c.cancel(err)
	return false
}

func (c *channels) guard(do func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			c.panics.Add(1)
			err = &live.Panic{Value: v}
		}
	}()
	return do()
}

// bound is how long what is wounded is waited for.
const bound = 3 * time.Second

func (c *channels) Drain(within time.Duration) live.Report {
	if c.stop(); c.wound == abortsInDrain {
		c.cancel(live.ErrDrain)
	}
	if c.wound == drainsForever {
		within = bound
	}
	select {
	case <-c.ended:
	case <-time.After(within):
		c.cancel(live.ErrDrain)
	}
	return c.Wait()
}

func (c *channels) Wait() live.Report {
	select {
	case <-c.ended:
	case <-c.ctx.Done():
	case <-time.After(bound):
	}
	grace := live.Grace
	if c.wound == waitsForAll {
		grace = bound
	}
	select {
	case <-c.ended:
	case <-time.After(grace):
	}
	r := live.Report{Cause: context.Cause(c.ctx), Offered: c.offered.Load(), Done: c.through.Load(), Failed: c.failed.Load(), Panics: c.panics.Load()}
	if c.wound != countsNothingCut {
		r.Cut = r.Offered - r.Done - r.Failed
	}
	if n := c.working.Load(); n > 0 && c.wound != namesNobody {
		r.Stuck = append(r.Stuck, live.Stuck{Name: "work", Goroutines: int(n)})
	}
	if n := c.sinking.Load(); n > 0 && c.wound != namesNobody {
		r.Stuck = append(r.Stuck, live.Stuck{Name: "sink", Goroutines: int(n)})
	}
	c.cancel(nil)
	return r
}

// notes collects what a judge says.
type notes []string

func (*notes) Helper()                             {}
func (n *notes) Errorf(format string, args ...any) { *n = append(*n, fmt.Sprintf(format, args...)) }

// said is what a rule says about a wound.
func said(t *testing.T, w wound, rule lifeRule) (all notes) {
	synctest.Test(t, func(*testing.T) {
		release := make(chan struct{})
		rule.check(newJudge(&all), startWounded(w, release))
		close(release)
		time.Sleep(3 * time.Hour) // until what ignores its context is through
	})
	return all
}

// TestEachRuleFindsItsWound: a sound pipeline of channels keeps all rules, a wounded
// one breaks those which are about its wound.
func TestEachRuleFindsItsWound(t *testing.T) {
	var found []wound
	for _, rule := range lifeRules {
		if notes := said(t, sound, rule); len(notes) > 0 {
			t.Errorf("%s: a sound pipeline breaks it: %v", rule.name, notes)
		}
		if len(wounds[rule.name]) == 0 {
			t.Errorf("%s: no wound breaks it", rule.name)
		}
		for _, w := range wounds[rule.name] {
			if len(said(t, w, rule)) == 0 {
				t.Errorf("%s: wound %d does not break it", rule.name, w)
			}
			found = append(found, w)
		}
	}
	for w := sound + 1; w <= livesOnPanics; w++ {
		if !slices.Contains(found, w) {
			t.Errorf("wound %d is not found", w)
		}
	}
}

// wounds are those that a rule has to find.
var wounds = map[string][]wound{
	"cancel":                           {ignoresCancel, leavesOne},
	"cancel with a cause":              {ignoresCancel, losesCause},
	"timeout":                          {ignoresCancel, ignoresDeadlines},
	"deadline with a cause":            {losesCause, ignoresDeadlines},
	"a stage that polls its context":   {worksInBackground},
	"an error ends all":                {swallowsErrors, leavesOne},
	"an error of the sink ends all":    {swallowsSinkErrors},
	"all goes through":                 {firstWorkerCloses, leavesOne},
	"only senders close":               {firstSourceCloses, firstWorkerCloses},
	"drain":                            {abortsInDrain, leavesOne},
	"drain, then abort":                {drainsForever, countsNothingCut},
	"who ignores its context is named": {waitsForAll, namesNobody},
	"a sink that never returns":        {waitsForAll, namesNobody, drainsForever},
	"a panic is contained":             {diesOfPanics},
	"a panic ends all":                 {livesOnPanics},
}
