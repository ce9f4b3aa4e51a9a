package doctor

import (
	"fmt"
	"time"
)

// Shortest is the least length of a measurement that says anything: the slowest
// pace sends a hundred requests in it, which its 99th percentile needs.
const Shortest = 100 * time.Millisecond

// What makes a machine unfit.
const (
	slowClock = 200 // ns a reading
	lateP99   = time.Millisecond
	leastSent = 0.99

	lateAnswer    = 200 * time.Microsecond // half of the answers
	lateAnswerP99 = 2 * time.Millisecond
)

// Unfit says everything that makes the machine unfit to measure on, nothing if it
// is fit. What was not measured is no good news.
func (f Findings) Unfit() (reasons []string) {
	bad := func(format string, args ...any) { reasons = append(reasons, fmt.Sprintf(format, args...)) }
	if f.Host.ClockRead > slowClock {
		bad("a clock reading costs %.0f ns, which hides what nanosecond-scale limiters cost", f.Host.ClockRead)
	}
	if f.Throttled > 0 {
		bad("the CPU quota throttled the generator for %v", f.Throttled)
	}
	if f.Null.Requests == 0 {
		bad("no request was made to the null target")
	}
	measured := false
	for _, p := range f.Pacing {
		if p.Plain {
			continue
		}
		measured = true
		switch {
		case float64(p.Offered) < leastSent*float64(p.Due) || p.Offered == 0:
			bad("at %v only %d of %d requests were sent in time: other load keeps the generator from its core", p.Rate, p.Offered, p.Due)
		case p.P99 > lateP99:
			bad("at %v the send delay's p99 is %v: other load keeps the generator from its core", p.Rate, p.P99.Round(time.Microsecond))
		}
	}
	if !measured {
		bad("no pace was measured")
	}
	return append(reasons, f.Receive.unfit()...)
}

// unfit says whose fault it is that answers are taken late: the machine's, if a
// thread that blocks in the kernel is as late.
func (r Receive) unfit() []string {
	whose := "fcbench's own: it needs a second core, or GOMAXPROCS above 1"
	if r.ThreadP50 > lateAnswer || r.ThreadP99 > lateAnswerP99 {
		whose = "a thread that blocks in the kernel is late too: other load keeps both from their core"
	}
	switch {
	case !r.Known:
		return nil
	case r.Answers == 0 || r.Missed > 0:
		return []string{fmt.Sprintf("of the answers of a service on loopback %d came and %d did not", r.Answers, r.Missed)}
	case r.P50 > lateAnswer || r.P99 > lateAnswerP99:
		return []string{fmt.Sprintf("answers that have arrived are taken %v late (p50), %v (p99); %s", r.P50.Round(time.Microsecond), r.P99.Round(time.Microsecond), whose)}
	}
	return nil
}
