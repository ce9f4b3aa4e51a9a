package flawed

import (
	"fmt"
	"slices"
	"time"
)

// forgetful loses state that is still needed.
func forgetful() map[string]Program {
	return map[string]Program{
		"LRU of 64 keys": lru(64), "LRU of 1000 keys": lru(1000),
		"idle for a minute": idle(time.Minute), "idle for an hour": idle(time.Hour), "idle for a day": idle(24 * time.Hour),
		"purged every minute": purged(time.Minute), "purged every hour": purged(time.Hour), "purged every day": purged(24 * time.Hour),
		"unlimited after 1000": unlimited(1000),
	}
}

// renamed has a key go by another name, and so begin anew, when its generation changes.
func renamed(begin func() (generation func(r *Request) int64)) Program {
	return Program{asks: func() func(*Request) {
		generation := begin()
		return func(r *Request) { r.Key = fmt.Sprintf("%s#%d", r.Key, generation(r)) }
	}}
}

// lru remembers so many keys, the latest.
func lru(most int) Program {
	return renamed(func() func(*Request) int64 {
		var kept []string
		generation := map[string]int64{}
		return func(r *Request) int64 {
			if i := slices.Index(kept, r.Key); i >= 0 {
				kept = slices.Delete(kept, i, i+1)
			} else {
				generation[r.Key]++
			}
			if kept = append(kept, r.Key); len(kept) > most {
				kept = slices.Delete(kept, 0, 1)
			}
			return generation[r.Key]
		}
	})
}

// idle forgets a key that was not asked for in so long.
func idle(most time.Duration) Program {
	return renamed(func() func(*Request) int64 {
		last, generation := map[string]time.Duration{}, map[string]int64{}
		return func(r *Request) int64 {
			if r.Now-last[r.Key] > most {
				generation[r.Key]++
			}
			last[r.Key] = max(last[r.Key], r.Now)
			return generation[r.Key]
		}
	})
}

// purged forgets everything at multiples of so much.
func purged(every time.Duration) Program {
	return renamed(func() func(*Request) int64 {
		return func(r *Request) int64 { return int64(r.Now / every) }
	})
}

// unlimited stops to count after so many requests.
func unlimited(most int64) Program {
	return renamed(func() func(*Request) int64 {
		asked := int64(0)
		return func(*Request) int64 {
			asked++
			return max(0, asked-most)
		}
	})
}
