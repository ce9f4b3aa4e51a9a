package hostinfo

import (
	"io/fs"
	"time"

	"github.com/fcbench/fcbench/internal/procfs"
)

// self is this process in /proc.
const self = "self"

// threads adds up what the threads of this process waited, from one look to the
// next. Threads come and go meanwhile.
type threads struct {
	looks int
	known bool
	all   map[int]*thread
}

type thread struct {
	last   procfs.Sched
	waited time.Duration // since the first look
	seen   int           // the number of the last look at which it was there
}

// see takes the scheduler's account of all threads. What a thread had waited when
// it was first seen counts if it was born since the first look.
func (t *threads) see(now map[int]procfs.Sched, err error) {
	if err != nil {
		return
	}
	t.looks++
	t.known = t.known || len(now) > 0
	if t.all == nil {
		t.all = make(map[int]*thread, len(now))
	}
	for id, sched := range now {
		th := t.all[id]
		switch {
		case th == nil && t.looks == 1:
			th = &thread{}
		case th == nil:
			th = &thread{waited: sched.Waited}
		case sched.Ran < th.last.Ran || sched.Waited < th.last.Waited: // another with the same number
			th.waited += sched.Waited
		default:
			th.waited += sched.Waited - th.last.Waited
		}
		th.last, th.seen = sched, t.looks
		t.all[id] = th
	}
}

func (t *threads) waited() RunQueue {
	q := RunQueue{Known: t.known, Threads: len(t.all)}
	for _, th := range t.all {
		q.Waited += th.waited
		q.Worst = max(q.Worst, th.waited)
		if th.seen < t.looks {
			q.Ended++
		}
	}
	return q
}

// openFiles is how many file descriptors this process has open, less the one
// that it may take to count them.
func openFiles(root fs.FS) uint64 {
	n, err := procfs.Files(root, self)
	if err != nil {
		return 0
	}
	return uint64(n)
}
