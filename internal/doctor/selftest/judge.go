package selftest

import (
	"slices"
	"strings"
	"time"

	"github.com/fcbench/fcbench/results"
)

// figures are what runs say of what they measured.
type figures struct {
	p50, p99  time.Duration
	undelayed time.Duration // p50 without the generator's own delay; 0 where it is not known
}

// timesOf are the figures of a run; zero where nothing was ok.
func timesOf(run *results.Run) figures {
	of := run.Latency.Response
	if run.InProcess {
		of = run.Latency.Service
	}
	ok := of[results.OK.String()]
	if ok == nil {
		return figures{}
	}
	f := figures{p50: time.Duration(ok.P50NS), p99: time.Duration(ok.P99NS)}
	if run.Generator != nil {
		f.undelayed = time.Duration(run.Generator.UndelayedP50NS)
	}
	return f
}

// between is the mean of two; of those that are unknown the other stands for both.
func between(a, b figures) figures {
	switch {
	case a.p50 == 0:
		return b
	case b.p50 == 0:
		return a
	}
	return figures{p50: (a.p50 + b.p50) / 2, p99: (a.p99 + b.p99) / 2}
}

// middle is the median of each figure.
func middle(all []figures) figures {
	of := func(each func(figures) time.Duration) time.Duration {
		values := make([]time.Duration, len(all))
		for i, f := range all {
			values[i] = each(f)
		}
		slices.Sort(values)
		if len(values) == 0 {
			return 0
		}
		return values[len(values)/2]
	}
	return figures{p50: of(func(f figures) time.Duration { return f.p50 }), p99: of(func(f figures) time.Duration { return f.p99 })}
}

// What a disturbed run may be above undisturbed ones and still be true. A generator
// that is late adds to what it measures; it sees no answer before it is there.
const (
	medianAbove = 0.20
	tailTimes   = 2
	tailBeyond  = time.Millisecond
)

// like reports whether a disturbed run says what undisturbed ones say.
func (t truth) like(disturbed, undisturbed figures) bool {
	if t == watched {
		undisturbed.p50 = disturbed.undelayed
	}
	if t == noTruth || disturbed.p50 == 0 || undisturbed.p50 == 0 {
		return false
	}
	near := float64(disturbed.p50) <= (1+medianAbove)*float64(undisturbed.p50)
	return near && (t != tailTrue || disturbed.p99 <= tailTimes*undisturbed.p99+tailBeyond)
}

// finding is what one run comes to.
type finding struct {
	convicted, right bool
	isTrue           bool   // it says what undisturbed runs say, and may
	reason           string // the right one, else the first
}

// judge holds a run's verdict against what it has to be.
func (w want) judge(v results.Validity, disturbed, undisturbed figures) (f finding) {
	f.convicted = v.Verdict != results.Valid
	if len(v.Reasons) > 0 {
		f.reason = v.Reasons[0]
	}
	for _, reason := range v.Reasons {
		if w.reason(reason) {
			f.right, f.reason = true, reason
			break
		}
	}
	f.right = f.right && w.grave(v.Verdict) && (!w.alone || v.Verdict == w.atLeast && len(v.Reasons) == 1)
	f.isTrue = w.orTrue.like(disturbed, undisturbed)
	return f
}

func (w want) reason(text string) bool {
	return slices.ContainsFunc(w.reasons, func(beginning string) bool { return strings.HasPrefix(text, beginning) })
}

func (w want) grave(v results.Verdict) bool {
	return v == results.Invalid || v == results.Suspect && w.atLeast == results.Suspect
}
