package experiment

import (
	"github.com/fcbench/fcbench/internal/oracle"
	"github.com/fcbench/fcbench/results"
)

// addAccuracy writes down what the judge found.
func (r *one) addAccuracy(run *results.Run) {
	if r.judge == nil {
		return
	}
	report, err := r.judge.Report()
	if err != nil {
		run.Warnings = append(run.Warnings, "accuracy: not judged: "+err.Error())
		return
	}
	run.Accuracy = accuracy(report)
	if total := r.report.Seen.Attempts; total > 0 {
		run.Accuracy.ObservedShare = float64(report.Judged) / float64(total)
	}
}

func accuracy(r oracle.Report) *results.Accuracy {
	a := &results.Accuracy{
		Oracle: r.Oracle, FalseAdmits: uint64(r.FalseAdmits), FalseDenials: uint64(r.FalseDenials), MostHeld: uint64(r.MostHeld), CallersJain: r.Fairness.Jain,
	}
	if !r.Limitless {
		a.Compared = &results.Compared{Admitted: r.Admitted, Entitled: r.Entitled, RateError: r.RateError, BurstExcess: r.BurstExcess}
	}
	if m := r.Most; m.Tokens > 0 {
		a.MostPerPeriod = &results.MostPerPeriod{
			Key: m.Key, EndNS: int64(m.End), PeriodNS: int64(m.Period), Admitted: m.Tokens, Asked: m.Asked, Burst: m.Burst, AtLeast: m.AtLeast,
		}
	}
	if s := r.Starvation; s.End > s.Start {
		a.Starvation = &results.Starvation{Key: s.Key, StartNS: int64(s.Start), EndNS: int64(s.End), Intervals: s.Intervals}
	}
	if j := r.Jitter; j.Gaps > 1 {
		a.Jitter = &results.Jitter{CV: j.CV, P99Intervals: j.P99}
	}
	if w := r.WorstWindow; r.BurstExcess > 0 {
		a.WorstWindow = &results.WorstWindow{Key: w.Key, StartNS: int64(w.Start), EndNS: int64(w.End), Admitted: w.Tokens, Bound: w.Bound}
	}
	return a
}
