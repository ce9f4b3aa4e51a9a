package hostinfo

import (
	"io/fs"
	"os"
	"runtime"
	"sync"
	"time"

	"github.com/fcbench/fcbench/internal/cgroup"
	"github.com/fcbench/fcbench/internal/procfs"
)

// Meter measures what happens to this process and its machine between Open and
// Close, and in particular what kept the process from running. Open and Close
// take some hundreds of microseconds, and somewhat more with hundreds of threads.
// The methods may be called from any goroutine.
type Meter struct {
	clock func() time.Time
	root  fs.FS
	group cgroup.Group
	cores float64

	mu           sync.Mutex
	open, closed reading
	opened       int   // windows so far
	running      bool  // one is open
	aside        aside // that the latest is not about
	threads      threads
	files        uint64 // the most that were open when somebody looked
	receiving    bool   // how late answers are taken is measured too
	receiver     *receiver
	receive      Receive
}

// NewMeter returns a meter that takes the length of its window from clock.
func NewMeter(clock func() time.Time) *Meter { return newMeter(clock, os.DirFS("/")) }

// Receiving makes m measure how late this process takes an answer that is there,
// and returns it. It costs some two hundred wake-ups a second, and needs a clock
// that is the world's.
func (m *Meter) Receiving() *Meter {
	m.receiving = true
	return m
}

func newMeter(clock func() time.Time, root fs.FS) *Meter {
	group, _ := cgroup.Of(root, os.Getpid()) // whether it is known stands in the environment
	return &Meter{clock: clock, root: root, group: group, cores: usable(group.Quota())}
}

// reading is every counter at one instant.
type reading struct {
	at        time.Time
	spent     spent
	throttled []cgroup.Throttling
	steal     time.Duration // of all cores together
	pressure  Pressure
	group     Pressure
	mem       runtime.MemStats
	golang    golang
	peak      uint64
}

// spent is what this process has used so far, over all threads that it ever had.
type spent struct {
	cpu       time.Duration
	preempted uint64
}

// Usage is the difference between two readings. Times are in nanoseconds. What
// the system does not tell is 0; where that would read as good news, Known says
// whether it is.
type Usage struct {
	Wall  time.Duration
	CPU   time.Duration // user and system, of this process
	Cores float64       // that this process may keep busy; see [results.Environment.UsableCores]

	Throttled        time.Duration // stopped for a cgroup quota, its own or one above, summed over cores; of the group that was stopped longest
	Periods          uint64        // of that quota, in which the group ran
	ThrottledPeriods uint64        // of those, in how many it had to stop
	Steal            time.Duration // taken by the hypervisor, over all cores
	RunQueue         RunQueue
	Pressure         Pressure // of the machine
	GroupPressure    Pressure // of the own cgroup; known in version 2 alone
	Preempted        uint64   // how often a thread of this process was taken off its core: involuntary context switches

	Allocs   uint64
	GCs      uint64
	GCPause  time.Duration // in which all goroutines stood still
	GCCPU    time.Duration // spent by the collector and by those who had to help it, in collections that ended in the window; what it did on idle cores is left out
	Runnable Runnable
	Receive  Receive // of a meter that is [Meter.Receiving]

	Files     uint64 // file descriptors, the most that were open at Open, Sample or Close
	FileLimit uint64 // as many as there may be at once; 0 for none or unknown
	PeakRSS   uint64 // bytes, since Open where the system can tell, else ever
}

// RunQueue is how long threads of this process could have run and had no core.
// Time in which a cgroup's quota stopped them is in it.
type RunQueue struct {
	Known   bool
	Waited  time.Duration // summed over threads
	Worst   time.Duration // of the thread that waited longest
	Threads int           // that were seen
	Ended   int           // of those, how many were gone at Close; what they waited at the last is not known
}

// Pressure is the time in which something waited for a core (PSI, "some").
type Pressure struct {
	Known  bool
	Waited time.Duration
}

// Runnable is how long goroutines could have run and no thread took them. The
// runtime looks at one in eight.
type Runnable struct {
	Count uint64        // goroutines that were looked at
	P99   time.Duration // the upper end of its bucket, up to a quarter above
	Max   time.Duration // likewise
}

// Open begins the window.
func (m *Meter) Open() {
	resetPeakRSS()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.threads, m.files = threads{}, openFiles(m.root)
	m.threads.see(procfs.Schedules(m.root, self))
	m.opened, m.running, m.aside = m.opened+1, true, aside{}
	m.open = m.read()
	m.closed = m.open
	if m.receiving {
		m.receiver = newReceiver()
	}
}

// Close ends the window.
func (m *Meter) Close() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.receive = m.receiver.stop()
	m.receiver, m.running = nil, false
	m.closed = m.read()
	m.look()
}

func (m *Meter) look() {
	m.files = max(m.files, openFiles(m.root))
	m.threads.see(procfs.Schedules(m.root, self))
}

// Usage returns what happened in the window.
func (m *Meter) Usage() Usage {
	m.mu.Lock()
	defer m.mu.Unlock()
	a, b := &m.open, &m.closed
	throttled := cgroup.Worst(a.throttled, b.throttled)
	return Usage{
		Wall: b.at.Sub(a.at), CPU: b.spent.cpu - a.spent.cpu - m.aside.cpu, Cores: m.cores,
		Throttled: throttled.Time, Periods: throttled.Periods, ThrottledPeriods: throttled.Throttled,
		Steal: b.steal - a.steal, RunQueue: m.threads.waited(),
		Pressure: b.pressure.since(a.pressure), GroupPressure: b.group.since(a.group),
		Preempted: b.spent.preempted - a.spent.preempted,
		Allocs:    less(b.mem.Mallocs-a.mem.Mallocs, m.aside.allocs), GCs: less(uint64(b.mem.NumGC-a.mem.NumGC), m.aside.gcs),
		GCPause: time.Duration(b.mem.PauseTotalNs - a.mem.PauseTotalNs),
		GCCPU:   b.golang.gc - a.golang.gc, Runnable: b.golang.runnable(a.golang), Receive: m.receive,
		Files: m.files, FileLimit: fileLimit(), PeakRSS: b.peak,
	}
}

// less is the rest of n; counters that are read one after the other may differ by a few.
func less(n, part uint64) uint64 { return n - min(n, part) }

func (m *Meter) read() (r reading) {
	r.at = m.clock()
	r.spent, r.throttled, r.steal, r.peak = spentNow(), m.group.Throttling(), steal(), peakRSS()
	r.pressure.Waited, r.pressure.Known = cgroup.Pressure(text(m.root, "proc/pressure/cpu"))
	r.group.Waited, r.group.Known = m.group.Waited()
	r.golang = readGolang()
	runtime.ReadMemStats(&r.mem)
	return r
}

func (p Pressure) since(earlier Pressure) Pressure {
	if !p.Known || !earlier.Known || p.Waited < earlier.Waited {
		return Pressure{}
	}
	return Pressure{Known: true, Waited: p.Waited - earlier.Waited}
}
