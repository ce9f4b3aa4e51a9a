package redisproc

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/fcbench/fcbench/internal/nearest"
	"github.com/redis/go-redis/v9"
)

// findMaster makes sure that a sentinel answers and knows the master, since the
// client would only say that no sentinel is reachable, whatever the reason.
func (e endpoint) findMaster(ctx context.Context) error {
	var problems []error
	for _, addr := range e.addrs {
		err := e.ask(ctx, addr)
		if err == nil {
			return nil
		}
		problems = append(problems, fmt.Errorf("sentinel %s: %w", addr, err))
	}
	return errors.Join(problems...)
}

// ask asks the sentinel at addr for the master.
func (e endpoint) ask(ctx context.Context, addr string) error {
	o := e.options(ClientOptions{}).Simple()
	o.Addr, o.DB, o.Username, o.Password = addr, 0, e.sentinelUsername, e.sentinelPassword
	w := &wire{timeout: o.DialTimeout, delay: new(atomic.Int64)}
	o.Dialer = w.over(e.connect)
	client := redis.NewSentinelClient(o)
	defer client.Close()
	_, err := client.GetMasterAddrByName(ctx, e.master).Result()
	if err != nil && strings.Contains(err.Error(), "unknown command") {
		return fmt.Errorf("it is no sentinel; want %s", e.as(single, e.tls != nil))
	}
	if !errors.Is(err, redis.Nil) {
		return err
	}
	known, err := client.Masters(ctx).Result()
	if err != nil {
		return err
	}
	var names []string
	for _, master := range known {
		names = append(names, nameOf(master))
	}
	if len(names) == 0 {
		return fmt.Errorf("master %q is unknown; want one that it watches, it watches none", e.master)
	}
	return fmt.Errorf("master %q is unknown; want one of %s", e.master, strings.Join(nearest.First(e.master, names), ", "))
}

// nameOf finds the name in what SENTINEL MASTERS says of one master: a map, or
// names and values in turn.
func nameOf(master any) string {
	switch m := master.(type) {
	case map[any]any:
		return fmt.Sprint(m["name"])
	case []any:
		for i := 0; i+1 < len(m); i += 2 {
			if m[i] == "name" {
				return fmt.Sprint(m[i+1])
			}
		}
	}
	return "?"
}
