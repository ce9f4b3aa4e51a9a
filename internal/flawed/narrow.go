package flawed

import (
	"time"

	"github.com/fcbench/fcbench/limiters"
)

// narrow counts in too few bits.
func narrow() map[string]Program {
	cost := func(of func(n int64) int64) Program { return Program{asks: always(func(r *Request) { r.N = of(r.N) })} }
	clock := func(of func(now time.Duration) time.Duration) Program {
		return Program{
			asks:  always(func(r *Request) { r.Now = of(r.Now) }),
			tells: func(_ Request, d *limiters.Decision) { d.At = limiters.Unknown },
		}
	}
	// kept has the whole units of now as of says they are kept, and the rest of it.
	kept := func(unit time.Duration, of func(whole int64) int64) Program {
		return clock(func(now time.Duration) time.Duration { return time.Duration(of(int64(now/unit)))*unit + now%unit })
	}
	signed, unsigned := func(n int64) int64 { return int64(int32(n)) }, func(n int64) int64 { return int64(uint32(n)) }
	return map[string]Program{
		"cost in a byte":      cost(func(n int64) int64 { return int64(uint8(n)) }),
		"cost in 16 bits":     cost(func(n int64) int64 { return int64(uint16(n)) }),
		"cost in 32 bits":     cost(unsigned),
		"cost in a float32":   cost(func(n int64) int64 { return int64(float32(n)) }),
		"ms in an int32":      kept(time.Millisecond, signed),
		"ms in a uint32":      kept(time.Millisecond, unsigned),
		"µs in a uint32":      kept(time.Microsecond, unsigned),
		"ns in a uint32":      kept(1, unsigned),
		"seconds in an int32": kept(time.Second, signed),
		"ms cut off":          clock(func(now time.Duration) time.Duration { return now.Truncate(time.Millisecond) }),
	}
}
