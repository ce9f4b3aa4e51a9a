package hostinfo

import (
	"runtime"
	"testing"
	"time"
)

// TestSensors: they see work and collections since they were made, under the quota.
func TestSensors(t *testing.T) {
	s := NewSensors()
	before := s.Read()
	for began := CPU(); CPU()-began < 20*time.Millisecond; {
	}
	runtime.GC()
	after := s.Read()
	if after.CPU-before.CPU < 20*time.Millisecond || after.GCs <= before.GCs || after.GC < before.GC {
		t.Errorf("after work and a collection they say %+v; want more than %+v", after, before)
	}
	if after.Millicores < 1 || after.Millicores > int64(runtime.GOMAXPROCS(0))*1000 {
		t.Errorf("%d thousandths of a core are to be used; want 1 to those of %d", after.Millicores, runtime.GOMAXPROCS(0))
	}
	if got := newSensors(newMachine()).millicores; got != 300 {
		t.Errorf("under a quota of 0.3 cores there are %d thousandths of one", got)
	}
}
