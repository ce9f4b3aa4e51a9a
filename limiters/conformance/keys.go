package conformance

import (
	"fmt"
	"strings"

	"github.com/fcbench/fcbench/limiters"
)

// checkKeys plays one schedule on odd keys in turn. Each must be answered like
// a key that is alone.
func checkKeys(s *subject) error {
	keys := []string{"a", "", strings.Repeat("k", 1<<20), "{}", "{a}", "{a}b", "a\nb", "a\r\n", "a\x00", "\x00", "\xff\xfe", "a:b", "a b", "*"}
	crowd := make([]*caller, len(keys))
	shared := s.fresh()
	for i, key := range keys {
		crowd[i] = &caller{limiter: shared, key: key}
	}
	alone := s.caller()
	for _, r := range s.schedule(1, 60) {
		want := alone.allow(r.now, r.n)
		if alone.err != nil {
			return alone.err
		}
		for _, c := range crowd {
			if got := c.allow(r.now, r.n); got != want {
				return c.violation("at %v a request of %d for key %s came back as %+v, and for a key that is alone as %+v",
					r.now, r.n, brief(c.key), got, want)
			}
		}
	}
	return checkManyKeys(s, shared)
}

// checkManyKeys grants each of many new keys its burst, in the midst of others.
func checkManyKeys(s *subject, l limiters.Limiter) error {
	for i := range 1000 {
		c := &caller{limiter: l, key: fmt.Sprint("many-", i)}
		if got := c.drain(s.refill, s.capacity); got != s.capacity {
			return c.violation("new key %d of many was granted %d tokens; want %d", i, got, s.capacity)
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
