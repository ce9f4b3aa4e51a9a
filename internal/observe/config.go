package observe

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fcbench/fcbench/internal/nearest"
	"github.com/fcbench/fcbench/internal/procfs"
)

// Config says which processes are observed: exactly one of its fields is given.
type Config struct {
	PID    int    `yaml:"pid,omitempty"`    // of one process
	Name   string `yaml:"name,omitempty"`   // of all processes that are called so when the run begins
	Cgroup string `yaml:"cgroup,omitempty"` // of all in a control group and those below it, also of those that join
}

// Check reports what is wrong with the form; whether there is such a process is
// seen by [New].
func (c Config) Check() error {
	var given []string
	if c.PID != 0 {
		given = append(given, "pid")
	}
	if c.Name != "" {
		given = append(given, "name")
	}
	if c.Cgroup != "" {
		given = append(given, "cgroup")
	}
	switch {
	case len(given) == 0:
		return errors.New("observe is empty; want one of pid, name, cgroup")
	case len(given) > 1:
		return fmt.Errorf("observe has %s; want one of them", strings.Join(given, " and "))
	case c.PID < 0:
		return fmt.Errorf("pid is %d; want the number of a process", c.PID)
	case c.PID == os.Getpid():
		return fmt.Errorf("pid is %d, fcbench itself; want another, its own cost is under cost", c.PID)
	case strings.Contains(c.Name, "/"):
		return fmt.Errorf("name is %q; want that of a program without its directory, such as %s", c.Name, path.Base(c.Name))
	}
	return nil
}

func (c Config) open(root fs.FS, cpu func(int) (time.Duration, bool)) (*Observer, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	if _, err := fs.Stat(root, "proc/self/stat"); err != nil {
		return nil, fmt.Errorf("observe: this system (%s) has no /proc to look at processes", runtime.GOOS)
	}
	switch {
	case c.Cgroup != "":
		return openGroup(root, cpu, c.Cgroup)
	case c.Name != "":
		pids, err := named(root, c.Name)
		if err != nil {
			return nil, err
		}
		return found(root, cpu, c.Name, pids)
	}
	return found(root, cpu, strconv.Itoa(c.PID), []int{c.PID})
}

// named lists the processes that are called name, this one left out.
func named(root fs.FS, name string) (pids []int, err error) {
	all, err := procfs.Processes(root)
	if err != nil {
		return nil, err
	}
	var others []string
	for _, pid := range all {
		names := namesOf(root, pid)
		switch {
		case pid == os.Getpid() || len(names) == 0:
		case slices.Contains(names, name):
			pids = append(pids, pid)
		default:
			others = append(others, names[0])
		}
	}
	if len(pids) > 0 {
		return pids, nil
	}
	slices.Sort(others)
	near := nearest.First(name, slices.Compact(others))
	return nil, fmt.Errorf("name %q is no process that runs; want one such as %s", name, strings.Join(near[:min(3, len(near))], ", "))
}

// namesOf is what a process is called: as it calls itself, which the kernel cuts
// to 15 bytes, and by its program and its first argument. A process that has
// ended has no name.
func namesOf(root fs.FS, pid int) []string {
	number := strconv.Itoa(pid)
	stat, err := procfs.ReadStat(root, number)
	if err != nil || stat.Ended() {
		return nil
	}
	names := []string{stat.Name}
	if line, err := fs.ReadFile(root, path.Join("proc", number, "cmdline")); err == nil {
		first, _, _ := strings.Cut(string(line), "\x00")
		names = append(names, path.Base(first))
	}
	if exe, err := fs.ReadLink(root, path.Join("proc", number, "exe")); err == nil {
		names = append(names, path.Base(strings.TrimSuffix(exe, " (deleted)")))
	}
	return names
}
