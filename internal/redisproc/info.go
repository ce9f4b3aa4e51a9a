package redisproc

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"github.com/redis/go-redis/v9"
)

// Stats is what servers count of themselves, at one instant. Two readings make a
// [Change].
type Stats struct {
	servers map[string]counts // by run id: another after each start
}

// counts are those of one server, since it started.
type counts struct {
	evicted, refused uint64
	limit, policy    string // of memory
}

// Stats reads the counters of the server, or of every master of a cluster. An
// embedded server keeps none.
func (s *Server) Stats(ctx context.Context) (Stats, error) {
	st := Stats{servers: map[string]counts{}}
	if s.Simulated() {
		return st, nil
	}
	var mu sync.Mutex
	err := s.eachMaster(ctx, func(ctx context.Context, node *redis.Client) error {
		text, err := node.Info(ctx).Result()
		if err != nil {
			return err
		}
		info := fields(text)
		mu.Lock()
		defer mu.Unlock()
		st.servers[info["run_id"]] = counts{
			evicted: number(info["evicted_keys"]), refused: number(info["rejected_connections"]),
			limit: info["maxmemory_human"], policy: info["maxmemory_policy"],
		}
		return nil
	})
	if err != nil {
		return Stats{}, fmt.Errorf("redis %s: INFO: %w", s.endpoint, err)
	}
	return st, nil
}

// Change is what happened to servers between two readings.
type Change struct {
	Evicted  uint64 // keys that were thrown out for want of memory
	Refused  uint64 // connections, because there were too many
	Replaced int    // servers that answer now and did not before: started anew, or a replica that took over

	limit, policy string // of a server that evicted
}

// Since returns what was added since an earlier reading.
func (st Stats) Since(earlier Stats) (c Change) {
	for id, now := range st.servers {
		then, known := earlier.servers[id]
		if !known && len(earlier.servers) > 0 {
			c.Replaced++
		}
		if now.evicted > then.evicted {
			c.Evicted += now.evicted - then.evicted
			c.limit, c.policy = now.limit, now.policy
		}
		if now.refused > then.refused {
			c.Refused += now.refused - then.refused
		}
	}
	return c
}

// Reasons says what of the change spoils a measurement of limiters, and whose
// fault that is: nothing here is a limiter's.
func (c Change) Reasons() (reasons []string) {
	if c.Evicted > 0 {
		reasons = append(reasons, fmt.Sprintf("redis evicted %d keys for want of memory (maxmemory %s, %s), and limiters forgot what those had taken: "+
			"the server's fault, give it more memory or take noeviction", c.Evicted, c.limit, c.policy))
	}
	if c.Replaced > 0 {
		reasons = append(reasons, fmt.Sprintf("redis was started anew or failed over during the run (%d of its servers answered only afterwards), "+
			"and what limiters had stored may be lost: the server's fault", c.Replaced))
	}
	if c.Refused > 0 {
		reasons = append(reasons, fmt.Sprintf("redis refused %d connections: the server's fault, raise its maxclients", c.Refused))
	}
	return reasons
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

// version names the software and its version from INFO server.
func version(info map[string]string) string {
	for _, software := range []string{"valkey", "redis"} { // Valkey also states the Redis version it imitates
		if v := info[software+"_version"]; v != "" {
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

func number(text string) uint64 {
	n, _ := strconv.ParseUint(text, 10, 64)
	return n
}
