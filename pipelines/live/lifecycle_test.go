package live_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/fcbench/fcbench/pipelines"
	"github.com/fcbench/fcbench/pipelines/live"
)

// plan is a pipeline of sources, a stage of workers that do something, and a sink, as
// people write it.
type plan struct {
	sources int
	upTo    int // how many items each source sends; 0 for no end
	workers int
	do      func(ctx context.Context, n int) error // nil takes a millisecond
	sink    func(ctx context.Context, n int) error // nil takes no time
	goesOn  bool                                   // after a panic
}

const room = 4 // of a queue

// life is one that was started.
type life interface {
	Drain(within time.Duration) live.Report
	Wait() live.Report
}

// starter starts a plan under ctx.
type starter func(ctx context.Context, p plan) life

// pause takes a time, unless ctx ends.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// filled has what a plan leaves open.
func (p plan) filled() plan {
	if p.do == nil {
		p.do = func(ctx context.Context, _ int) error { return pause(ctx, ms) }
	}
	if p.sink == nil {
		p.sink = func(context.Context, int) error { return nil }
	}
	p.sources, p.workers = max(p.sources, 1), max(p.workers, 1)
	return p
}

// startOurs starts it on queues.
func startOurs(ctx context.Context, p plan) life {
	p = p.filled()
	clock := stopwatch()
	work := func(do func(context.Context, int) error) live.Work {
		return live.Untimed(clock, func(ctx context.Context, it *pipelines.Item) error { return do(ctx, int(it.Token)) })
	}
	c := live.Config{Clock: clock, GoesOn: p.goesOn}
	for _, s := range []live.Stage{{Name: "work", Workers: p.workers, Work: work(p.do)}, {Name: "sink", Workers: 1, Work: work(p.sink)}} {
		s.Policy, _ = pipelines.NewBlock(pipelines.Config{Capacity: room})
		c.Stages = append(c.Stages, s)
	}
	for i := range p.sources {
		c.Sources = append(c.Sources, func(ctx context.Context, send func(*pipelines.Item) bool) error {
			for n := i; p.upTo == 0 || n < p.upTo*p.sources; n += p.sources {
				if !send(&pipelines.Item{Token: uint32(n)}) {
					return fmt.Errorf("stopped: %w", ctx.Err()) // as people write it, also for a drain
				}
			}
			return nil
		})
	}
	out, err := live.Start(ctx, c)
	if err != nil {
		panic(err)
	}
	return out
}

// judge says what is wrong, and knows how many goroutines its bubble had before.
type judge struct {
	complaints
	before int
}

type complaints interface {
	Helper()
	Errorf(format string, args ...any)
}

func newJudge(c complaints) judge { return judge{c, inBubble()} }

// alone wants no goroutine to be left.
func (j judge) alone() {
	j.Helper()
	if left := inBubble() - j.before; left > 0 {
		j.Errorf("%d goroutines are left; want 0", left)
	}
}

// inBubble counts the goroutines of this bubble, once all but this one wait.
func inBubble() int {
	synctest.Wait()
	all := make([]byte, 1<<20)
	all = all[:runtime.Stack(all, true)]
	head, _, _ := strings.Cut(string(all), "\n") // goroutine 7 [running, synctest bubble 27]:
	_, bubble, _ := strings.Cut(head, ", ")
	return strings.Count(string(all), bubble)
}

// lifeRule is one promise.
type lifeRule struct {
	name  string
	check func(t judge, start starter)
}

