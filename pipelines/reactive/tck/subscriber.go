package tck

import (
	"errors"
	"slices"

	"github.com/fcbench/fcbench/pipelines/reactive"
)

var errSource = errors.New("the source failed")

// guest is a subscriber under test, with what it was given.
type guest struct {
	reactive.Subscriber[int64]
	*wire
	*Probe
}

// white subscribes the one that is a puppet.
func (e *env) white() guest {
	p := &Probe{}
	return e.greet(guest{e.subject.Subscriber(p), &wire{}, p})
}

// plain subscribes the one that is as it is.
func (e *env) plain() guest { return e.greet(guest{e.subject.Plain(), &wire{}, &Probe{}}) }

func (e *env) greet(g guest) guest {
	g.OnSubscribe(g.wire)
	e.settle()
	return g
}

func (e *env) request(g guest, n int64) {
	g.Puppet.Request(n)
	e.settle()
}

func happyPath(e *env) {
	g := e.white()
	e.request(g, 3)
	for i := range int64(3) {
		g.OnNext(i)
	}
	e.settle()
	if got, _ := g.heard(); !slices.Equal(got, []int64{0, 1, 2}) {
		e.errorf("of 0, 1, 2 it took %v", got)
	}
}

func requestsAsTold(e *env) {
	g := e.white()
	e.request(g, 1)
	if n, _, _ := g.state(); n < 1 {
		e.errorf("having to request 1, it requested %d", n)
	}
}

func requestsByItself(e *env) {
	g := e.plain()
	if n, _, _ := g.state(); n < 1 {
		e.errorf("it requested nothing, and will never be sent any")
	}
}

func requestsAll(e *env) {
	g := e.white()
	e.request(g, 5)
	if n, _, _ := g.state(); n < 5 {
		e.errorf("having to request 5, it requested %d", n)
	}
}

func whiteQuietInComplete(e *env) { e.quiet(e.white(), nil) }
func whiteQuietInError(e *env)    { e.quiet(e.white(), errSource) }
func plainQuietInComplete(e *env) { e.quiet(e.plain(), nil) }
func plainQuietInError(e *env)    { e.quiet(e.plain(), errSource) }

// quiet wants no call of the subscription while it is told the end. Whether it can
// bear that is for §2.09 and §2.10 to say.
func (e *env) quiet(g guest, err error) {
	g.watch(true)
	e.leave(func() { g.end(err) })
	e.settle()
	if _, _, calls := g.state(); calls > 0 {
		e.errorf("it called its subscription %d times when told the end", calls)
	}
}

func (g guest) end(err error) {
	if err != nil {
		g.OnError(err)
		return
	}
	g.OnComplete()
}

func whiteRefusesSecond(e *env) { e.second(e.white()) }
func plainRefusesSecond(e *env) { e.second(e.plain()) }

func (e *env) second(g guest) {
	other := &wire{}
	g.OnSubscribe(other)
	e.settle()
	if _, cancels, _ := other.state(); cancels == 0 {
		e.errorf("it did not cancel a second subscription")
	}
}

func bearsLateElements(e *env) {
	g := e.white()
	e.request(g, 2)
	g.Puppet.Cancel()
	e.call("OnNext after Cancel", func() { g.OnNext(0) })
	e.settle()
}

func completeAfterRequest(e *env) { e.told(1, nil) }
func completeUnasked(e *env)      { e.told(0, nil) }
func errorAfterRequest(e *env)    { e.told(1, errSource) }
func errorUnasked(e *env)         { e.told(0, errSource) }

// told ends the stream, after a request of n, and wants that noticed.
func (e *env) told(n int64, err error) {
	g := e.white()
	if n > 0 {
		e.request(g, n)
	}
	g.end(err)
	e.settle()
	if _, ends := g.heard(); len(ends) != 1 || !errors.Is(ends[0], err) {
		e.errorf("the end was %v, and it noticed %v", err, ends)
	}
}

func bearsCompleteAfterRequest(e *env) { e.bears(1, nil) }
func bearsCompleteUnasked(e *env)      { e.bears(0, nil) }
func bearsErrorAfterRequest(e *env)    { e.bears(1, errSource) }
func bearsErrorUnasked(e *env)         { e.bears(0, errSource) }

// bears ends the stream of a plain subscriber, after n elements if it requested them.
func (e *env) bears(n int64, err error) {
	g := e.plain()
	if requested, _, _ := g.state(); requested >= n {
		for i := range n {
			g.OnNext(i)
		}
	}
	e.call("being told the end", func() { g.end(err) })
	e.settle()
}

func passesErrorOn(e *env) {
	l, p, _ := e.between()
	p.OnError(errSource)
	e.settle()
	if len(l.errs) != 1 {
		e.errorf("its source failed, and its subscriber was sent %v", l.errs)
	}
}

// requestsForLongAgo has everything requested before the first element comes.
func requestsForLongAgo(e *env) {
	const all = 1000
	l, p, w := e.between()
	l.Request(all)
	sent := int64(0)
	for {
		e.settle()
		requested, _, _ := w.state()
		next := min(requested, all)
		if next == sent {
			break
		}
		for ; sent < next; sent++ {
			p.OnNext(sent)
		}
	}
	if got := l.number(); got != all {
		e.errorf("%d were requested of it at first; it requested %d and sent on %d", all, sent, got)
	}
}

// between puts a processor under test between a source and a subscriber.
func (e *env) between() (*ear, reactive.Processor[int64, int64], *wire) {
	p, w := e.subject.Processor(), &wire{}
	l := e.listen(p, &ear{})
	p.OnSubscribe(w)
	e.settle()
	return l, p, w
}
