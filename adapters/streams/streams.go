// Package streams has the observables of other libraries as publishers of
// pipelines/reactive, so that pipelines/reactive/tck can hold them to the rules that
// make sense without demand: both push what they have as soon as somebody subscribes.
package streams

import (
	"context"

	"github.com/reactivex/rxgo/v2"
	"github.com/samber/ro"

	"github.com/fcbench/fcbench/pipelines/reactive"
)

// pushing is a publisher that heeds no request.
type pushing func(to reactive.Subscriber[int64])

// Subscribe implements [reactive.Publisher].
func (p pushing) Subscribe(to reactive.Subscriber[int64]) { p(to) }

// canceller is a subscription that can be cancelled and nothing else.
type canceller func()

// Request implements [reactive.Subscription].
func (canceller) Request(int64) {}

// Cancel implements [reactive.Subscription].
func (c canceller) Cancel() { c() }

// Ro publishes what an observable of samber/ro does, on the goroutine that subscribes.
func Ro(o ro.Observable[int64]) reactive.Publisher[int64] {
	return pushing(func(to reactive.Subscriber[int64]) {
		s := ro.NewSubscriber(ro.NewObserver(to.OnNext, to.OnError, to.OnComplete))
		to.OnSubscribe(canceller(s.Unsubscribe))
		o.Subscribe(s)
	})
}

// Rx publishes what an observable of reactivex/rxgo does, whose elements are ints, from
// a goroutine. It does without ForEach, whose goroutine stays when it is cancelled.
func Rx(o rxgo.Observable) reactive.Publisher[int64] {
	return pushing(func(to reactive.Subscriber[int64]) {
		ctx, cancel := context.WithCancel(context.Background())
		to.OnSubscribe(canceller(cancel))
		go pull(ctx, o.Observe(rxgo.WithContext(ctx)), to)
	})
}

func pull(ctx context.Context, items <-chan rxgo.Item, to reactive.Subscriber[int64]) {
	for {
		select {
		case <-ctx.Done():
			return
		case item, more := <-items:
			switch {
			case !more:
				to.OnComplete()
				return
			case item.Error():
				to.OnError(item.E)
				return
			default:
				v, _ := item.V.(int)
				to.OnNext(int64(v))
			}
		}
	}
}
