package redisproc

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fcbench/fcbench/internal/dial"
	"github.com/fcbench/fcbench/internal/redistest"
)

// runSentinel runs a sentinel that watches a master and its replica.
func runSentinel(t *testing.T) (watcher, master, replica *redistest.Node) {
	t.Helper()
	master = redistest.Server(t, "--requirepass", "s3cret", "--masterauth", "s3cret")
	replica = redistest.Server(t, "--requirepass", "s3cret", "--masterauth", "s3cret", "--replicaof", "127.0.0.1 "+master.Port)
	conf := filepath.Join(t.TempDir(), "sentinel.conf")
	text := "sentinel monitor limits 127.0.0.1 " + master.Port + " 1\nsentinel auth-pass limits s3cret\n"
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return redistest.Server(t, conf, "--sentinel", "--requirepass", "s3cret-too"), master, replica
}

func TestSentinel(t *testing.T) {
	watcher, master, replica := runSentinel(t)
	t.Setenv("LIMITS_PASSWORD", "s3cret")
	t.Setenv("SENTINEL_PASSWORD", "s3cret-too")
	const login, sentinelLogin = ":${LIMITS_PASSWORD}@", "sentinel_password=${SENTINEL_PASSWORD}"
	nobody := "127.0.0.1:" + redistest.FreePort(t)
	s := start(t, "redis-sentinel://"+login+nobody+","+watcher.Addr+"/limits?db=2&"+sentinelLogin)
	if want := "redis-sentinel://:xxxxx@" + nobody + "," + watcher.Addr + "/limits?db=2&sentinel_password=xxxxx"; s.Info().Addr != want {
		t.Errorf("address is shown as %s; want %s", s.Info().Addr, want)
	}
	c := client(t, s, ClientOptions{Connections: 2})
	if err := c.Set(t.Context(), "k", "v", 0).Err(); err != nil {
		t.Fatal(err)
	}
	if keys := master.Tell(t, "info", "keyspace"); !strings.Contains(keys, "db2:keys=1") {
		t.Errorf("the master has %q; want a key in database 2", keys)
	}
	if n := calls(t, c)["set"]; n != 1 {
		t.Errorf("set was called %d times; want once", n)
	}

	refused(t, "redis-sentinel://"+login+watcher.Addr+"/limit?"+sentinelLogin, `master "limit" is unknown; want one of limits`)
	refused(t, "redis-sentinel://"+login+watcher.Addr+"/limits", "sentinel "+watcher.Addr, "NOAUTH")
	refused(t, "redis-sentinel://"+login+watcher.Addr+"/limits?sentinel_password=s3cret", "sentinel "+watcher.Addr, "WRONGPASS")
	refused(t, "redis-sentinel://:wrong@"+watcher.Addr+"/limits?"+sentinelLogin, "WRONGPASS")
	refused(t, "redis-sentinel://"+nobody+"/limits", "sentinel "+nobody, "connection refused")

	t.Run("fail over", func(t *testing.T) { failOver(t, s, watcher, replica) })
}

// failOver has the replica become master and waits for the client to follow.
func failOver(t *testing.T, s *Server, watcher, replica *redistest.Node) {
	c := client(t, s, ClientOptions{})
	redistest.Wait(t, "the replica", func() bool { return strings.Contains(watcher.Tell(t, "sentinel", "replicas", "limits"), replica.Port) })
	redistest.Wait(t, "the failover", func() bool { return watcher.Do(t.Context(), "sentinel", "failover", "limits").Err() == nil })
	redistest.Wait(t, "the client on the new master", func() bool {
		return c.Set(t.Context(), "after", "failover", 0).Err() == nil && strings.Contains(replica.Tell(t, "role"), "master")
	})
}

func TestSentinelMayNotLeadElsewhere(t *testing.T) {
	addr := pretend(t, func(command string) string {
		if strings.HasPrefix(command, "sentinel get-master-addr-by-name") {
			return bulk("192.0.2.1", "6379")
		}
		return "-ERR unknown command\r\n"
	})
	err := refused(t, "redis-sentinel://"+addr+"/limits", "192.0.2.1:6379", "--allow-host 192.0.2.1")
	var why *dial.RefusedError
	if !errors.As(err, &why) {
		t.Errorf("error is %v; want the address refused", err)
	}
}
