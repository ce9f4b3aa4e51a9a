package redisproc

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// A private server's directory is its owner's for as long as the owner holds a
// lock on a file in it, which the kernel takes away from a process that ends,
// however it ends. Numbers of processes, which are used again, play no part.
const (
	prefix         = "fcbench-redis-"
	lockName       = "owner"
	abandonedAfter = time.Hour // the age from which a directory without a lock is removed
)

// newHome makes a directory that is this process's, and removes those of
// processes that are gone.
func newHome() (*home, error) {
	sweep(os.TempDir())
	dir, err := os.MkdirTemp("", prefix)
	if err != nil {
		return nil, err
	}
	lock, err := own(dir)
	if err != nil {
		_ = os.RemoveAll(dir)
		return nil, err
	}
	return &home{dir: dir, lock: lock}, nil
}

// home is the directory of a private server.
type home struct {
	dir  string
	lock *os.File // nil where the system has no such locks
}

func (h *home) remove() error {
	err := os.RemoveAll(h.dir)
	if h.lock != nil {
		_ = h.lock.Close() // and with it the lock
	}
	return err
}

// sweep removes directories of this user's whose owners are gone. What cannot be
// removed, or is not certain, stays.
func sweep(temporary string) {
	entries, err := os.ReadDir(temporary)
	if err != nil {
		return
	}
	for _, e := range entries {
		dir := filepath.Join(temporary, e.Name())
		if strings.HasPrefix(e.Name(), prefix) && e.IsDir() && mine(dir) {
			removeStale(dir)
		}
	}
}

// removeStale removes a directory whose lock nobody holds, or that is old and has
// none. Servers that are still up in there are told to end; their directory is left
// to the next sweep.
func removeStale(dir string) {
	lock, held := seize(dir)
	if held || lock == nil && !old(dir) {
		return
	}
	if lock != nil {
		defer lock.Close()
	}
	up := false
	for _, name := range []string{primary, successor} {
		up = answers(filepath.Join(dir, name+".sock"), lock != nil) || up
	}
	if up {
		return
	}
	_ = os.RemoveAll(dir)
}

func old(dir string) bool {
	info, err := os.Lstat(dir)
	return err == nil && time.Since(info.ModTime()) > abandonedAfter
}

// answers reports whether a server listens at the socket. If it is certain that
// it has no owner, it is asked to end.
func answers(socket string, orphan bool) bool {
	conn, err := net.DialTimeout("unix", socket, time.Second)
	if err != nil {
		return false
	}
	defer conn.Close()
	if orphan {
		_ = conn.SetDeadline(time.Now().Add(time.Second))
		_, _ = conn.Write([]byte("SHUTDOWN NOSAVE\r\n"))
	}
	return true
}
