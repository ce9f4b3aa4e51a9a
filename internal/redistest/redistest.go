// Package redistest runs real Redis servers for tests: alone, with a sentinel, or
// three as a cluster. Each has a port of loopback and a directory of its own, and
// ends with the test.
package redistest

import (
	"fmt"
	"net"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/child"
	"github.com/redis/go-redis/v9"
)

// Missing is what a test says that cannot do without a server.
const Missing = "redis-server is not on PATH; install it with `apt-get install redis-server` or `make deps`"

// Node is a redis-server, and a client of it that belongs to the test.
type Node struct {
	*redis.Client
	Addr, Port string
	process    *child.Child
}

// Server runs a redis-server with arguments of its own, and returns when it
// accepts connections.
func Server(t testing.TB, args ...string) *Node {
	t.Helper()
	path, err := exec.LookPath("redis-server")
	if err != nil {
		if path, err = exec.LookPath("valkey-server"); err != nil {
			t.Fatal(Missing)
		}
	}
	port, dir := FreePort(t), t.TempDir()
	args = append(args, "--port", port, "--bind", "127.0.0.1", "--dir", dir, "--save", "", "--appendonly", "no",
		"--logfile", filepath.Join(dir, "log"))
	n := &Node{Addr: "127.0.0.1:" + port, Port: port}
	if n.process, err = child.Start(exec.Command(path, args...)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { n.process.Kill(); <-n.process.Ended() })
	o := &redis.Options{Addr: n.Addr, DisableIdentity: true, DialerRetries: 1}
	if i := slices.Index(args, "--requirepass"); i >= 0 {
		o.Password = args[i+1]
	}
	n.Client = redis.NewClient(o)
	t.Cleanup(func() { n.Client.Close() })
	Wait(t, "the server at "+n.Addr, func() bool {
		conn, err := net.Dial("tcp", n.Addr)
		if err == nil {
			conn.Close()
		}
		return err == nil
	})
	return n
}

// slots is how many a cluster has.
const slots = 16384

// Cluster makes a cluster of three masters, each with a third of the slots, and
// returns when all of them agree. That takes Redis two seconds.
func Cluster(t testing.TB, args ...string) []*Node {
	t.Helper()
	nodes, buses := make([]*Node, 3), make([]string, 3)
	for i := range nodes {
		buses[i] = FreePort(t)
		nodes[i] = Server(t, append(slices.Clone(args), "--cluster-enabled", "yes", "--cluster-port", buses[i])...)
	}
	for i, n := range nodes {
		n.Tell(t, "cluster", "addslotsrange", i*slots/3, (i+1)*slots/3-1)
		nodes[0].Tell(t, "cluster", "meet", "127.0.0.1", n.Port, buses[i])
	}
	Wait(t, "the cluster", func() bool {
		return !slices.ContainsFunc(nodes, func(n *Node) bool {
			info := n.Tell(t, "cluster", "info")
			return !strings.Contains(info, "cluster_state:ok") || !strings.Contains(info, "cluster_known_nodes:3")
		})
	})
	return nodes
}

// ClusterURL is that of a cluster, by its first two nodes: the others are found.
func ClusterURL(nodes []*Node) string {
	return "redis-cluster://" + nodes[0].Addr + "," + nodes[1].Addr
}

// Tell sends a command and returns the reply.
func (n *Node) Tell(t testing.TB, args ...any) string {
	t.Helper()
	reply, err := n.Do(t.Context(), args...).Result()
	if err != nil {
		t.Fatalf("%v at %s: %v", args, n.Addr, err)
	}
	return fmt.Sprint(reply)
}

// Signal sends the process a signal; it may be called from any goroutine.
func (n *Node) Signal(t testing.TB, s syscall.Signal) {
	t.Helper()
	if err := n.process.Signal(s); err != nil {
		t.Error(err)
	}
}

// Wait looks until what is asked for is there.
func Wait(t testing.TB, what string, there func() bool) {
	t.Helper()
	look := time.NewTicker(2 * time.Millisecond)
	defer look.Stop()
	for deadline := time.Now().Add(30 * time.Second); !there(); <-look.C {
		if time.Now().After(deadline) {
			t.Fatalf("%s is not there after 30 s", what)
		}
	}
}
