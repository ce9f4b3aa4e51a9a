// Package observe watches the processes that a run puts load on: what they spend
// of the CPU, how much memory they hold, how many threads and files they have,
// and how often they were taken off their core.
//
// It looks from outside, at the files of /proc, five times a second, and opens
// those that it reads again and again once. Nothing is sent to the process, and
// nothing of it is changed. Memory that processes share is counted for each.
package observe

import (
	"errors"
	"io/fs"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/fcbench/fcbench/internal/procfs"
)

const (
	lookEvery  = 200 * time.Millisecond
	countEvery = 5 // looks: each such one also counts open files and finds new members
)

// Observer measures processes from Open to Close. The methods are to be called
// from one goroutine; the observer has another while the window is open.
type Observer struct {
	root  fs.FS
	what  string                              // was asked for
	group *group                              // nil unless a control group was
	clock func(pid int) (time.Duration, bool) // finer than /proc, where there is such a clock

	processes []*process
	opened    time.Time
	usage     Usage
	groupCPU  time.Duration // of the group when the window opened
	stop      chan struct{}
	done      sync.WaitGroup
}

// New returns an observer of the processes that c names, which must be there.
func New(c Config) (*Observer, error) { return c.open(os.DirFS("/"), cpuClock) }

// Of returns an observer of processes of our own making. What says what they are.
func Of(what string, pids ...int) (*Observer, error) {
	return found(os.DirFS("/"), cpuClock, what, pids)
}

// found is an observer of the processes with these numbers.
func found(root fs.FS, cpu func(int) (time.Duration, bool), what string, pids []int) (*Observer, error) {
	o := &Observer{root: root, what: what, clock: cpu}
	for _, pid := range pids {
		if err := o.add(pid); err != nil {
			o.release()
			return nil, err
		}
	}
	return o, nil
}

// add begins to observe a process. What it has spent so far does not count.
func (o *Observer) add(pid int) error {
	p, err := find(o.root, pid)
	if err != nil {
		return err
	}
	o.processes = append(o.processes, p)
	p.look(o.clock)
	p.base = p.spent
	return nil
}

// Open begins the window. It takes two system calls for each process.
func (o *Observer) Open() {
	o.opened, o.usage = time.Now(), Usage{}
	o.processes = slices.DeleteFunc(o.processes, (*process).leave)
	for _, p := range o.processes {
		p.look(o.clock)
		p.base = p.spent
	}
	o.groupCPU = o.group.cpu()
	o.sum()
	o.stop = make(chan struct{})
	o.done.Go(o.watch)
}

// watch looks again and again, from a goroutine of its own.
func (o *Observer) watch() {
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	for _, p := range o.processes {
		p.switched = switches(o.root, p.pid)
	}
	for n := 0; ; n++ {
		if n%countEvery == 0 {
			o.count()
		}
		select {
		case <-o.stop:
			return
		case <-ticker.C:
			o.look()
		}
	}
}

// Close ends the window. The observer may be opened again; processes that have
// ended are then none of its business.
func (o *Observer) Close() {
	if o.stop == nil {
		return
	}
	close(o.stop)
	o.done.Wait()
	o.stop = nil
	o.look()
	o.count()
	u := &o.usage
	u.Wall = time.Since(o.opened)
	for _, p := range o.processes {
		u.Switches.add(p.switched, switches(o.root, p.pid))
		u.CPU += p.spent - p.base
		if p.ended {
			u.Ended = append(u.Ended, End{Process: p.String(), After: p.endedAt})
		}
	}
	if now := o.group.cpu(); now > o.groupCPU {
		u.CPU = now - o.groupCPU // of those too that came and went between two looks
	}
	u.What, u.Processes = o.String(), len(o.processes)
}

// Usage returns what happened in the window, after Close.
func (o *Observer) Usage() Usage { return o.usage }

// Release gives back what the observer holds open.
func (o *Observer) Release() error {
	o.Close()
	return o.release()
}

func (o *Observer) release() error {
	var problems []error
	for _, p := range o.processes {
		problems = append(problems, p.stat.Close())
	}
	o.processes = nil
	return errors.Join(problems...)
}

// look sees how every process does.
func (o *Observer) look() {
	since := time.Since(o.opened)
	for _, p := range o.processes {
		if p.ended {
			continue
		}
		if p.look(o.clock); p.ended {
			p.endedAt = since
		}
	}
	o.sum()
}

// sum adds up what there is at one moment.
func (o *Observer) sum() {
	var rss int64
	threads := 0
	for _, p := range o.processes {
		if !p.ended {
			rss += p.seen.RSS
			threads += p.seen.Threads
		}
	}
	u := &o.usage
	u.PeakRSS = max(u.PeakRSS, uint64(rss)*uint64(os.Getpagesize()))
	u.Threads = max(u.Threads, threads)
}

// count does what takes longer: it looks for new members of a control group, and
// counts files.
func (o *Observer) count() {
	for _, pid := range o.group.members() {
		if slices.ContainsFunc(o.processes, func(p *process) bool { return p.pid == pid && !p.ended }) {
			continue
		}
		if o.add(pid) == nil {
			born := o.processes[len(o.processes)-1]
			born.base, born.switched = 0, nil // all that it did was in the window
		}
	}
	files := 0
	for _, p := range o.processes {
		if n, err := procfs.Files(o.root, p.number()); err == nil && !p.ended {
			files += n
		}
	}
	o.usage.Files = max(o.usage.Files, files)
}
