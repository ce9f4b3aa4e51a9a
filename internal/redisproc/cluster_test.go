//go:build unix

package redisproc

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/dial"
	"github.com/redis/go-redis/v9"
)

// Keys of the three nodes' slots, and the slot of the first.
const (
	keyOfFirst, keyOfSecond, keyOfThird = "b", "c", "a"
	slotOfFirst                         = 3300
)

// runCluster makes a cluster of three masters.
func runCluster(t *testing.T, args ...string) []*node {
	t.Helper()
	nodes := make([]*node, 3)
	buses := make([]string, 3)
	for i := range nodes {
		buses[i] = freePort(t)
		nodes[i] = runServer(t, append(args, "--cluster-enabled", "yes", "--cluster-port", buses[i])...)
	}
	for i, n := range nodes {
		n.do(t, "cluster", "addslotsrange", i*16384/3, (i+1)*16384/3-1)
		nodes[0].do(t, "cluster", "meet", "127.0.0.1", n.port, buses[i])
	}
	wait(t, "the cluster", func() bool {
		for _, n := range nodes {
			info := n.do(t, "cluster", "info")
			if !strings.Contains(info, "cluster_state:ok") || !strings.Contains(info, "cluster_known_nodes:3") {
				return false
			}
		}
		return true
	})
	return nodes
}

func clusterURL(nodes []*node) string {
	var addrs []string
	for _, n := range nodes[:2] { // the third is found
		addrs = append(addrs, n.addr)
	}
	return "redis-cluster://" + strings.Join(addrs, ",")
}

// TestCluster uses one cluster for everything, since it takes a while to agree.
func TestCluster(t *testing.T) {
	nodes := runCluster(t)
	s := start(t, clusterURL(nodes))
	if s.Info().Mode != External || !strings.HasPrefix(s.Info().Version, "redis ") && !strings.HasPrefix(s.Info().Version, "valkey ") {
		t.Errorf("server is %s; want an external one with a version", s)
	}
	t.Run("reaches every node", func(t *testing.T) { reachesEveryNode(t, s, nodes) })
	t.Run("nothing twice", func(t *testing.T) { nothingTwice(t, s, nodes[0]) })
	t.Run("follows redirections", func(t *testing.T) { followsRedirections(t, s, nodes) })
}

func reachesEveryNode(t *testing.T, s *Server, nodes []*node) {
	c := client(t, s, ClientOptions{Connections: 2})
	for _, key := range []string{keyOfFirst, keyOfSecond, keyOfThird} {
		if n, err := c.Incr(t.Context(), key).Result(); n != 1 || err != nil {
			t.Errorf("INCR %s is %d, %v; want 1", key, n, err)
		}
	}
	for i, n := range nodes {
		if size := n.do(t, "dbsize"); size != "1" {
			t.Errorf("node %d has %s keys; want one of the three", i, size)
		}
		if commands := n.do(t, "info", "commandstats"); strings.Contains(commands, "cmdstat_command") {
			t.Errorf("node %d was asked for its commands", i)
		}
	}
	stats, err := s.CommandStats(t.Context())
	if err != nil || stats["incr"].Calls != 3 {
		t.Errorf("incr was called %d times, %v; want 3 in all", stats["incr"].Calls, err)
	}
}

// nothingTwice lets a node take a command and answer too late: within the time
// of a second attempt, if there was one.
func nothingTwice(t *testing.T, s *Server, n *node) {
	const patience = 200 * time.Millisecond
	alone := func(ctx context.Context, c redis.Cmdable, key string) error { return c.Incr(ctx, key).Err() }
	together := func(ctx context.Context, c redis.Cmdable, key string) error {
		_, err := c.Pipelined(ctx, func(p redis.Pipeliner) error { return p.Incr(ctx, key).Err() })
		return err
	}
	for name, incr := range map[string]func(context.Context, redis.Cmdable, string) error{"alone": alone, "together": together} {
		c := client(t, s, ClientOptions{Timeout: patience})
		key := "{" + keyOfFirst + "}" + name
		if err := c.Set(t.Context(), key, 0, 0).Err(); err != nil { // on a connection that is then there
			t.Fatal(err)
		}
		n.signal(t, syscall.SIGSTOP)
		resumed := make(chan struct{})
		time.AfterFunc(patience*3/2, func() { n.signal(t, syscall.SIGCONT); close(resumed) })
		if err := incr(t.Context(), c, key); err == nil {
			t.Errorf("INCR %s: a node that is stopped answers", name)
		}
		<-resumed
		wait(t, name, func() bool { return n.do(t, "get", key) != "0" })
		if got := n.do(t, "get", key); got != "1" {
			t.Errorf("INCR %s happened %s times; want once", name, got)
		}
	}
}

