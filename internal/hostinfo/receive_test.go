package hostinfo

import (
	"runtime"
	"testing"
	"time"
)

// TestReceiving: instants are looked at while the window is open, and nothing is
// left afterwards. That a busy process is late shows: with the only processor
// taken for 30 ms at a time, what comes meanwhile waits.
func TestReceiving(t *testing.T) {
	if runtime.GOOS != "linux" {
		if r := NewMeter(time.Now).Receiving(); r.Usage().Receive.Count != 0 {
			t.Error("a system without such timers looked at something")
		}
		return
	}
	before := runtime.GOMAXPROCS(1)
	defer runtime.GOMAXPROCS(before)
	goroutines := runtime.NumGoroutine()
	m := NewMeter(time.Now).Receiving()
	m.Open()
	for range 10 {
		for start := time.Now(); time.Since(start) < 30*time.Millisecond; { // no other goroutine runs, but the system thread that preempts after 10 ms
		}
		runtime.Gosched()
	}
	m.Close()
	r := m.Usage().Receive
	if r.Count < 5 || r.P50 < time.Millisecond || r.P99 < r.P50 || r.Max < r.P99 {
		t.Errorf("looks are %+v; want several, later than 1ms", r)
	}
	for deadline := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > goroutines && time.Now().Before(deadline); {
		runtime.Gosched()
	}
	if n := runtime.NumGoroutine(); n > goroutines {
		t.Errorf("%d goroutines are left", n-goroutines)
	}
	if NewMeter(time.Now).Usage().Receive != (Receive{}) {
		t.Error("a meter that does not receive has looks")
	}
}

func TestLatenessRanks(t *testing.T) {
	var l lateness
	for i := range 100 {
		l.add(time.Duration(100 - i))
	}
	if got, want := l.summary(), (Receive{Count: 100, P50: 50, P99: 99, Max: 100}); got != want {
		t.Errorf("of 1 to 100 it is %+v; want %+v", got, want)
	}
	for range 10 * kept {
		l.add(1000)
	}
	if r := l.summary(); len(l.some) != kept || r.P50 != 1000 || r.Count != 100+10*kept {
		t.Errorf("of many it keeps %d, %+v; want %d", len(l.some), r, kept)
	}
}
