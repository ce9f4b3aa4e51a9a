package hostinfo

import (
	"runtime"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/loglinear"
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
	var r Receive
	for tries := 0; tries == 0 || tries < 20 && r.Count < 5; tries++ { // on a busy machine the thread that hands over what has come is late itself
		m.Open()
		for range 10 {
			for start := time.Now(); time.Since(start) < 30*time.Millisecond; { // no other goroutine runs, but the system thread that preempts after 10 ms
			}
			runtime.Gosched()
		}
		m.Close()
		r = m.Usage().Receive
	}
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

func TestReceiveSummary(t *testing.T) {
	h := loglinear.New(scale)
	if got := summary(h); got != (Receive{}) {
		t.Errorf("of nothing it is %+v", got)
	}
	for i := range 60 {
		h.Add(int64(60 - i))
	}
	if got, want := summary(h), (Receive{Count: 60, P50: 30, P99: 60, Max: 60}); got != want {
		t.Errorf("of 1 to 60 it is %+v; want %+v", got, want)
	}
}
