package hostinfo

import (
	"runtime"
	"time"
)

// Meter measures what happens to this process and its machine between Open and
// Close. Both take some tens of microseconds.
type Meter struct {
	open, closed reading
	clock        func() time.Time
	group        cgroup
}

// NewMeter returns a meter that takes the length of its window from clock.
func NewMeter(clock func() time.Time) *Meter { return &Meter{clock: clock, group: ownCgroup()} }

// reading is every counter at one instant.
type reading struct {
	at        time.Time
	cpu       time.Duration
	throttled []time.Duration // of the control group and those above it
	steal     time.Duration   // of all cores together
	mem       runtime.MemStats
	peak      uint64
}

// Usage is the difference between two readings.
type Usage struct {
	Wall      time.Duration
	CPU       time.Duration // user and system, of this process
	Throttled time.Duration // kept from running by a cgroup quota, its own or one above; the worst of them
	Steal     time.Duration // taken by the hypervisor, over all cores
	Allocs    uint64
	GCs       uint64
	GCPause   time.Duration
	PeakRSS   uint64 // bytes, since Open where the system can tell, else ever
}

// Open begins the window.
func (m *Meter) Open() {
	resetPeakRSS()
	m.open = m.read()
}

// Close ends it.
func (m *Meter) Close() { m.closed = m.read() }

// Usage returns what happened in the window.
func (m *Meter) Usage() Usage {
	a, b := &m.open, &m.closed
	return Usage{
		Wall: b.at.Sub(a.at), CPU: b.cpu - a.cpu,
		Throttled: worst(a.throttled, b.throttled), Steal: b.steal - a.steal,
		Allocs: b.mem.Mallocs - a.mem.Mallocs, GCs: uint64(b.mem.NumGC - a.mem.NumGC),
		GCPause: time.Duration(b.mem.PauseTotalNs - a.mem.PauseTotalNs), PeakRSS: b.peak,
	}
}

func (m *Meter) read() (r reading) {
	r.at = m.clock()
	r.cpu, r.throttled, r.steal, r.peak = CPU(), m.group.throttled(), steal(), peakRSS()
	runtime.ReadMemStats(&r.mem)
	return r
}
