package tck

import (
	"math"
	"runtime"
	"weak"

	"github.com/fcbench/fcbench/pipelines/reactive"
)

// plenty is more than the rules that use it take in.
const plenty = 20

func exactlyOne(e *env)   { e.exactly(1) }
func exactlyThree(e *env) { e.exactly(3) }

func (e *env) exactly(n int) {
	l := e.subscribe(int64(n))
	l.Request(plenty)
	e.settle()
	if !l.inOrder(n) {
		e.errorf("a publisher of %d sent %v", n, l.got)
	}
}

func asManyAsRequested(e *env) {
	l := e.subscribe(plenty)
	want := 0
	for _, n := range []int{0, 1, 2, 5} {
		if want += n; n > 0 {
			l.Request(int64(n))
			e.settle()
		}
		if got := l.number(); got != want {
			e.errorf("%d were requested so far and %d sent", want, got)
			return
		}
	}
}

func fewerThanRequested(e *env) {
	l := e.subscribe(3)
	l.Request(10)
	e.settle()
	if l.completed == 0 {
		e.errorf("3 of 10 requested were sent, and no completion")
	}
}

func completes(e *env) {
	l := e.subscribe(5)
	l.Request(5)
	e.settle()
	if l.completed == 0 {
		e.errorf("all 5 were requested, %d sent, and no completion", l.number())
	}
}

func nothingAfterCompletion(e *env) {
	l := e.subscribe(4)
	l.Request(4)
	e.settle()
	if l.completed == 0 {
		return // for §1.05 to report
	}
	before := l.signals()
	l.Request(1)
	e.settle()
	if after := l.signals(); after != before || l.completed > 1 {
		e.errorf("%d signals came after completion, of which there were %d", after-before, l.completed)
	}
}

func onSubscribeFirst(e *env) {
	l := e.subscribe(plenty)
	if l.subscribed != 1 || l.early {
		e.errorf("OnSubscribe came %d times, something before it: %t", l.subscribed, l.early)
	}
}

func rejectsInOrder(e *env) {
	l := e.listen(e.subject.Rejecting(), &ear{})
	if l.subscribed != 1 || l.early || len(l.errs) != 1 {
		e.errorf("OnSubscribe came %d times, something before it: %t, OnError %d times", l.subscribed, l.early, len(l.errs))
	}
}

func requestsFromWithin(e *env) {
	l := e.listen(e.subject.Publisher(plenty), &ear{
		onSubscribe: func(s reactive.Subscription) { s.Request(1) },
		onNext:      func(l *ear, _ int64) { l.Request(1) },
	})
	if got := l.number(); got != plenty {
		e.errorf("requesting the next of %d from OnSubscribe and OnNext brought %d", plenty, got)
	}
}

func boundedRecursion(e *env) {
	l := e.listen(e.subject.Publisher(500), &ear{onNext: func(l *ear, _ int64) { l.Request(1) }})
	l.Request(plenty)
	e.settle()
	if l.deeper > 1 {
		e.errorf("OnNext was called %d deep within itself, as it requested more", l.deeper)
	}
}

func requestAfterCancel(e *env) {
	l := e.subscribe(plenty)
	l.Cancel()
	e.settle()
	before := l.signals()
	l.Request(3)
	e.settle()
	if after := l.signals(); after != before {
		e.errorf("a request after Cancel brought %d signals", after-before)
	}
}

func cancelAgain(e *env) {
	l := e.subscribe(plenty)
	l.Cancel()
	before := l.signals()
	l.Cancel()
	l.Cancel()
	e.settle()
	if after := l.signals(); after != before {
		e.errorf("cancelling again brought %d signals", after-before)
	}
}

func zeroRequest(e *env)     { e.illegal(0) }
func negativeRequest(e *env) { e.illegal(-1) }

func (e *env) illegal(n int64) {
	l := e.subscribe(plenty)
	l.Request(n)
	e.settle()
	if len(l.errs) != 1 || l.errs[0] == nil {
		e.errorf("Request(%d) led to errors %v; want one", n, l.errs)
	}
}

func cancelStops(e *env) {
	l := e.listen(e.subject.Publisher(1000), &ear{onNext: func(l *ear, v int64) {
		if v == 2 {
			l.Cancel()
		}
	}})
	l.Request(1000)
	e.settle()
	// What was on its way may still arrive, but not all there is.
	if got := l.number(); got == 1000 || got < 3 {
		e.errorf("%d of 1,000 requested were sent, cancelled at the third", got)
	}
}

func cancelForgets(e *env) {
	p := e.subject.Publisher(plenty)
	gone := subscribeAndCancel(e, p)
	e.settle()
	runtime.GC()
	runtime.GC()
	if gone.Value() != nil {
		e.errorf("the subscriber that cancelled is still referred to")
	}
	runtime.KeepAlive(p)
}

//go:noinline
func subscribeAndCancel(e *env, p reactive.Publisher[int64]) weak.Pointer[ear] {
	l := &ear{}
	p.Subscribe(l)
	e.settle()
	l.Request(1)
	e.settle()
	l.Cancel()
	return weak.Make(l)
}

func mostAtOnce(e *env) {
	l := e.subscribe(plenty)
	l.Request(math.MaxInt64)
	e.settle()
	if got := l.number(); got != plenty {
		e.errorf("Request(2⁶³−1) brought %d of %d", got, plenty)
	}
}

func mostAltogether(e *env) {
	l := e.requestingAtFirst(math.MaxInt64/2, 1) // with the first half they are 2⁶³−1
	if got := l.number(); got != plenty {
		e.errorf("requests of 2⁶³−1 altogether brought %d of %d", got, plenty)
	}
}

func moreThanMost(e *env) {
	l := e.requestingAtFirst(math.MaxInt64, math.MaxInt64)
	if len(l.errs) > 0 {
		e.errorf("requests of more than 2⁶³−1 altogether led to %v", l.errs)
	}
}

// requestingAtFirst requests the half of 2⁶³−1, and at the first element all of more.
func (e *env) requestingAtFirst(more ...int64) *ear {
	l := e.listen(e.subject.Publisher(plenty), &ear{onNext: func(l *ear, v int64) {
		for _, n := range more {
			if v == 0 {
				l.Request(n)
			}
		}
	}})
	l.Request(math.MaxInt64 / 2)
	e.settle()
	return l
}
