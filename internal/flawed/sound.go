package flawed

import (
	"time"
	"unicode/utf8"

	"github.com/fcbench/fcbench/limiters"
)

func sound() map[string]Program {
	mute := func(_ Request, d *limiters.Decision) { *d = silent(d.Allowed) }
	refusing := func(why string, what func(l limiters.Limit, r Request) bool) Program {
		return Program{refuses: func(l limiters.Limit, r Request) string {
			if what(l, r) {
				return why
			}
			return ""
		}}
	}
	return map[string]Program{
		"nothing special":       {},
		"no more than whether":  {tells: mute},
		"bursts up to 10":       refusing("burst must be at most 10", func(l limiters.Limit, _ Request) bool { return l.Burst > 10 }),
		"no costs above bursts": refusing("more than the burst", func(l limiters.Limit, r Request) bool { return r.N > l.Burst }),
		"keys of text":          refusing("keys must be text", func(_ limiters.Limit, r Request) bool { return !utf8.ValidString(r.Key) }),
		"short keys":            refusing("keys must be short", func(_ limiters.Limit, r Request) bool { return len(r.Key) > 512 }),
		"a year":                refusing("that is far off", func(_ limiters.Limit, r Request) bool { return r.Now > 365*24*time.Hour }),
		"steps of 1 ms, down":   inSteps(time.Millisecond, 0),
		"steps of 1 ms, up":     inSteps(time.Millisecond, time.Millisecond-1),
		"steps of 7 ms, near":   inSteps(7*time.Millisecond, 7*time.Millisecond/2),
		"steps of 1 s, down":    inSteps(time.Second, 0),
		"a time of its own":     {asks: always(func(r *Request) { r.Now += 1_700_000_000 * time.Second }), tells: func(_ Request, d *limiters.Decision) { d.At = limiters.Unknown }},
		"windows from 1970":     {Windows: limiters.FromEpoch, windows: alignedFrom(1_234_567 * time.Microsecond)},
		"windows at the start":  {Windows: limiters.FromStart, windows: alignedFrom(0)},
		"windows at the first":  {Windows: limiters.FromFirst, windows: fromFirst(false)},
		"by the clock":          {Clock: true},
		"by the clock, whether": {Clock: true, tells: mute},
		"by the clock, windows": {Clock: true, Unweighted: true, Windows: limiters.FromFirst, windows: fromFirst(true)},
	}
}

// inSteps keeps time to a step, rounded down after so much is added. Its waits are
// exact from there, and so no whole numbers of steps.
func inSteps(step, add time.Duration) Program {
	return Program{
		Resolution: step,
		asks:       always(func(r *Request) { r.Now = (min(r.Now, limiters.Never-add) + add) / step * step }),
		tells:      func(_ Request, d *limiters.Decision) { d.At = limiters.Unknown },
	}
}

// alignedFrom has windows that began so long before the start.
func alignedFrom(before time.Duration) func(limiters.Limit) func(Request) bool {
	type window struct{ number, used int64 }
	return func(l limiters.Limit) func(Request) bool {
		windows, latest := map[string]window{}, map[string]time.Duration{}
		return func(r Request) bool {
			now := max(r.Now, latest[r.Key])
			w := windows[r.Key]
			if number := int64(now/l.Period) + int64((now%l.Period+before)/l.Period); number != w.number {
				w = window{number: number}
			}
			if r.N > l.Rate-w.used {
				return false
			}
			w.used += r.N
			windows[r.Key], latest[r.Key] = w, now
			return true
		}
	}
}

// fromFirst has windows that begin with the first grant that is in none.
func fromFirst(clock bool) func(limiters.Limit) func(Request) bool {
	type window struct {
		began, last time.Duration
		used        int64
	}
	return func(l limiters.Limit) func(Request) bool {
		windows, start := map[string]*window{}, time.Now()
		return func(r Request) bool {
			if clock {
				r.Now = time.Since(start)
			}
			w := windows[r.Key]
			if w != nil {
				r.Now = max(r.Now, w.last)
			}
			if w == nil || r.Now-w.began >= l.Period {
				w = &window{began: r.Now}
			}
			if r.N > l.Rate-w.used {
				return false
			}
			w.used, w.last = w.used+r.N, r.Now
			windows[r.Key] = w
			return true
		}
	}
}