// lifeRules are what pipelines promise about their ends. Each is judged in a bubble, so that
// times are exact.
var lifeRules = []lifeRule{
	{"cancel", func(t judge, start starter) {
		ctx, cancel := context.WithCancel(context.Background())
		endsBy(t, start(ctx, plan{}), cancel, context.Canceled)
	}},
	{"cancel with a cause", func(t judge, start starter) {
		ctx, cancel := context.WithCancelCause(context.Background())
		endsBy(t, start(ctx, plan{}), func() { cancel(errBoss) }, errBoss)
	}},
	{"timeout", func(t judge, start starter) {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		endsAt(t, start(ctx, plan{}), time.Second, context.DeadlineExceeded)
	}},
	{"deadline with a cause", func(t judge, start starter) {
		ctx, cancel := context.WithDeadlineCause(context.Background(), time.Now().Add(time.Second), errBoss)
		defer cancel()
		endsAt(t, start(ctx, plan{}), time.Second, errBoss)
	}},
	{"a stage that polls its context", func(t judge, start starter) {
		ctx, cancel := context.WithCancel(context.Background())
		endsBy(t, start(ctx, plan{workers: 2, do: func(ctx context.Context, _ int) error {
			for range 100_000 {
				if ctx.Err() != nil {
					return ctx.Err()
				}
				time.Sleep(10 * ms)
			}
			return nil
		}}), cancel, context.Canceled)
	}},
	{"an error ends all", func(t judge, start starter) {
		r := start(context.Background(), plan{workers: 3, do: func(ctx context.Context, n int) error {
			if n == 20 {
				return errBoss
			}
			return pause(ctx, time.Duration(1+n/21*3600_000)*ms)
		}}).Wait()
		ended(t, r, errBoss)
	}},
	{"an error of the sink ends all", func(t judge, start starter) {
		r := start(context.Background(), plan{sink: func(context.Context, int) error { return errBoss }}).Wait()
		ended(t, r, errBoss)
	}},
	{"all goes through", func(t judge, start starter) {
		r := start(context.Background(), plan{sources: 4, upTo: 50, workers: 3}).Wait()
		if ended(t, r, nil); r.Done != 200 {
			t.Errorf("%d were done; want all 200", r.Done)
		}
	}},
	{"only senders close", func(t judge, start starter) {
		var served atomic.Int64
		r := start(context.Background(), plan{sources: 3, upTo: 40, workers: 3, do: func(ctx context.Context, n int) error {
			served.Add(1)
			return pause(ctx, time.Duration(n%3)*20*ms) // one source's items are through long before the others'
		}}).Wait()
		if ended(t, r, nil); r.Done != 120 || served.Load() != 120 || r.Panics != 0 {
			t.Errorf("%d were served and %d done, with %d panics; want all 120", served.Load(), r.Done, r.Panics)
		}
	}},
	{"drain", func(t judge, start starter) {
		var served atomic.Int64
		l := start(context.Background(), plan{workers: 2, do: func(ctx context.Context, _ int) error {
			served.Add(1)
			return pause(ctx, 10*ms)
		}})
		time.Sleep(time.Second)
		began := time.Now()
		r := l.Drain(time.Second)
		if ended(t, r, nil); int64(r.Done) != served.Load() || r.Cut != 0 || time.Since(began) > 200*ms {
			t.Errorf("%d were served, %d done and %d cut in %v; want all through soon", served.Load(), r.Done, r.Cut, time.Since(began))
		}
	}},
	{"drain, then abort", func(t judge, start starter) {
		l := start(context.Background(), plan{do: func(ctx context.Context, _ int) error { return pause(ctx, time.Minute) }})
		time.Sleep(time.Second)
		began := time.Now()
		r := l.Drain(100 * ms)
		ended(t, r, live.ErrDrain)
		within(t, time.Since(began), 100*ms)
		if r.Cut == 0 || r.Offered != r.Done+r.Failed+r.Cut {
			t.Errorf("of %d offered %d are done, %d failed and %d are cut; want some cut, and a sum", r.Offered, r.Done, r.Failed, r.Cut)
		}
	}},
	{"who ignores its context is named", func(t judge, start starter) {
		ctx, cancel := context.WithCancel(context.Background())
		l := start(ctx, plan{workers: 3, do: func(context.Context, int) error {
			time.Sleep(time.Hour)
			return nil
		}})
		time.Sleep(time.Second)
		began := time.Now()
		cancel()
		r := l.Wait()
		within(t, time.Since(began), 0)
		if !slices.Equal(r.Stuck, []live.Stuck{{Name: "work", Goroutines: 3}}) {
			t.Errorf("stuck are %v; want 3 of work", r.Stuck)
		}
	}},
	{"a sink that never returns", func(t judge, start starter) {
		l := start(context.Background(), plan{sink: func(context.Context, int) error {
			time.Sleep(time.Hour)
			return nil
		}})
		time.Sleep(time.Second)
		began := time.Now()
		r := l.Drain(100 * ms)
		within(t, time.Since(began), 100*ms)
		if !errors.Is(r.Cause, live.ErrDrain) || !slices.Equal(r.Stuck, []live.Stuck{{Name: "sink", Goroutines: 1}}) {
			t.Errorf("it ends by %v, and stuck are %v; want the bound, and 1 of sink", r.Cause, r.Stuck)
		}
	}},
	{"a panic is contained", func(t judge, start starter) {
		r := start(context.Background(), plan{upTo: 100, workers: 3, goesOn: true, do: fragile}).Wait()
		if ended(t, r, nil); r.Panics != 10 || r.Failed != 10 || r.Done != 90 {
			t.Errorf("there were %d panics, %d failed and %d are done; want 10, 10 and 90", r.Panics, r.Failed, r.Done)
		}
	}},
	{"a panic ends all", func(t judge, start starter) {
		r := start(context.Background(), plan{workers: 3, do: fragile}).Wait()
		var panicked *live.Panic
		if !errors.As(r.Cause, &panicked) || panicked.Value != "seven" || r.Panics != 1 {
			t.Errorf("it ends by %v after %d panics; want the first", r.Cause, r.Panics)
		}
		ended(t, r, r.Cause)
	}},
}

