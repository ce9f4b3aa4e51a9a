package results

const observedShare = "observed_share"

// Rated reports whether the limiter was held to a rate that was asked for. Permits have
// none, nor have limits that change.
func (a *Accuracy) Rated() bool { return a.Compared != nil && a.Oracle != "concurrency" }

// judged makes an entry for what is known of judged runs, or of some of them. Where no
// decision was observed, nothing is known, and a count of 0 would say that all were right.
func judged(name, unit string, better Direction, doc string, get func(*Accuracy) (v float64, known bool)) entry {
	path := "accuracy." + name
	return entry{Metric: Metric{path, unit, better, doc}, pattern: path, get: func(r *Run) (float64, bool) {
		if r.Accuracy == nil || r.Accuracy.ObservedShare == 0 && name != observedShare {
			return 0, false
		}
		return get(r.Accuracy)
	}}
}

// always is what every judged run has.
func always(get func(*Accuracy) float64) func(*Accuracy) (float64, bool) {
	return func(a *Accuracy) (float64, bool) { return get(a), true }
}

// compared is what those have that were held to one limit.
func compared(get func(*Compared) float64) func(*Accuracy) (float64, bool) {
	return func(a *Accuracy) (float64, bool) {
		if a.Compared == nil {
			return 0, false
		}
		return get(a.Compared), true
	}
}

// accuracy is that of judged runs.
func accuracy() []entry {
	return append(
		[]entry{
			judged(observedShare, UnitShare, Higher, "decisions seen by the oracle", always(func(a *Accuracy) float64 { return a.ObservedShare })),
			judged("false_admits", UnitCount, Lower, "admissions that the algorithm's exact model denies", always(func(a *Accuracy) float64 { return float64(a.FalseAdmits) })),
			judged("false_denials", UnitCount, Lower, "denials that the algorithm's exact model admits", always(func(a *Accuracy) float64 { return float64(a.FalseDenials) })),
			judged("admitted", UnitTokens, Neither, "tokens admitted, over judged decisions", compared(func(c *Compared) float64 { return float64(c.Admitted) })),
			judged("entitled", UnitTokens, Neither, "tokens that an exact token bucket of the limit admits of the same arrivals", compared(func(c *Compared) float64 { return float64(c.Entitled) })),
			judged("rate_error", UnitRatio, NearZero, "tokens admitted, over those of an exact token bucket, less 1; not of permits, which have no rate", func(a *Accuracy) (float64, bool) {
				if !a.Rated() {
					return 0, false
				}
				return a.RateError, true
			}),
			judged("burst_excess", UnitTokens, Lower, "tokens admitted beyond the burst in the worst window", compared(func(c *Compared) float64 { return c.BurstExcess })),
			judged("most_per_period.admitted", UnitTokens, Neither, "tokens of one key admitted within any one period of the limit", func(a *Accuracy) (float64, bool) {
				if a.MostPerPeriod == nil {
					return 0, false
				}
				return float64(a.MostPerPeriod.Admitted), true
			}),
			judged("most_held", UnitTokens, Neither, "tokens of one key held at once, at most", func(a *Accuracy) (float64, bool) { return float64(a.MostHeld), a.MostHeld > 0 }),
		}, evenness()...)
}

// evenness is how evenly keys and callers were served.
func evenness() []entry {
	gaps := judged("jitter.p99_intervals", UnitRatio, Lower, "99th percentile of those gaps, in emission intervals", func(a *Accuracy) (float64, bool) {
		if a.Jitter == nil || !a.Rated() {
			return 0, false
		}
		return a.Jitter.P99Intervals, true
	})
	gaps.bounds = func(_ *Run, v float64) (low, high float64) { return v * 32 / 33, v } // as wide as a bucket of it may be
	return []entry{
		judged("starvation", UnitRatio, Lower, "emission intervals for which a key was only denied, although a token was due", func(a *Accuracy) (float64, bool) {
			switch {
			case !a.Rated():
				return 0, false
			case a.Starvation == nil:
				return 0, true // no key was
			}
			return a.Starvation.Intervals, true
		}),
		judged("jitter.cv", UnitRatio, Lower, "standard deviation over mean of the gaps between admissions of a key", func(a *Accuracy) (float64, bool) {
			if a.Jitter == nil {
				return 0, false
			}
			return a.Jitter.CV, true
		}),
		gaps,
		judged("callers_jain", UnitRatio, Higher, "fairness of admitted / asked between callers at once, 1 is fair", func(a *Accuracy) (float64, bool) {
			return a.CallersJain, a.CallersJain > 0
		}),
	}
}
