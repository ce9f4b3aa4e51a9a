package results

import (
	"fmt"
	"time"
)

// Lost reports whether a run says nothing of its subject because nothing of it was
// ok: every request was lost or refused, or lost from some instant on. why says so.
func Lost(r *Run) (why string, lost bool) {
	sent, n := r.Offered-r.Outcomes[Unsent.String()]-ownFaults(r), losses(r)
	switch {
	case sent == 0:
		return "", false
	case n == sent:
		return fmt.Sprintf("every request was lost (%s)", worstCause(r)), true
	case r.Outcomes[OK.String()] == 0:
		return fmt.Sprintf("nothing was ok (%s)", worstCause(r)), true
	case n == 0:
		return "", false
	}
	since, dead := deadSince(r)
	return fmt.Sprintf("no answer from %v on (%s)", Short(since), worstCause(r)), dead
}

// losses is what the subject lost. What the generator's own machine could not
// send is left out; the run is invalid then.
func losses(r *Run) uint64 {
	return r.Outcomes[Failed.String()] + r.Outcomes[TimedOut.String()] - ownFaults(r)
}

// deadSince reports since when a target that had answered did not any more: a
// tenth of the window or longer, to its end, in which everything was lost.
func deadSince(r *Run) (since time.Duration, dead bool) {
	var lost uint64
	for i := len(r.Intervals) - 1; i >= 0 && r.Intervals[i].OK+r.Intervals[i].Rejected == 0; i-- {
		lost += r.Intervals[i].Other
		since = time.Duration(r.Intervals[i].TNS)
	}
	return since, lost > 0 && lost <= losses(r) && int64(since) <= r.MeasuredNS*9/10
}

func worstCause(r *Run) string {
	var worst string
	for cause, n := range r.Causes {
		if worst == "" || n > r.Causes[worst] || n == r.Causes[worst] && cause < worst {
			worst = cause
		}
	}
	return fmt.Sprintf("%s, %d times", worst, r.Causes[worst])
}