var errBoss = errors.New("the boss says so")

// fragile panics at every tenth item.
func fragile(ctx context.Context, n int) error {
	if n%10 == 7 {
		panic("seven")
	}
	return pause(ctx, ms)
}

// endsBy wants it to end soon after the call, and by its cause.
func endsBy(t judge, l life, end func(), cause error) {
	t.Helper()
	time.Sleep(time.Second)
	began := time.Now()
	end()
	r := l.Wait()
	within(t, time.Since(began), 0)
	ended(t, r, cause)
}

// endsAt wants it to end at the instant.
func endsAt(t judge, l life, at time.Duration, cause error) {
	t.Helper()
	began := time.Now()
	r := l.Wait()
	within(t, time.Since(began), at)
	ended(t, r, cause)
}

func within(t judge, took, at time.Duration) {
	t.Helper()
	if took < at || took > at+live.Grace {
		t.Errorf("it was quiescent after %v; want it at %v, within %v", took, at, live.Grace)
	}
}

// ended wants the cause, and everybody gone.
func ended(t judge, r live.Report, cause error) {
	t.Helper()
	if !errors.Is(r.Cause, cause) {
		t.Errorf("it ends by %v; want %v", r.Cause, cause)
	}
	if r.Err() != nil {
		t.Errorf("%v; want none", r.Err())
	}
	t.alone()
}

// TestLifecycles: ours keeps every rule, and who ignores its context ends as well
// once it is through.
func TestLifecycles(t *testing.T) {
	for _, rule := range lifeRules {
		t.Run(rule.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				j := newJudge(t)
				rule.check(j, startOurs)
				time.Sleep(2 * time.Hour)
				j.alone()
			})
		})
	}
}

// TestSourcesAndGoexit: a source that fails ends all, and so does one that panics or
// a worker that ends its goroutine; with GoesOn a panic ends the source alone.
func TestSourcesAndGoexit(t *testing.T) {
	send := func(_ context.Context, send func(*pipelines.Item) bool) error {
		for n := range uint32(20) {
			send(&pipelines.Item{Token: n})
		}
		return nil
	}
	fails := func(context.Context, func(*pipelines.Item) bool) error { return errBoss }
	panics := func(context.Context, func(*pipelines.Item) bool) error { panic("seven") }
	waits := func(ctx context.Context, _ func(*pipelines.Item) bool) error { <-ctx.Done(); return context.Cause(ctx) }
	nothing := func(context.Context, *pipelines.Item) error { return nil }
	exits := func(context.Context, *pipelines.Item) error { runtime.Goexit(); return nil }
	for name, c := range map[string]struct {
		sources []live.Source
		work    func(context.Context, *pipelines.Item) error
		goesOn  bool
		want    string
		panics  uint64
	}{
		"an error":             {[]live.Source{waits, fails}, nothing, true, "source: the boss says so", 0},
		"a panic":              {[]live.Source{waits, panics}, nothing, false, "source: panic: seven", 1},
		"a panic, and goes on": {[]live.Source{send, panics}, nothing, true, "", 1},
		"an exit":              {[]live.Source{send, waits}, exits, true, "stage 1: runtime.Goexit was called", 1},
	} {
		synctest.Test(t, func(t *testing.T) {
			clock := stopwatch()
			p, err := live.Start(t.Context(), live.Config{
				Clock: clock, Sources: c.sources, GoesOn: c.goesOn,
				Stages: []live.Stage{{Policy: block(t, 4), Workers: 1, Work: live.Untimed(clock, c.work)}},
			})
			if err != nil {
				t.Fatal(err)
			}
			r := p.Wait()
			if got := fmt.Sprint(r.Cause); got != c.want && (c.want != "" || r.Cause != nil) || r.Panics != c.panics || r.Err() != nil {
				t.Errorf("%s: it ends by %q after %d panics, %v; want %q and %d", name, got, r.Panics, r.Err(), c.want, c.panics)
			}
			if c.want == "" && r.Done != 20 {
				t.Errorf("%s: %d are done; want the 20 of the other source", name, r.Done)
			}
			if r.Offered != r.Done+r.Failed+r.Cut {
				t.Errorf("%s: the report %+v does not add up", name, r)
			}
		})
	}
}
