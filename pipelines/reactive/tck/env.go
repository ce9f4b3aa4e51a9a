package tck

import (
	"fmt"
	"sync"
	"testing/synctest"
	"time"

	"github.com/fcbench/fcbench/pipelines/reactive"
)

// env is what one rule is checked in.
type env struct {
	subject Subject
	ears    []*ear
	broken  []string
}

func (e *env) errorf(format string, args ...any) {
	e.broken = append(e.broken, fmt.Sprintf(format, args...))
}

// settle lets everything happen that will, in virtual time.
func (e *env) settle() {
	time.Sleep(time.Second)
	synctest.Wait()
}

// call reports a panic of f as breaking the rule.
func (e *env) call(what string, f func()) {
	defer func() {
		if p := recover(); p != nil {
			e.errorf("%s panicked: %v", what, p)
		}
	}()
	f()
}

// leave calls f, whose panic would be for another rule to report.
func (e *env) leave(f func()) {
	defer func() { _ = recover() }()
	f()
}

// close ends all that goes on, so that nothing is left behind.
func (e *env) close() {
	for _, l := range e.ears {
		if !l.over() {
			e.leave(l.Cancel)
		}
	}
	e.settle()
}

// subscribe subscribes to a publisher of n.
func (e *env) subscribe(n int64) *ear { return e.listen(e.subject.Publisher(n), &ear{}) }

func (e *env) listen(p reactive.Publisher[int64], l *ear) *ear {
	e.ears = append(e.ears, l)
	p.Subscribe(l)
	e.settle()
	return l
}

// ear is a subscriber that requests what the rule says, and remembers.
type ear struct {
	onSubscribe func(s reactive.Subscription)
	onNext      func(l *ear, v int64)

	mu            sync.Mutex
	sub           reactive.Subscription
	got           []int64
	subscribed    int
	early         bool // something was sent before OnSubscribe
	completed     int
	errs          []error
	depth, deeper int // of calls of OnNext within OnNext: now, at most
	cancelled     bool
}

func (l *ear) OnSubscribe(s reactive.Subscription) {
	l.mu.Lock()
	if l.subscribed++; l.subscribed == 1 {
		l.sub = s
	}
	l.mu.Unlock()
	if l.onSubscribe != nil {
		l.onSubscribe(s)
	}
}

func (l *ear) OnNext(v int64) {
	l.mu.Lock()
	l.got = append(l.got, v)
	l.early = l.early || l.subscribed == 0
	l.depth++
	l.deeper = max(l.deeper, l.depth)
	l.mu.Unlock()
	if l.onNext != nil {
		l.onNext(l, v)
	}
	l.mu.Lock()
	l.depth--
	l.mu.Unlock()
}

func (l *ear) OnError(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.early = l.early || l.subscribed == 0
	l.errs = append(l.errs, err)
}

func (l *ear) OnComplete() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.early = l.early || l.subscribed == 0
	l.completed++
}

func (l *ear) Request(n int64) {
	if s := l.subscription(); s != nil {
		s.Request(n)
	}
}

func (l *ear) Cancel() {
	l.mu.Lock()
	l.cancelled = true
	l.mu.Unlock()
	if s := l.subscription(); s != nil {
		s.Cancel()
	}
}

func (l *ear) subscription() reactive.Subscription {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.sub
}

func (l *ear) over() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.cancelled || l.completed+len(l.errs) > 0
}

// signals is how many were sent.
func (l *ear) signals() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.subscribed + len(l.got) + len(l.errs) + l.completed
}

// number is how many elements were sent.
func (l *ear) number() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.got)
}

// inOrder reports whether exactly 0 to n-1 were sent.
func (l *ear) inOrder(n int) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, v := range l.got {
		if v != int64(i) {
			return false
		}
	}
	return len(l.got) == n
}

// wire is the subscription that a subscriber under test is given.
type wire struct {
	mu        sync.Mutex
	requested int64
	cancels   int
	watched   bool // calls are counted
	calls     int
}

func (w *wire) Request(n int64) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.requested += n; w.requested < 0 {
		w.requested = reactive.Unbounded
	}
	w.called()
}

func (w *wire) Cancel() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.cancels++
	w.called()
}

func (w *wire) called() {
	if w.watched {
		w.calls++
	}
}

func (w *wire) watch(on bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.watched = on
}

func (w *wire) state() (requested int64, cancels, calls int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.requested, w.cancels, w.calls
}

// Probe is told by the subscriber under test what it was sent.
type Probe struct {
	// Puppet is how the rules have the subscriber request and cancel.
	Puppet reactive.Subscription

	mu   sync.Mutex
	got  []int64
	ends []error
}

// Next is to be called with each element.
func (p *Probe) Next(v int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.got = append(p.got, v)
}

// End is to be called with the error, or with nil for completion.
func (p *Probe) End(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ends = append(p.ends, err)
}

func (p *Probe) heard() (got []int64, ends []error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append(got, p.got...), append(ends, p.ends...)
}
