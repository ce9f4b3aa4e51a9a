package conformance

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"
)

const callersAtOnce = 8

// together runs work in every caller at once, and returns what went wrong.
func together(callers []*caller, work func(i int, c *caller)) *breach {
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
	for _, c := range callers {
		if c.err != nil {
			return c.broken()
		}
	}
	return nil
}

// crowd returns callers of one key.
func crowd(first *caller, key string, n int) []*caller {
	callers := make([]*caller, n)
	for i := range callers {
		callers[i] = first.beside(key)
	}
	return callers
}

// checkConcurrentBurst lets callers race for key after key, each new to the limiter.
func checkConcurrentBurst(s *subject) *breach {
	rounds := min(40, max(4, s.Decisions/20))
	if s.info.Unkeyed {
		return checkRaces(s, rounds, func(int) (*caller, string) { return s.caller(), "key" })
	}
	first := s.caller()
	return checkRaces(s, rounds, func(round int) (*caller, string) { return first, fmt.Sprint("round-", round) })
}

func checkRaces(s *subject, rounds int, next func(round int) (*caller, string)) *breach {
	unit := 1 + s.capacity/500
	if s.info.Unweighted {
		unit = 1
	}
	for round := range rounds {
		first, key := next(round)
		callers, granted := crowd(first, key, callersAtOnce), [callersAtOnce]int64{}
		b := together(callers, func(i int, c *caller) {
			for range s.capacity/unit/2 + 3 {
				if c.allow(s.granule, unit).Allowed {
					granted[i] += unit
				}
			}
		})
		if b != nil {
			return b
		}
		sum := int64(0)
		for _, n := range granted {
			sum += n
		}
		if want := s.capacity / unit * unit; sum != want && !s.info.Shaper {
			return excessive(s, callers).miscounted(sum, want, "%d callers at once were granted %d tokens in requests of %d; want %d", callersAtOnce, sum, unit, want)
		}
	}
	return nil
}

// merged has the histories of all, one after the other.
func merged(callers []*caller) *caller {
	all := &caller{}
	for _, c := range callers {
		all.steps = append(all.steps, c.steps...)
	}
	return all
}

// excessive has of all histories only the earliest grants that are too many
// together. (If there are none it has everything.)
func excessive(s *subject, callers []*caller) *caller {
	all := merged(callers)
	granted := slices.DeleteFunc(slices.Clone(all.steps), func(s Step) bool { return !s.Allowed })
	slices.SortStableFunc(granted, func(a, b Step) int { return cmp.Compare(a.At, b.At) })
	tooMany := func(steps []Step) bool {
		log := grants{}
		for _, step := range steps {
			log = append(log, grant{step.At, step.N})
		}
		return log.within(s.bounded) != nil
	}
	for end := range granted {
		if !tooMany(granted[:end+1]) {
			continue
		}
		start := 0
		for tooMany(granted[start+1 : end+1]) {
			start++
		}
		all.steps = granted[start : end+1]
		break
	}
	return all
}

// checkConcurrentBound gives each caller a clock of its own, ahead or behind.
func checkConcurrentBound(s *subject) *breach {
	for seed := range uint64(4) {
		callers := crowd(s.caller(), "key", callersAtOnce)
		logs := make([]grants, len(callers))
		b := together(callers, func(i int, c *caller) {
			for _, r := range s.schedule(rand.New(rand.NewPCG(s.seed+seed, uint64(i))), 100) {
				if d := c.request(r); d.At >= 0 {
					logs[i].add(d, r.n)
				}
			}
		})
		if b != nil {
			return b
		}
		all := grants{}
		for _, log := range logs {
			all = append(all, log...)
		}
		if err := all.within(s.bounded); err != nil {
			return excessive(s, callers).breach("%v", err)
		}
	}
	return nil
}

// checkAllocation warms up until whatever grows with use has grown, then counts.
func checkAllocation(s *subject) *breach {
	c, now := s.caller(), time.Duration(0)
	c.silent = true
	decide := func() {
		now += s.granule
		c.allow(now, 1)
	}
	for range min(s.capacity, 4096) + 1 {
		decide()
	}
	if allocations := testing.AllocsPerRun(1000, decide); allocations > 0 {
		return c.breach("a decision on a known key made %v allocations", allocations)
	}
	return c.broken()
}
