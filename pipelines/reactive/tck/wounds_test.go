package tck

import (
	"math"

	"github.com/fcbench/fcbench/pipelines/reactive"
)

func number(i int64) int64 { return i }

type publisherFunc func(to reactive.Subscriber[int64])

func (f publisherFunc) Subscribe(to reactive.Subscriber[int64]) { f(to) }

// tap stands between a source and its subscriber, and does what it is told instead.
type tap struct {
	reactive.Subscriber[int64] // after it
	reactive.Subscription      // before it

	request     func(n int64)
	cancel      func()
	complete    func()
	asked, sent int64
	inside      bool
	done, gone  bool
}

func (t *tap) OnSubscribe(s reactive.Subscription) {
	t.Subscription, t.inside = s, true
	t.Subscriber.OnSubscribe(t)
	t.inside = false
}

func (t *tap) OnNext(v int64) {
	t.sent++
	t.inside = true
	t.Subscriber.OnNext(v)
	t.inside = false
}

func (t *tap) OnComplete() {
	t.done = true
	if t.complete != nil {
		t.complete()
		return
	}
	t.Subscriber.OnComplete()
}

func (t *tap) Request(n int64) {
	if t.request != nil {
		t.request(n)
		return
	}
	t.pass(n)
}

func (t *tap) pass(n int64) {
	t.asked += n
	t.Subscription.Request(n)
}

func (t *tap) Cancel() {
	if t.cancel != nil {
		t.cancel()
		return
	}
	t.Subscription.Cancel()
}

// tapped is a publisher with a tap behind it.
func tapped(hurt func(t *tap)) Subject {
	return Subject{Publisher: func(n int64) reactive.Publisher[int64] {
		return publisherFunc(func(to reactive.Subscriber[int64]) {
			t := &tap{Subscriber: to}
			hurt(t)
			reactive.Of(n, number).Subscribe(t)
		})
	}}
}

func lengthened(from, to int64) Subject {
	return Subject{Publisher: func(n int64) reactive.Publisher[int64] {
		if n == from {
			n = to
		}
		return reactive.Of(n, number)
	}}
}

// ignoring has requests ignored.
func ignoring(which func(t *tap, n int64) bool) Subject {
	return tapped(func(t *tap) {
		t.request = func(n int64) {
			if !which(t, n) {
				t.pass(n)
			}
		}
	})
}

// deaf withholds the completion.
func deaf(when func(t *tap) bool) Subject {
	return tapped(func(t *tap) {
		t.complete = func() {
			if !when(t) {
				t.Subscriber.OnComplete()
			}
		}
	})
}

// recursive sends from within Request.
type recursive struct {
	to      reactive.Subscriber[int64]
	n, next int64
	over    bool
}

func (r *recursive) Cancel() { r.over = true }

func (r *recursive) Request(n int64) {
	if n <= 0 && !r.over {
		r.over = true
		r.to.OnError(&reactive.IllegalRequest{N: n})
	}
	for ; n > 0 && !r.over && r.next < r.n; n-- {
		r.next++
		r.to.OnNext(r.next - 1)
	}
	if r.next == r.n && !r.over {
		r.over = true
		r.to.OnComplete()
	}
}

func publisherWounds() []Subject {
	return []Subject{
		lengthened(1, 2),
		lengthened(3, 2),
		tapped(func(t *tap) {
			t.request = func(n int64) {
				if n == 2 {
					n++
				}
				t.pass(n)
			}
		}),
		deaf(func(t *tap) bool { return t.asked > t.sent }),
		deaf(func(t *tap) bool { return t.asked == t.sent }),
		tapped(func(t *tap) {
			t.request = func(n int64) {
				if t.done {
					t.Subscriber.OnComplete()
				}
				t.pass(n)
			}
		}),
		{Publisher: func(n int64) reactive.Publisher[int64] {
			return publisherFunc(func(to reactive.Subscriber[int64]) {
				reactive.Of(n, number).Subscribe(&twice{to})
			})
		}},
		{Rejecting: func() reactive.Publisher[int64] {
			return publisherFunc(func(to reactive.Subscriber[int64]) { to.OnError(errSource) })
		}},
		ignoring(func(t *tap, _ int64) bool { return t.inside }),
		{Publisher: func(n int64) reactive.Publisher[int64] {
			return publisherFunc(func(to reactive.Subscriber[int64]) { to.OnSubscribe(&recursive{to: to, n: n}) })
		}},
		tapped(func(t *tap) {
			t.cancel = func() { t.gone = true; t.Subscription.Cancel() }
			t.request = func(n int64) {
				if t.gone {
					t.Subscriber.OnNext(0)
				}
				t.pass(n)
			}
		}),
		tapped(func(t *tap) {
			t.cancel = func() {
				if t.gone {
					panic("cancelled twice")
				}
				t.gone = true
				t.Subscription.Cancel()
			}
		}),
		ignoring(func(_ *tap, n int64) bool { return n == 0 }),
		ignoring(func(_ *tap, n int64) bool { return n < 0 }),
		tapped(func(t *tap) {
			t.cancel = func() {
				if t.asked <= t.sent {
					t.Subscription.Cancel()
				}
			}
		}),
		{Publisher: func(n int64) reactive.Publisher[int64] { return &hoarder{Publisher: reactive.Of(n, number)} }},
		ignoring(func(_ *tap, n int64) bool { return n == math.MaxInt64 }),
		tapped(func(t *tap) {
			t.request = func(n int64) {
				if t.asked+n == math.MaxInt64 && t.asked > 0 {
					t.Subscription.Cancel()
				}
				t.pass(n)
			}
		}),
		tapped(func(t *tap) {
			t.request = func(n int64) {
				if n > 0 && t.asked+n < 0 && !t.gone {
					t.gone = true
					t.Subscription.Cancel()
					t.Subscriber.OnError(errSource)
				}
				t.pass(n)
			}
		}),
	}
}

