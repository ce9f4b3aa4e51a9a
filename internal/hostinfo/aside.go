package hostinfo

import (
	"runtime"
	"runtime/metrics"
	"time"
)

// aside is what was spent on something that the window is not about.
type aside struct {
	cpu         time.Duration
	allocs, gcs uint64
}

// Aside calls do, whose costs are not those of the window: the CPU time of its
// thread, where the system tells that, and the allocations and collections meanwhile.
// What others allocate meanwhile is taken for its own, so do should be short.
func (m *Meter) Aside(do func()) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	window, before := m.window(), asideNow()
	do()
	after := asideNow()
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.running && m.opened == window {
		m.aside.cpu += after.cpu - before.cpu
		m.aside.allocs += after.allocs - before.allocs
		m.aside.gcs += after.gcs - before.gcs
	}
}

// window is the number of the window that is open, or was last.
func (m *Meter) window() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.opened
}

func asideNow() (a aside) {
	samples := []metrics.Sample{
		{Name: "/gc/heap/allocs:objects"},
		{Name: "/gc/heap/tiny/allocs:objects"},
		{Name: "/gc/cycles/total:gc-cycles"},
	}
	metrics.Read(samples)
	return aside{threadCPU(), samples[0].Value.Uint64() + samples[1].Value.Uint64(), samples[2].Value.Uint64()}
}
