package hostinfo

import (
	"runtime"
	"testing"
	"time"
)

// TestAside: what is done aside is not the window's, whenever it begins and ends.
func TestAside(t *testing.T) {
	var sink [][]byte
	work := func() {
		for range 100_000 {
			sink = append(sink[:0], make([]byte, 64))
		}
		runtime.GC()
	}
	m := NewMeter(time.Now)
	m.Open()
	m.Aside(work)
	m.Close()
	if u := m.Usage(); u.Allocs > 20_000 || u.GCs > 0 {
		t.Errorf("%d allocations and %d collections; want those of the meter alone", u.Allocs, u.GCs)
	}
	m.Aside(func() { m.Open() })
	work()
	m.Aside(func() { work(); m.Close() })
	if u := m.Usage(); u.Allocs < 200_000 || u.GCs < 2 {
		t.Errorf("%d allocations and %d collections; want all, of a window that opened and closed meanwhile", u.Allocs, u.GCs)
	}
}
