package limiters_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fcbench/fcbench/limiters"
)

// bowl stands for the limiter of another library: it has a lock of its own and
// knows nothing of marks.
type bowl struct {
	mu   sync.Mutex
	left int
	at   time.Duration
}

const bowlful = 3 // back two seconds after the latest was taken

func (b *bowl) take(now time.Duration) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if now-b.at >= 2*time.Second {
		b.left = bowlful
	}
	if b.left == 0 {
		return false
	}
	b.left--
	b.at = now
	return true
}

func (b *bowl) full(now time.Duration) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.left == bowlful || now-b.at >= 2*time.Second
}

// marked is such a state with a mark beside it.
type marked struct {
	bowl
	mark atomic.Bool
}

func bowls() *limiters.Keyed[marked] {
	return limiters.NewKeyed(
		func(s *marked, since time.Duration) { s.left, s.at = bowlful, since },
		func(s *marked, now time.Duration) bool {
			s.mark.Store(true)
			if !s.full(now) {
				s.mark.Store(false)
				return false
			}
			return true
		})
}

func take(keys *limiters.Keyed[marked], now time.Duration, key string) bool {
	s := keys.Get(key, now, true)
	for s.take(now) {
		if !s.mark.Load() {
			return true
		}
		s = keys.Again(key, now, true)
	}
	return false
}

// TestConcurrentMark races takers of one key against its being dropped: what was
// taken from a bowl that is gone must not be there once more.
func TestConcurrentMark(t *testing.T) {
	keys := bowls()
	for round := range 2000 {
		now := time.Duration(3*round) * time.Second
		var sum atomic.Int64
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for range bowlful {
					if take(keys, now, "key") {
						sum.Add(1)
					}
				}
			})
		}
		keys.Reclaim(now)
		wg.Wait()
		if sum.Load() > bowlful {
			t.Fatalf("%d were taken in round %d; want at most %d", sum.Load(), round, bowlful)
		}
	}
	if keys.Reclaim(time.Hour*24) != 1 || keys.Keys() != 0 {
		t.Error("a bowl that is full again is kept")
	}
}
