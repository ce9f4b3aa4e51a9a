package flawed

import (
	"time"

	"github.com/fcbench/fcbench/limiters"
)

// clocked go by a clock that nobody else moves, and are wrong.
func clocked() map[string]Program {
	all := map[string]Program{
		"denies everything":   {tells: func(_ Request, d *limiters.Decision) { *d = silent(false) }},
		"grants everything":   {tells: func(_ Request, d *limiters.Decision) { *d = silent(true) }},
		"a tenth of the rate": {made: func(l *limiters.Limit) { l.Period *= 10 }},
		"5 % below the rate":  {made: func(l *limiters.Limit) { l.Period += l.Period / 20 }},
		"5 % above the rate":  {made: func(l *limiters.Limit) { l.Period -= l.Period / 20 }},
		"an interval cut to a ms": {made: func(l *limiters.Limit) {
			l.Period = time.Duration(l.Rate) * max(time.Millisecond, (l.Period/time.Duration(l.Rate)).Truncate(time.Millisecond))
		}},
		"half of the burst":     {made: func(l *limiters.Limit) { l.Burst /= 2 }},
		"one more than a burst": {made: func(l *limiters.Limit) { l.Burst++ }},
		"unlimited after 3 s": {tells: func(r Request, d *limiters.Decision) {
			if r.Now > 3*time.Second {
				*d = silent(true)
			}
		}},
		"idle for 500 ms":    idle(500 * time.Millisecond),
		"purged each second": purged(time.Second),
	}
	for _, some := range []struct {
		from map[string]Program
		name string
	}{
		{forgetful(), "LRU of 64 keys"},
		{confused(), "keys in lower case"},
		{confused(), "keys of 255 bytes"},
		{confused(), "one bucket for all"},
		{narrow(), "cost in a byte"},
		{lying(), "half the wait"},
		{lying(), "a wait for what never comes"},
	} {
		all[some.name] = some.from[some.name]
	}
	named := map[string]Program{}
	for name, p := range all {
		p.Clock = true
		named["by the clock, "+name] = p
	}
	return named
}
