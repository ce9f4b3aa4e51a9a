//go:build unix

package redisproc

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// temporary is an empty directory for temporary files, whose name is short
// enough for sockets in it.
func temporary(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "fct")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	t.Setenv("TMPDIR", dir)
	return dir
}

// left lists what is in a directory.
func left(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return strings.Join(names, " ")
}

func makeDir(t *testing.T, dir string, age time.Duration, files ...string) {
	t.Helper()
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	then := time.Now().Add(-age)
	if err := os.Chtimes(dir, then, then); err != nil {
		t.Fatal(err)
	}
}

// TestSweep: only what is certain to be nobody's goes.
func TestSweep(t *testing.T) {
	dir := temporary(t)
	at := func(name string) string { return filepath.Join(dir, name) }
	makeDir(t, at(prefix+"1-gone"), 0, lockName, primary+".log", "temp-7.rdb")
	makeDir(t, at(prefix+"2-young"), time.Minute, primary+".log") // perhaps just being made
	makeDir(t, at(prefix+"3-old"), 2*time.Hour, primary+".log")   // of a version that did not lock
	makeDir(t, at(prefix+"4-alive"), 2*time.Hour)
	makeDir(t, at("other-5"), 2*time.Hour, lockName)
	makeDir(t, at(prefix+"7-serves"), 2*time.Hour)
	if err := os.WriteFile(at(prefix+"6-file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	makeDir(t, at("target"), 2*time.Hour, lockName)
	if err := os.Symlink(at("target"), at(prefix+"8-link")); err != nil {
		t.Fatal(err)
	}
	lock, err := own(at(prefix + "4-alive"))
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	l, err := net.Listen("unix", at(prefix+"7-serves/"+primary+".sock"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	then := time.Now().Add(-2 * time.Hour)
	if err := os.Chtimes(at(prefix+"7-serves"), then, then); err != nil {
		t.Fatal(err)
	}
	sweep(dir)
	want := strings.ReplaceAll("#2-young #4-alive #6-file #7-serves #8-link other-5 target", "#", prefix)
	if got := left(t, dir); got != want {
		t.Errorf("left are %s; want %s", got, want)
	}
	if got := left(t, at("target")); got != lockName {
		t.Errorf("behind the link %q is left; want %s", got, lockName)
	}
	sweep(at("none")) // is no harm
}

// TestHomesOfTheLiving: servers of one process and of several leave each other
// alone, and their directories are gone after them.
func TestHomesOfTheLiving(t *testing.T) {
	dir := temporary(t)
	first := private(t)
	second := private(t)
	for _, s := range []*Server{first, second} {
		if err := client(t, s, ClientOptions{}).Ping(t.Context()).Err(); err != nil {
			t.Error(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	if got := left(t, dir); got != "" {
		t.Errorf("left is %s; want nothing", got)
	}
}

// TestOrphanIsEnded: where the kernel does not end a server with its owner, nor its
// replica, the next sweep does.
func TestOrphanIsEnded(t *testing.T) {
	dir := temporary(t)
	s := private(t)
	if err := s.Replicate(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	second := s.process.replica.child
	if err := s.process.lock.Close(); err != nil { // as if the owner were gone
		t.Fatal(err)
	}
	sweep(dir)
	<-s.process.child.Ended()
	<-second.Ended()
	sweep(dir)
	if got := left(t, dir); got != "" {
		t.Errorf("left is %s; want nothing", got)
	}
	_ = s.Close() // it complains, rightly
}
