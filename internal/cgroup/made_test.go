package cgroup

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// mounted is a directory with files in it, as a file system that shows groups.
func mounted(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		file := filepath.Join(root, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// TestBelowWhereThereIsNoController makes nothing, says why, and leaves nothing.
func TestBelowWhereThereIsNoController(t *testing.T) {
	files := process("0::/a/b\n", systemdUnified)
	files["sys/fs/cgroup/cgroup.procs"], files["sys/fs/cgroup/a/cgroup.procs"], files["sys/fs/cgroup/a/b/cgroup.procs"] = "", "", "4711\n"
	root := mounted(t, files)
	g, err := Of(os.DirFS(root), pid)
	if err != nil {
		t.Fatal(err)
	}
	m, err := g.Below(root, "made", 0.5)
	if m != nil || err == nil || strings.Contains(err.Error(), "\n") || strings.Count(err.Error(), "cpu.max") != 3 {
		t.Errorf("made %v, %v; want the reason at each of three groups, in one line", m, err)
	}
	for _, at := range []string{"", "a", "a/b"} {
		if left, _ := filepath.Glob(filepath.Join(root, "sys/fs/cgroup", at, "made*")); len(left) > 0 {
			t.Errorf("%q are left", left)
		}
	}
	if _, err := (Group{}).Below(root, "made", 1); err == nil {
		t.Error("a group was made where there are none")
	}
}

// TestStaleGroups of processes that are gone are removed, others are not.
func TestStaleGroups(t *testing.T) {
	root := mounted(t, map[string]string{"proc/12/stat": "", "sys/made-13/full/x": ""})
	parent := filepath.Join(root, "sys")
	for _, name := range []string{"made-11", "made-12", "made-x", "other-11"} {
		if err := os.Mkdir(filepath.Join(parent, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	removeStale(root, parent, "made")
	left, err := os.ReadDir(parent)
	var names []string
	for _, e := range left {
		names = append(names, e.Name())
	}
	if got := strings.Join(names, " "); err != nil || got != "made-12 made-13 made-x other-11" {
		t.Errorf("left are %s, %v", got, err)
	}
}

// TestBelowForReal makes a group on this machine, where this user may.
func TestBelowForReal(t *testing.T) {
	root := os.DirFS("/")
	g, err := Of(root, os.Getpid())
	if err != nil {
		t.Logf("nobody can tell where this process is: %v", err)
		return
	}
	m, err := g.Below("/", "fcbench-test", 0.25)
	if err != nil {
		if !strings.Contains(err.Error(), "no control group can be made") {
			t.Errorf("error is %v", err)
		}
		return
	}
	if !strings.HasSuffix(m.path, "fcbench-test-"+strconv.Itoa(os.Getpid())) {
		t.Errorf("it is called %s", m.path)
	}
	d, err := Named(root, m.path)
	if err != nil || d.quota() != 0.25 {
		t.Errorf("its quota is %v, %v; want 0.25", d.quota(), err)
	}
	if _, err := os.Stat(m.Processes()); err != nil {
		t.Error(err)
	}
	if err := m.Remove(); err != nil {
		t.Error(err)
	}
	if _, err := os.Stat(m.path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("it is still there: %v", err)
	}
}
