package redisproc

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

const (
	weighed = 32        // keys are weighed to know what one takes
	turns   = 20        // to take memory, while others may make new keys
	slack   = 256 << 10 // bytes left free, for the buffers of clients
)

// Evict takes memory from the server until it has thrown away half of its keys,
// those least recently used, and leaves it next to no room for others, so that
// they take the place of more; off ends it. Where there are no more than a few
// thousand keys, half are lost and there is room again for all.
func (s *Server) Evict(ctx context.Context, on bool) error {
	if !on {
		return s.tell(ctx, "give memory", "config", "set", "maxmemory", "0", "maxmemory-policy", "noeviction")
	}
	if err := s.tell(ctx, "starve of memory", "config", "set", "maxmemory", "0", "maxmemory-policy", "allkeys-lru"); err != nil {
		return err
	}
	keys, err := s.control.DBSize(ctx).Result()
	left, goal := keys, keys/2
	for turn := 0; turn < turns && err == nil && left > goal+goal/10+1; turn++ {
		left, err = s.squeeze(ctx, left-goal)
	}
	if err == nil {
		err = s.bound(ctx, slack)
	}
	if err != nil {
		return fmt.Errorf("redis %s: its memory cannot be taken: %w", s.endpoint, err)
	}
	return nil
}

// squeeze takes away the memory of so many keys, by what some of them weigh, and
// says how many are left after a moment. That takes turns: more goes with a key
// than its weight, and buffers of clients come and go.
func (s *Server) squeeze(ctx context.Context, keys int64) (left int64, err error) {
	weight, err := s.weigh(ctx, min(weighed, keys))
	if err != nil {
		return 0, err
	}
	if err := s.bound(ctx, -weight*keys); err != nil {
		return 0, err
	}
	moment := time.NewTimer(readyPoll)
	defer moment.Stop()
	select {
	case <-ctx.Done():
		return 0, context.Cause(ctx)
	case <-moment.C:
	}
	return s.control.DBSize(ctx).Result()
}

// bound limits the memory to what is used now and so many bytes more.
func (s *Server) bound(ctx context.Context, more int64) error {
	text, err := s.control.Info(ctx, "memory").Result()
	if err != nil {
		return err
	}
	used := int64(number(fields(text)["used_memory"]))
	return s.tell(ctx, "starve of memory", "config", "set", "maxmemory", max(1, used+more))
}

// weigh is the mean weight of n keys, in bytes.
func (s *Server) weigh(ctx context.Context, n int64) (mean int64, err error) {
	for range n {
		key, err := s.control.RandomKey(ctx).Result()
		if err != nil && !errors.Is(err, redis.Nil) {
			return 0, err
		}
		one, err := s.control.MemoryUsage(ctx, key).Result()
		if err != nil && !errors.Is(err, redis.Nil) { // it may have expired
			return 0, err
		}
		mean += one
	}
	return mean / max(1, n), nil
}