func followsRedirections(t *testing.T, s *Server, nodes []*node) {
	c := client(t, s, ClientOptions{})
	key := keyOfFirst
	if err := c.Del(t.Context(), key, "{"+key+"}alone", "{"+key+"}together").Err(); err != nil { // and learns who has it
		t.Fatal(err)
	}
	first, second := nodes[0].do(t, "cluster", "myid"), nodes[1].do(t, "cluster", "myid")
	nodes[1].do(t, "cluster", "setslot", slotOfFirst, "importing", first)
	nodes[0].do(t, "cluster", "setslot", slotOfFirst, "migrating", second)
	if n, err := c.Incr(t.Context(), key).Result(); n != 1 || err != nil {
		t.Errorf("while the slot moves INCR is %d, %v; want 1, by ASK", n, err)
	}
	for _, n := range nodes {
		n.do(t, "cluster", "setslot", slotOfFirst, "node", second)
	}
	if n, err := c.Incr(t.Context(), key).Result(); n != 2 || err != nil {
		t.Errorf("after the slot moved INCR is %d, %v; want 2, by MOVED", n, err)
	}
	if n := nodes[1].do(t, "get", key); n != "2" {
		t.Errorf("the node that has the slot now counted %s; want 2", n)
	}
}

func TestClusterMayNotLeadElsewhere(t *testing.T) {
	far := "*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n$9\r\n192.0.2.1\r\n:6379\r\n"
	addr := pretend(t, func(command string) string {
		if command == "cluster slots" {
			return far
		}
		return "-ERR unknown command\r\n"
	})
	err := refused(t, "redis-cluster://"+addr, "192.0.2.1:6379", "--allow-host 192.0.2.1")
	var why *dial.RefusedError
	if !errors.As(err, &why) {
		t.Errorf("error is %v; want the address refused", err)
	}
}

func TestClusterWithAWrongPassword(t *testing.T) {
	n := runServer(t, "--cluster-enabled", "yes", "--cluster-port", freePort(t), "--requirepass", "right")
	refused(t, "redis-cluster://ann:s3cret@"+n.addr, "WRONGPASS", "ann:xxxxx@")
	refused(t, "redis-cluster://:s3cret@"+n.addr, "WRONGPASS")
}

func TestClusterThatIsNone(t *testing.T) {
	n := runServer(t)
	refused(t, "redis-cluster://"+n.addr, "cluster support disabled")
}

// TestUnrepeatedCommandIsTheCommand holds the wrapper to what go-redis reads from a command.
func TestUnrepeatedCommandIsTheCommand(t *testing.T) {
	var sent []redis.Cmder
	hook := once{}.ProcessPipelineHook(func(_ context.Context, cmds []redis.Cmder) error {
		sent = cmds
		for _, cmd := range cmds {
			cmd.SetErr(errors.New("broken"))
		}
		return nil
	})
	cmd := redis.NewIntCmd(t.Context(), "incr", "k")
	if err := hook(t.Context(), []redis.Cmder{cmd}); err != nil {
		t.Fatal(err)
	}
	if !sent[0].NoRetry() || cmd.NoRetry() || fmt.Sprint(sent[0].Args()) != "[incr k]" || cmd.Err() == nil {
		t.Errorf("sent is %v; want the command, not to be retried, and its error in the original", sent[0])
	}
}
