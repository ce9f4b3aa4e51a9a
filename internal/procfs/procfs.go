// Package procfs reads what Linux says of processes and their threads in the
// files of /proc. On other systems there are none, and nothing is known.
//
// Every function takes the root of the file system, of which it reads "proc".
package procfs

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"time"
)

// errFormat says that a file does not read as those of Linux do.
var errFormat = errors.New("not in the form that is known")

// Sched is what the scheduler says of one thread, since it began.
type Sched struct {
	Ran    time.Duration
	Waited time.Duration // on a run queue: it could have run, and had no core
}

// Schedules returns the scheduler's account of every thread of a process, by
// thread. Threads that end while they are read are left out. The account is
// empty where the kernel keeps none.
func Schedules(root fs.FS, pid string) (map[int]Sched, error) {
	tasks := path.Join("proc", pid, "task")
	threads, err := fs.ReadDir(root, tasks)
	if err != nil {
		return nil, err
	}
	all := make(map[int]Sched, len(threads))
	for _, t := range threads {
		id, err := strconv.Atoi(t.Name())
		if err != nil {
			continue
		}
		text, err := fs.ReadFile(root, path.Join(tasks, t.Name(), "schedstat"))
		if s, ok := parseSched(text); err == nil && ok {
			all[id] = s
		}
	}
	return all, nil
}

// parseSched reads "ran waited slices". A kernel that does not count says zeros,
// which no thread can have that was seen.
func parseSched(text []byte) (s Sched, ok bool) {
	fields := bytes.Fields(text)
	if len(fields) != 3 {
		return s, false
	}
	ran, err1 := strconv.ParseInt(string(fields[0]), 10, 64)
	waited, err2 := strconv.ParseInt(string(fields[1]), 10, 64)
	slices, err3 := strconv.ParseInt(string(fields[2]), 10, 64)
	if errors.Join(err1, err2, err3) != nil || ran < 0 || waited < 0 {
		return s, false
	}
	return Sched{Ran: time.Duration(ran), Waited: time.Duration(waited)}, ran > 0 || waited > 0 || slices > 0
}

// Files returns how many file descriptors a process has open. It takes the right
// to look at the process.
func Files(root fs.FS, pid string) (int, error) {
	dir := path.Join("proc", pid, "fd")
	if info, err := fs.Stat(root, dir); err == nil && info.Size() > 0 {
		return int(info.Size()), nil // Linux 6.2 and later count for us
	}
	entries, err := fs.ReadDir(root, dir)
	return len(entries), err
}

// Stat is the state of a process.
type Stat struct {
	Name    string        // at most 15 bytes of it
	State   byte          // 'R', 'S', …; see Ended
	CPU     time.Duration // user and system, of all threads that it ever had; in steps of 10 ms
	Threads int
	Start   uint64 // in ticks since the machine started: with the number, one of its kind
	RSS     int64  // pages
}

// Ended reports whether the process does nothing any more: dead, and perhaps
// waiting for its parent to take note.
func (s Stat) Ended() bool { return s.State == 'Z' || s.State == 'X' || s.State == 'x' }

// isState reports whether it is one letter, as those of states are.
func isState(text []byte) bool {
	return len(text) == 1 && ('A' <= text[0] && text[0] <= 'Z' || 'a' <= text[0] && text[0] <= 'z')
}

// Tick is the unit of times in /proc, the same on every Linux architecture that Go runs on.
const Tick = time.Second / 100

// ParseStat reads a line of /proc/PID/stat. A name may hold anything, blanks and
// parentheses too.
func ParseStat(text []byte) (s Stat, err error) {
	open, end := bytes.IndexByte(text, '('), bytes.LastIndexByte(text, ')')
	if open < 0 || end < open {
		return s, fmt.Errorf("stat is %q: %w", brief(text), errFormat)
	}
	s.Name = string(text[open+1 : end])
	fields := bytes.Fields(text[end+1:]) // the first is the third of the line
	if len(fields) < 22 || !isState(fields[0]) {
		return s, fmt.Errorf("stat is %q: %w", brief(text), errFormat)
	}
	var problems []error
	number := func(field int) int64 {
		n, err := strconv.ParseInt(string(fields[field-3]), 10, 64)
		problems = append(problems, err)
		return n
	}
	s.State, s.CPU, s.Threads = fields[0][0], time.Duration(number(14)+number(15))*Tick, int(number(20))
	s.Start, s.RSS = uint64(number(22)), number(24)
	if errors.Join(problems...) != nil {
		return s, fmt.Errorf("stat is %q: %w", brief(text), errFormat)
	}
	return s, nil
}

func brief(text []byte) []byte { return text[:min(len(text), 100)] }

// ReadStat reads the state of the process pid.
func ReadStat(root fs.FS, pid string) (Stat, error) {
	text, err := fs.ReadFile(root, path.Join("proc", pid, "stat"))
	if err != nil {
		return Stat{}, err
	}
	return ParseStat(text)
}

// Switches are how often a thread gave up its core, and how often it was taken.
type Switches struct{ Voluntary, Involuntary uint64 }

// ReadSwitches returns those of every thread of a process, by thread.
func ReadSwitches(root fs.FS, pid string) (map[int]Switches, error) {
	tasks := path.Join("proc", pid, "task")
	threads, err := fs.ReadDir(root, tasks)
	if err != nil {
		return nil, err
	}
	all := make(map[int]Switches, len(threads))
	for _, t := range threads {
		id, err := strconv.Atoi(t.Name())
		if err != nil {
			continue
		}
		if text, err := fs.ReadFile(root, path.Join(tasks, t.Name(), "status")); err == nil {
			all[id] = parseSwitches(string(text))
		}
	}
	return all, nil
}

func parseSwitches(status string) (s Switches) {
	for line := range strings.Lines(status) {
		name, value, _ := strings.Cut(line, ":")
		n, _ := strconv.ParseUint(strings.TrimSpace(value), 10, 64)
		switch name {
		case "voluntary_ctxt_switches":
			s.Voluntary = n
		case "nonvoluntary_ctxt_switches":
			s.Involuntary = n
		}
	}
	return s
}

// Processes lists the numbers of all processes.
func Processes(root fs.FS) ([]int, error) {
	entries, err := fs.ReadDir(root, "proc")
	if err != nil {
		return nil, err
	}
	var all []int
	for _, e := range entries {
		if pid, err := strconv.Atoi(e.Name()); err == nil && pid > 0 {
			all = append(all, pid)
		}
	}
	return all, nil
}
