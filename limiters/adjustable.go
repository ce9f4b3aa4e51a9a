package limiters

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/fcbench/fcbench/internal/whole"
)

// adjustable is a limiter in this process whose limit can be changed.
type adjustable[S any] struct {
	local
	limits
	keys *guardedKeys[S]
	kind[S]
}

// kind is an algorithm under any limit.
type kind[S any] struct {
	under func(Limit) (algorithm[S], error) // that makes sense
	bound func(limit Limit, w time.Duration) int64
}

// begin makes l the limiter that info describes, whose limit must be there.
func (l *adjustable[S]) begin(info Info, k kind[S]) error {
	a, err := k.under(info.Limit)
	if err != nil {
		return err
	}
	l.keys, l.kind = newGuardedKeys(info.Limit.most(), a), k
	l.local = withStates(info, l.keys)
	l.limits.add(info.Limit)
	return nil
}

// onBuckets makes l an algorithm on buckets, of the limit that config describes.
func (l *adjustable[S]) onBuckets(config Config, info Info, on func(bucket) algorithm[S]) (err error) {
	if info.Limit, err = config.Limit(); err != nil {
		return err
	}
	return l.begin(info, kind[S]{
		under: func(limit Limit) (algorithm[S], error) {
			b, err := limit.Config().bucket()
			if err != nil {
				return nil, err
			}
			return on(b), nil
		},
		bound: Limit.flood,
	})
}

// onWindows makes l an algorithm on windows, of the length that config describes.
func (l *adjustable[S]) onWindows(config WindowConfig, info Info, on func(Limit) algorithm[S]) (err error) {
	if info.Limit, err = config.Limit(); err != nil {
		return err
	}
	return l.begin(info, kind[S]{
		under: func(limit Limit) (algorithm[S], error) {
			return on(limit), info.Limit.MayBecome(limit)
		},
		bound: func(limit Limit, w time.Duration) int64 { return on(limit).Bound(w) },
	})
}

// SetLimit implements [LimitSetter].
func (l *adjustable[S]) SetLimit(_ context.Context, now time.Duration, limit Limit) (time.Duration, error) {
	a, err := l.under(limit)
	if err != nil {
		return 0, err
	}
	now = max(0, now)
	l.limits.mu.Lock()
	defer l.limits.mu.Unlock()
	l.keys.change(now, limit.most(), a)
	l.limits.add(limit)
	return now, nil
}

// Info implements [Described].
func (l *adjustable[S]) Info() Info {
	info := l.info
	info.Limit, _ = l.limits.told()
	return info
}

// Bound implements [Described]: that of the largest limit there has been.
func (l *adjustable[S]) Bound(w time.Duration) int64 {
	_, most := l.limits.told()
	return l.bound(most, w)
}

// limits are those that a limiter has had: the latest, and one with the largest
// burst of all and the highest rate.
type limits struct {
	mu        sync.Mutex
	now, most Limit
}

// add puts a limit in force. The caller holds the lock, or is alone.
func (l *limits) add(limit Limit) {
	burst := max(l.most.Burst, limit.Burst)
	if l.now = limit; !l.most.asFastAs(limit) || l.most == (Limit{}) {
		l.most = limit
	}
	l.most.Burst = burst
}

func (l *limits) told() (now, most Limit) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.now, l.most
}

func (l Limit) asFastAs(m Limit) bool {
	return whole.Compare(l.Rate, int64(l.Period), m.Rate, int64(m.Period)) >= 0
}

// MayBecome is what is wrong with next as what follows l, the limit of a window.
func (l Limit) MayBecome(next Limit) error {
	_, err := WindowConfig{Rate: next.Config().Rate}.Limit()
	if next.Burst != 0 {
		err = errors.Join(err, fmt.Errorf("burst is %d; want 0, as a window has none", next.Burst))
	}
	if next.Period != l.Period {
		err = errors.Join(err, fmt.Errorf("period is %v; want %v, as a window that is in use keeps its length", next.Period, l.Period))
	}
	return err
}
