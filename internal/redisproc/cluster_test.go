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
	"github.com/fcbench/fcbench/internal/redistest"
	"github.com/redis/go-redis/v9"
)

// Keys of the three nodes' slots, and the slot of the first.
const (
	keyOfFirst, keyOfSecond, keyOfThird = "b", "c", "a"
	slotOfFirst                         = 3300
)

// TestCluster uses one cluster for everything, since it takes a while to agree.
func TestCluster(t *testing.T) {
	nodes := redistest.Cluster(t)
	s := start(t, redistest.ClusterURL(nodes))
	if s.Info().Mode != External || !strings.HasPrefix(s.Info().Version, "redis ") && !strings.HasPrefix(s.Info().Version, "valkey ") {
		t.Errorf("server is %s; want an external one with a version", s)
	}
	t.Run("reaches every node", func(t *testing.T) { reachesEveryNode(t, s, nodes) })
	t.Run("nothing twice", func(t *testing.T) { nothingTwice(t, s, nodes[0]) })
	t.Run("follows redirections", func(t *testing.T) { followsRedirections(t, s, nodes) })
}

func reachesEveryNode(t *testing.T, s *Server, nodes []*redistest.Node) {
	c := client(t, s, ClientOptions{Connections: 2})
	for _, key := range []string{keyOfFirst, keyOfSecond, keyOfThird} {
		if n, err := c.Incr(t.Context(), key).Result(); n != 1 || err != nil {
			t.Errorf("INCR %s is %d, %v; want 1", key, n, err)
		}
	}
	for i, n := range nodes {
		if size := n.Tell(t, "dbsize"); size != "1" {
			t.Errorf("node %d has %s keys; want one of the three", i, size)
		}
		if commands := n.Tell(t, "info", "commandstats"); strings.Contains(commands, "cmdstat_command") {
			t.Errorf("node %d was asked for its commands", i)
		}
	}
	if stats, err := s.Stats(t.Context()); len(stats.servers) != 3 || err != nil {
		t.Errorf("stats are %v, %v; want those of three servers", stats, err)
	}
}

// nothingTwice lets a node take a command and answer too late: within the time
// of a second attempt, if there was one.
func nothingTwice(t *testing.T, s *Server, n *redistest.Node) {
	const patience = 200 * time.Millisecond
	alone := func(ctx context.Context, c redis.Cmdable, key string) error { return c.Incr(ctx, key).Err() }
	together := func(ctx context.Context, c redis.Cmdable, key string) error {
		_, err := c.Pipelined(ctx, func(p redis.Pipeliner) error { return p.Incr(ctx, key).Err() })
		return err
	}
	for name, incr := range map[string]func(context.Context, redis.Cmdable, string) error{"alone": alone, "together": together} {
		c := client(t, s, ClientOptions{Timeout: patience})
		key := "{" + keyOfFirst + "}" + name
		for tries := 1; ; tries++ {
			set := func() bool { return c.Set(t.Context(), key, 0, 0).Err() == nil }
			redistest.Wait(t, "a connection", set) // which may take more than its patience on a busy machine
			n.Signal(t, syscall.SIGSTOP)
			resumed := make(chan struct{})
			time.AfterFunc(patience*3/2, func() { n.Signal(t, syscall.SIGCONT); close(resumed) })
			err := incr(t.Context(), c, key)
			<-resumed
			if err != nil {
				break
			}
			if tries == 10 { // before that the machine may have been so busy that it was asked too late
				t.Fatalf("INCR %s: a node that is stopped answers", name)
			}
		}
		redistest.Wait(t, name, func() bool { return n.Tell(t, "get", key) != "0" })
		if got := n.Tell(t, "get", key); got != "1" {
			t.Errorf("INCR %s happened %s times; want once", name, got)
		}
	}
}

func followsRedirections(t *testing.T, s *Server, nodes []*redistest.Node) {
	c := client(t, s, ClientOptions{})
	key := keyOfFirst
	if err := c.Del(t.Context(), key, "{"+key+"}alone", "{"+key+"}together").Err(); err != nil { // and learns who has it
		t.Fatal(err)
	}
	first, second := nodes[0].Tell(t, "cluster", "myid"), nodes[1].Tell(t, "cluster", "myid")
	nodes[1].Tell(t, "cluster", "setslot", slotOfFirst, "importing", first)
	nodes[0].Tell(t, "cluster", "setslot", slotOfFirst, "migrating", second)
	if n, err := c.Incr(t.Context(), key).Result(); n != 1 || err != nil {
		t.Errorf("while the slot moves INCR is %d, %v; want 1, by ASK", n, err)
	}
	for _, n := range nodes {
		n.Tell(t, "cluster", "setslot", slotOfFirst, "node", second)
	}
	if n, err := c.Incr(t.Context(), key).Result(); n != 2 || err != nil {
		t.Errorf("after the slot moved INCR is %d, %v; want 2, by MOVED", n, err)
	}
	if n := nodes[1].Tell(t, "get", key); n != "2" {
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
	n := redistest.Server(t, "--cluster-enabled", "yes", "--cluster-port", redistest.FreePort(t), "--requirepass", "right")
	refused(t, "redis-cluster://ann:s3cret@"+n.Addr, "WRONGPASS", "ann:xxxxx@")
	refused(t, "redis-cluster://:s3cret@"+n.Addr, "WRONGPASS")
}

func TestClusterThatIsNone(t *testing.T) {
	n := redistest.Server(t)
	refused(t, "redis-cluster://"+n.Addr, "cluster support disabled")
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
