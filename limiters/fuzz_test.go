package limiters

import (
	"testing"
	"time"
)

// FuzzAgainstModel draws a limit and a history from bytes. All limiters must
// answer as the models do.
func FuzzAgainstModel(f *testing.F) {
	f.Add(int64(3_000_000), int64(time.Second), int64(1), []byte("\x00\x00\x01\x4d\x01\x01\x01\x01\x01"))
	f.Add(int64(7), int64(3*time.Second), int64(2), []byte("\x10\xff\x01\x30\x10\x02\x00\x00\x03"))
	f.Add(int64(1), int64(1), int64(maxUnits), []byte("\x3f\xff\xff\x3f\x00\xff"))
	f.Add(int64(999_999_937), int64(time.Second), int64(4_000_000_000), []byte("\x21\xff\xff\x1f\x01\x01\x22\x08\x09"))
	f.Fuzz(func(t *testing.T, rate, period, burst int64, history []byte) {
		if period < 1 || period > maxUnits || rate < 1 || rate > period || burst < 1 || burst > maxUnits/period || len(history) > 300 {
			return
		}
		for _, kind := range kinds {
			limit := Limit{Rate: rate, Period: time.Duration(period), Burst: burst}
			capacity := burst
			if kind.window {
				limit.Burst, capacity = 0, rate
			}
			mustAgree(t, kind.name, kind.new(t, limit), limit, decode(history, capacity))
		}
	})
}

// decode reads requests of three bytes: how far time moves, as a power of two
// and a fraction, back if the top bit is set; and the cost, likewise.
func decode(history []byte, capacity int64) (requests []request) {
	now := time.Duration(0)
	for ; len(history) >= 3; history = history[3:] {
		step := time.Duration(history[1]) << (history[0] & 0x7f % 48)
		if history[0]&0x80 != 0 {
			step = -step
		}
		now = min(max(now+step, -1000), 1<<61)
		n := 1 + capacity/255*int64(history[2]) + int64(history[2]%3)
		requests = append(requests, request{now, n})
	}
	return requests
}
