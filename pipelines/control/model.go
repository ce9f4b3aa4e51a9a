package control

import "time"

// model stands for a host in virtual time, where there is none:
//
//   - CPU: a core for each worker, busy while the worker has an item in hand.
//   - Scheduler: so nobody waits for a core.
//   - Collector: every item that comes allocates what it weighs. A collection begins
//     when as much was allocated as is alive, or 4 MiB if that is more, as with Go's
//     GOGC=100; it takes a nanosecond of one core for each byte that is alive.
type model struct {
	debt  int64 // allocated since the latest collection
	bytes int64 // allocated so far
	host  Host
}

const leastHeap = 4 << 20 // bytes

// read is what the host would say at a step.
func (m *model) read(c *Counts) Host {
	m.debt += c.Bytes - m.bytes
	m.bytes = c.Bytes
	alive := max(c.Alive, leastHeap)
	n := m.debt / alive
	m.debt -= n * alive
	m.host.GCs += uint64(n)
	m.host.GC += time.Duration(n * alive)
	m.host.CPU, m.host.Millicores = c.Busy, int64(c.Crew)*1000
	return m.host
}
