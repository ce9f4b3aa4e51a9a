package conformance

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// checkKeys plays one schedule on odd keys in turn. Each must be answered like
// a key that is alone.
func checkKeys(s *subject) *breach {
	keys := []string{"a", "", strings.Repeat("k", 1<<20), "{}", "{a}", "{a}b", "a\nb", "a\r\n", "a\x00", "\x00", "\xff\xfe", "a:b", "a b", "*"}
	alone, first := s.caller(), s.caller()
	crowd := make([]*caller, len(keys))
	for i, key := range keys {
		crowd[i] = first.beside(key)
	}
	for _, r := range s.schedule(rand.New(rand.NewPCG(s.seed, 1)), 60) {
		want := alone.request(r)
		if alone.err != nil {
			return alone.broken()
		}
		for _, c := range crowd {
			if got := c.allow(r.now, r.n); got != want {
				return c.breach("at %v a request of %d for key %s came back as %q, and for a key that is alone as %q",
					r.now, r.n, brief(c.key), words(got), words(want))
			}
		}
	}
	if s.info.Shaper {
		return nil
	}
	return checkManyKeys(s, first)
}

// checkManyKeys grants each of many new keys its burst, in the midst of others.
func checkManyKeys(s *subject, first *caller) *breach {
	for i := range min(1000, s.Decisions/10) {
		c := first.beside(fmt.Sprint("many-", i))
		if got := c.drain(s.refill, s.capacity, s.most()); got != s.capacity {
			return c.breach("new key %d of many was granted %d tokens; want %d", i, got, s.capacity)
		}
	}
	return nil
}

func brief(key string) string {
	if len(key) > 40 {
		return fmt.Sprintf("%q… (%d bytes)", key[:8], len(key))
	}
	return fmt.Sprintf("%q", key)
}
