package redisproc

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// CommandStat is what the server says it has spent on one command.
type CommandStat struct {
	Calls int64
	Time  time.Duration // inside the server, in all; microseconds are its finest
}

// Sub returns what was added since an earlier reading.
func (s CommandStat) Sub(earlier CommandStat) CommandStat {
	return CommandStat{Calls: s.Calls - earlier.Calls, Time: s.Time - earlier.Time}
}

// MicrosPerCall returns the mean server time of a call in microseconds, 0 without calls.
func (s CommandStat) MicrosPerCall() float64 {
	if s.Calls == 0 {
		return 0
	}
	return float64(s.Time) / float64(time.Microsecond) / float64(s.Calls)
}

// CommandStats returns the server's counters by lower-case command name, since
// it started or its statistics were reset. A script's time is under evalsha and
// includes the commands it calls, which are listed again under their own names.
// Of a cluster they are the sums over its masters. An embedded server keeps no
// such counters: the map is empty.
func (s *Server) CommandStats(ctx context.Context) (map[string]CommandStat, error) {
	sum := map[string]CommandStat{}
	if s.Simulated() {
		return sum, nil
	}
	var mu sync.Mutex
	err := s.eachMaster(ctx, func(ctx context.Context, node *redis.Client) error {
		text, err := node.Info(ctx, "commandstats").Result()
		if err != nil {
			return err
		}
		stats, err := commandStats(text)
		mu.Lock()
		defer mu.Unlock()
		for name, stat := range stats {
			sum[name] = CommandStat{Calls: sum[name].Calls + stat.Calls, Time: sum[name].Time + stat.Time}
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("redis %s: INFO commandstats: %w", s.endpoint, err)
	}
	return sum, nil
}

// eachMaster calls f for every master of a cluster, from several goroutines, or
// for the one server that there is.
func (s *Server) eachMaster(ctx context.Context, f func(context.Context, *redis.Client) error) error {
	switch control := s.control.(type) {
	case *redis.ClusterClient:
		return control.ForEachMaster(ctx, f)
	case *redis.Client:
		return f(ctx, control)
	}
	return fmt.Errorf("client is a %T; want one of a server or a cluster", s.control)
}

func commandStats(text string) (map[string]CommandStat, error) {
	stats := map[string]CommandStat{}
	for key, value := range fields(text) {
		name, ok := strings.CutPrefix(key, "cmdstat_")
		if !ok {
			continue
		}
		stat, err := parseStat(value)
		if err != nil {
			return nil, fmt.Errorf("INFO field %s is %q; want calls=…,usec=…", key, value)
		}
		stats[name] = stat
	}
	return stats, nil
}

func parseStat(value string) (CommandStat, error) {
	var calls, micros int64
	if _, err := fmt.Sscanf(value, "calls=%d,usec=%d", &calls, &micros); err != nil {
		return CommandStat{}, err
	}
	if calls < 0 || micros < 0 || micros > int64(math.MaxInt64/time.Microsecond) {
		return CommandStat{}, strconv.ErrRange
	}
	return CommandStat{Calls: calls, Time: time.Duration(micros) * time.Microsecond}, nil
}

// version names the software and its version from INFO server.
func version(text string) string {
	f := fields(text)
	for _, software := range []string{"valkey", "redis"} { // Valkey also states the Redis version it imitates
		if v := f[software+"_version"]; v != "" {
			return software + " " + v
		}
	}
	return "unknown"
}

// fields splits a reply of INFO, whose lines are "# Section" or "name:value".
func fields(text string) map[string]string {
	f := map[string]string{}
	for line := range strings.Lines(text) {
		if name, value, ok := strings.Cut(strings.TrimRight(line, "\r\n"), ":"); ok {
			f[name] = value
		}
	}
	return f
}
