package conformance

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/fcbench/fcbench/limiters"
)

const callersAtOnce = 8

// together runs work in every caller at once, and returns what went wrong.
func together(callers []*caller, work func(i int, c *caller)) error {
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i, c := range callers {
		wg.Go(func() {
			<-start
			work(i, c)
		})
	}
	close(start)
	wg.Wait()
	var errs error
	for _, c := range callers {
		errs = errors.Join(errs, c.err)
	}
	return errs
}

// crowd returns callers of one key.
func crowd(l limiters.Limiter, key string) []*caller {
	callers := make([]*caller, callersAtOnce)
	for i := range callers {
		callers[i] = &caller{limiter: l, key: key}
	}
	return callers
}

// checkConcurrentBurst lets callers race for key after key, each new to the limiter.
func checkConcurrentBurst(s *subject) error {
	l, unit := s.fresh(), 1+s.capacity/500
	for round := range 40 {
		var granted [callersAtOnce]int64
		key := fmt.Sprint("round-", round)
		err := together(crowd(l, key), func(i int, c *caller) {
			for range s.capacity/unit/2 + 3 {
				if c.allow(s.granule, unit).Allowed {
					granted[i] += unit
				}
			}
		})
		if err != nil {
			return err
		}
		sum := int64(0)
		for _, n := range granted {
			sum += n
		}
		if want := s.capacity / unit * unit; sum != want {
			return fmt.Errorf("%d callers at once were granted %d tokens in requests of %d; want %d", callersAtOnce, sum, unit, want)
		}
	}
	return nil
}

// checkConcurrentBound gives each caller a clock of its own, ahead or behind.
func checkConcurrentBound(s *subject) error {
	for seed := range uint64(4) {
		callers := crowd(s.fresh(), "key")
		logs := make([]history, len(callers))
		err := together(callers, func(i int, c *caller) {
			for _, r := range s.schedule(seed*callersAtOnce+uint64(i), 100) {
				if d := c.allow(r.now, r.n); d.Allowed {
					logs[i] = append(logs[i], grant{d.At, r.n})
				}
			}
		})
		if err != nil {
			return err
		}
		all := history{}
		for _, log := range logs {
			all = append(all, log...)
		}
		if err := all.within(callers[0].limiter); err != nil {
			return err
		}
	}
	return nil
}

// checkAllocation warms up until whatever grows with use has grown, then counts.
func checkAllocation(s *subject) error {
	c, now := s.caller(), time.Duration(0)
	decide := func() {
		now += s.granule
		c.allow(now, 1)
	}
	for range min(s.capacity, 4096) + 1 {
		decide()
	}
	if allocations := testing.AllocsPerRun(1000, decide); allocations > 0 {
		return c.violation("a decision on a known key made %v allocations", allocations)
	}
	return c.err
}
