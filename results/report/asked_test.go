package report_test

import (
	"testing"

	"github.com/fcbench/fcbench/results"
)

// limited is a subject that got admitted tokens, under a limit for which an exact
// bucket gives entitled; without a burst it is a window's.
func limited(t *testing.T, name string, most results.MostPerPeriod, admitted, entitled int64) []results.Run {
	t.Helper()
	return runs(t, subject{name: name, inProcess: true, admit: 36, took: 66, accuracy: results.Accuracy{
		MostPerPeriod: &most,
		Compared:      &results.Compared{Admitted: admitted, Entitled: entitled, RateError: float64(admitted)/float64(entitled) - 1},
	}}, 1)
}

// TestRateErrorsHaveOneReference: a window that lets through more than the
// buckets beside it has the larger number, whatever it is to a bucket of its own.
func TestRateErrorsHaveOneReference(t *testing.T) {
	bucket := results.MostPerPeriod{PeriodNS: 1e9, Admitted: 54, Asked: 100, Burst: 20}
	window := results.MostPerPeriod{PeriodNS: 1e9, Admitted: 114, Asked: 100}
	all := append(limited(t, "gcra", bucket, 500, 500), limited(t, "fixed", window, 570, 600)...)
	has(t, all, true, "most in  asked  rate", "54 100+20    0%", "114    100  +14%",
		"Rate error: tokens admitted, in all rows against an exact token bucket of 100/s burst 20.")

	all[1].Accuracy.ObservedShare = 0.5 // what it admitted is not all known
	has(t, all, true, "114    100  ")
	has(t, all, false, "+14%", "-5.0%")

	alone := limited(t, "fixed", window, 570, 600)
	has(t, alone, true, "114   100 -5.0%", "against an exact token bucket of the row's own limit")
}

// TestLimitsThatDifferAreTheirOwnReference, and the periods stand with what was asked for.
func TestLimitsThatDifferAreTheirOwnReference(t *testing.T) {
	all := append(
		limited(t, "second", results.MostPerPeriod{PeriodNS: 1e9, Admitted: 37, Asked: 20, Burst: 20}, 400, 400),
		limited(t, "minute", results.MostPerPeriod{PeriodNS: 60e9, Admitted: 199, Asked: 300, Burst: 100}, 110, 100)...)
	has(t, all, true, "most in", "a period", "20/s+20", "300/m+100", "+10%", "of the row's own limit")
	bursts := append(
		limited(t, "small", results.MostPerPeriod{PeriodNS: 1e9, Admitted: 37, Asked: 20, Burst: 20}, 400, 400),
		limited(t, "large", results.MostPerPeriod{PeriodNS: 1e9, Admitted: 37, Asked: 20, Burst: 40}, 500, 500)...)
	has(t, bursts, true, "20+20", "20+40", "of the row's own limit")
}

func TestWhatIsUncertainOrEndlessIsSaid(t *testing.T) {
	all := append(
		limited(t, "http", results.MostPerPeriod{PeriodNS: 1e9, Admitted: 37, Asked: 20, Burst: 20, AtLeast: true}, 400, 400),
		limited(t, "uber", results.MostPerPeriod{PeriodNS: 1e9, Admitted: 90, Asked: 100, Burst: 461_168_601_842}, 400, 400)...)
	has(t, all, true, "≥37", "100+∞")
	has(t, all, false, "≥90", "461,168")
}

// TestConcurrencyHasNoRate to be wrong about.
func TestConcurrencyHasNoRate(t *testing.T) {
	all := runs(t, subject{name: "concurrency", inProcess: true, admit: 36, took: 66}, 1)
	all[0].Accuracy.Oracle, all[0].Accuracy.MostPerPeriod = "concurrency", nil
	has(t, all, false, "error", "Rate error", "most in")
	has(t, all, true, "burst", "excess")
}