// twice calls OnSubscribe twice.
type twice struct{ reactive.Subscriber[int64] }

func (t *twice) OnSubscribe(s reactive.Subscription) {
	t.Subscriber.OnSubscribe(s)
	t.Subscriber.OnSubscribe(s)
}

// hoarder remembers its subscribers.
type hoarder struct {
	reactive.Publisher[int64]
	all []reactive.Subscriber[int64]
}

func (h *hoarder) Subscribe(to reactive.Subscriber[int64]) {
	h.all = append(h.all, to)
	h.Publisher.Subscribe(to)
}

// limb is a subscriber, and a puppet, of which one thing is done otherwise.
type limb struct {
	*reactive.Consumer[int64]
	requested, taken int64
	subscribed       bool

	next      func(v int64) bool // true: that was all
	end       func(err error) bool
	request   func(n int64) int64
	twoFaced  bool // keeps silent about a second subscription
	cancelled bool
}

func (l *limb) OnSubscribe(s reactive.Subscription) {
	if l.subscribed && l.twoFaced {
		return
	}
	l.subscribed = true
	l.Consumer.OnSubscribe(s)
}

func (l *limb) OnNext(v int64) {
	l.taken++
	if l.next == nil || !l.next(v) {
		l.Consumer.OnNext(v)
	}
}

func (l *limb) OnComplete() { l.finish(nil) }

func (l *limb) OnError(err error) { l.finish(err) }

func (l *limb) finish(err error) {
	switch {
	case l.end != nil && l.end(err):
	case err != nil:
		l.Consumer.OnError(err)
	default:
		l.Consumer.OnComplete()
	}
}

func (l *limb) Request(n int64) {
	l.requested += n
	if l.request != nil {
		n = l.request(n)
	}
	if n > 0 {
		l.Consumer.Request(n)
	}
}

func (l *limb) Cancel() {
	l.cancelled = true
	l.Consumer.Cancel()
}

func white(hurt func(l *limb)) Subject {
	return Subject{Subscriber: func(p *Probe) reactive.Subscriber[int64] {
		l := &limb{Consumer: &reactive.Consumer[int64]{Next: p.Next, End: p.End}}
		hurt(l)
		p.Puppet = l
		return l
	}}
}

func plain(hurt func(l *limb)) Subject {
	return Subject{Plain: func() reactive.Subscriber[int64] {
		l := &limb{Consumer: &reactive.Consumer[int64]{Prefetch: 4}}
		hurt(l)
		return l
	}}
}

// meddling cancels when it is told of the end.
func meddling(failed bool) func(l *limb) {
	return func(l *limb) {
		l.end = func(err error) bool {
			if (err != nil) == failed {
				l.Cancel()
			}
			return false
		}
	}
}

// missing does not notice the end.
func missing(failed, requested bool) func(l *limb) {
	return func(l *limb) {
		l.end = func(err error) bool { return (err != nil) == failed && (l.requested > 0) == requested }
	}
}

// fragile breaks at the end.
func fragile(failed, taken bool) func(l *limb) {
	return func(l *limb) {
		l.end = func(err error) bool {
			if (err != nil) == failed && (l.taken > 0) == taken {
				panic("the end")
			}
			return false
		}
	}
}

func subscriberWounds() []Subject {
	return []Subject{
		white(func(l *limb) { l.next = func(v int64) bool { return v == 1 } }),
		white(func(l *limb) {
			l.request = func(n int64) int64 {
				if n == 1 {
					return 0
				}
				return n
			}
		}),
		white(meddling(false)),
		white(meddling(true)),
		white(func(l *limb) { l.twoFaced = true }),
		white(func(l *limb) {
			l.next = func(int64) bool {
				if l.cancelled {
					panic("cancelled")
				}
				return false
			}
		}),
		white(missing(false, true)),
		white(missing(false, false)),
		white(missing(true, true)),
		white(missing(true, false)),
		white(func(l *limb) { l.request = func(n int64) int64 { return min(n, 3) } }),
		plain(func(l *limb) { l.Prefetch = 0 }),
		plain(meddling(false)),
		plain(meddling(true)),
		plain(func(l *limb) { l.twoFaced = true }),
		plain(fragile(false, true)),
		plain(fragile(false, false)),
		plain(fragile(true, true)),
		plain(fragile(true, false)),
	}
}

type forgiving struct {
	reactive.Processor[int64, int64]
}

func (f forgiving) OnError(error) { f.OnComplete() }

type asksOnce struct {
	reactive.Processor[int64, int64]
}

func (a asksOnce) OnSubscribe(s reactive.Subscription) {
	a.Processor.OnSubscribe(&firstRequest{Subscription: s})
}

type firstRequest struct {
	reactive.Subscription
	asked bool
}

func (f *firstRequest) Request(n int64) {
	if !f.asked {
		f.asked = true
		f.Subscription.Request(n)
	}
}

func processorWounds() []Subject {
	fresh := func() reactive.Processor[int64, int64] {
		p, _ := reactive.NewProcessor[int64](reactive.DefaultPrefetch)
		return p
	}
	return []Subject{
		{Processor: func() reactive.Processor[int64, int64] { return forgiving{fresh()} }},
		{Processor: func() reactive.Processor[int64, int64] { return asksOnce{fresh()} }},
	}
}
