package experiment

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/fcbench/fcbench/results"
)

// limitersAreRight: no limiter decides against its own model; buckets never
// exceed the burst and admit what an exact bucket admits; and all buckets agree.
func limitersAreRight(t *testing.T, runs map[string]*results.Run) {
	for trial, r := range runs {
		a := r.Accuracy
		if trial == "noop" {
			continue
		}
		if a == nil || a.ObservedShare != 1 || a.FalseAdmits != 0 || a.FalseDenials != 0 {
			t.Errorf("%s: accuracy is %+v; want every decision observed and none false", trial, a)
		}
	}
	bucket := runs["token-bucket"]
	for _, trial := range []string{"leaky-bucket-meter", "gcra"} {
		if got := runs[trial]; got.Outcomes["ok"] != bucket.Outcomes["ok"] || got.Accuracy.BurstExcess != 0 || got.Accuracy.RateError != 0 {
			t.Errorf("%s admits %d with %+v; want %d as the token bucket, exactly", trial, got.Outcomes["ok"], got.Accuracy, bucket.Outcomes["ok"])
		}
	}
	if a, b := runs["redis-gcra"], runs["redis-token-bucket"]; a.Outcomes["ok"] != b.Outcomes["ok"] {
		t.Errorf("redis-gcra admits %d, redis-token-bucket %d; want the same", a.Outcomes["ok"], b.Outcomes["ok"])
	}
}

// quietIsLeftAlone: the quiet tenant is served in full, the noisy one is not.
func quietIsLeftAlone(t *testing.T, runs map[string]*results.Run) {
	for trial, r := range runs {
		quiet, noisy := r.Classes["quiet"], r.Classes["noisy"]
		if quiet.Outcomes["ok"] != quiet.Offered || noisy.Outcomes["rejected"] == 0 {
			t.Errorf("%s: quiet got %d of %d, noisy was refused %d times", trial, quiet.Outcomes["ok"], quiet.Offered, noisy.Outcomes["rejected"])
		}
	}
}

// theStormGoesOn: callers who come back keep a queue without a bound full for good,
// although there is capacity again; a queue that sheds what has waited recovers.
func theStormGoesOn(t *testing.T, runs map[string]*results.Run) {
	for trial, r := range runs {
		var late, offered uint64 // well after the storm
		for _, slice := range r.Intervals {
			if slice.TNS >= int64(40*time.Second) && slice.TNS < r.MeasuredNS {
				late, offered = late+slice.OK, offered+slice.Offered
			}
		}
		if share := float64(late) / float64(offered); (share > 0.99) != (trial == "codel") {
			t.Errorf("%s serves %.3f of what arrives when the storm is over", trial, share)
		}
		if r.Attempts <= r.Offered || r.Pipeline == nil {
			t.Errorf("%s: of %d arrivals %d attempts were made", trial, r.Offered, r.Attempts)
		}
	}
}

// pausingOnDemandCosts: a consumer that pauses whenever its workers want nothing pauses
// more often, fetches more again and serves less than one with two marks, and one with
// two that are next to each other stands between them. None holds more than it may.
func pausingOnDemandCosts(t *testing.T, runs map[string]*results.Run) {
	demand, one, two := runs["on-demand"].Pipeline, runs["one-mark"].Pipeline, runs["hysteresis"].Pipeline
	if d, o, h := demand.Broker, one.Broker, two.Broker; d.FlapsPerMin < 4*o.FlapsPerMin || o.FlapsPerMin < 2*h.FlapsPerMin || h.Pauses == 0 ||
		*d.RefetchRatio < 1.5 || *d.RefetchRatio <= *o.RefetchRatio || *o.RefetchRatio <= *h.RefetchRatio {
		t.Errorf("on demand %+v\none mark %+v\nhysteresis %+v", d, o, h)
	}
	if *demand.Retention > 0.7**two.Retention {
		t.Errorf("on demand keeps %v of the goodput, hysteresis %v; want less", *demand.Retention, *two.Retention)
	}
	for trial, r := range runs {
		if b := r.Pipeline.Broker; b.MemoryBytes > b.DeclaredBytes || b.MostConsumer > 200-1+100 || b.MostWorker != 20 || b.MostPartition < 1000 {
			t.Errorf("%s: the levels had %+v at most", trial, b)
		}
	}
}

// thirdIsShed: one server of 1 ms takes 1,000 of 1,500/s, and whoever gets in
// late waits for 50 others; two servers take all at once.
func thirdIsShed(t *testing.T, runs map[string]*results.Run) {
	one, two := runs["delay"], runs["two-servers"]
	if got, want := one.Outcomes["shed"], one.Offered/3; math.Abs(float64(got)-float64(want)) > 51 {
		t.Errorf("one server shed %d of %d; want a third, less the queue", got, one.Offered)
	}
	if p99 := time.Duration(one.Latency.Response["ok"].P99NS); p99 < 50*time.Millisecond || p99 > 52*time.Millisecond {
		t.Errorf("one server: p99 is %v; want the queue of 50 and the service, 50 to 51 ms", p99)
	}
	if max := time.Duration(two.Latency.Response["ok"].MaxNS); two.Outcomes["ok"] != two.Offered || max != time.Millisecond {
		t.Errorf("two servers: ok %d of %d, max %v; want all at 1ms", two.Outcomes["ok"], two.Offered, max)
	}
}

// noneIsWrong: every decision of every limiter is what its exact model says.
func noneIsWrong(t *testing.T, runs map[string]*results.Run) {
	for trial, r := range runs {
		if a := r.Accuracy; a == nil || a.ObservedShare != 1 || a.FalseAdmits != 0 || a.FalseDenials != 0 {
			t.Errorf("%s: accuracy is %+v; want every decision observed and none false", trial, a)
		}
	}
}

// bucketsKeepTheirBurst: whatever comes, buckets and logs never let through more.
func bucketsKeepTheirBurst(t *testing.T, runs map[string]*results.Run) {
	noneIsWrong(t, runs)
	for _, trial := range []string{"gcra", "token-bucket", "sliding-window-log", "redis-gcra"} {
		if excess := runs[trial].Accuracy.BurstExcess; excess != 0 {
			t.Errorf("%s exceeds its burst by %v; want never", trial, excess)
		}
	}
}

// onlyTheLogKeepsItsLimit: of the windows. A fixed one lets through twice its
// limit within the two bursts.
func onlyTheLogKeepsItsLimit(t *testing.T, runs map[string]*results.Run) {
	noneIsWrong(t, runs)
	for _, trial := range []string{"gcra", "sliding-window-log"} {
		if excess := runs[trial].Accuracy.BurstExcess; excess != 0 {
			t.Errorf("%s exceeds its limit by %v; want never", trial, excess)
		}
	}
	if excess := runs["fixed-window"].Accuracy.BurstExcess; excess < 90 || excess > 100 {
		t.Errorf("fixed-window exceeds its limit by %v; want nearly as much again", excess)
	}
}

// whoIsDueIsServed: of each pair the second, beside the first burst, and the
// steady client always. A bucket that forgets remainders serves that one little
// more than half of the time.
func whoIsDueIsServed(t *testing.T, runs map[string]*results.Run) {
	for _, trial := range []string{"gcra", "token-bucket", "x-time-rate"} {
		r := runs[trial]
		pairs, steady := r.Classes["pairs"], r.Classes["steady"]
		if pairs.Outcomes["ok"] != pairs.Offered/2+1 || steady.Outcomes["ok"] != steady.Offered || r.Accuracy.FalseDenials != 0 || r.Accuracy.FalseAdmits != 0 {
			t.Errorf("%s serves %d of %d and %d of %d with %+v; want every second and all, rightly", trial,
				pairs.Outcomes["ok"], pairs.Offered, steady.Outcomes["ok"], steady.Offered, r.Accuracy)
		}
	}
	naive := runs["naive-lazy-bucket"]
	if ok, offered := naive.Classes["steady"].Outcomes["ok"], naive.Classes["steady"].Offered; 10*ok > 6*offered || naive.Accuracy.FalseDenials < 5 {
		t.Errorf("naive-lazy-bucket serves %d of %d, with %d false denials; want little more than half, and the rest denied wrongly",
			ok, offered, naive.Accuracy.FalseDenials)
	}
}

// sharingHasItsPrice: shares never add up to more than the limit; leases do, by
// what may be in hand; and a central limiter only by what its callers' clocks
// are apart.
func sharingHasItsPrice(t *testing.T, runs map[string]*results.Run) {
	split, central, leased := runs["split"].Accuracy, runs["central"].Accuracy, runs["leased"].Accuracy
	if split.BurstExcess != 0 || split.RateError > 0 {
		t.Errorf("split shares exceed the burst by %v at a rate error of %v; want never", split.BurstExcess, split.RateError)
	}
	if most := 100 * 0.04; central.BurstExcess > most {
		t.Errorf("a central limiter exceeds the burst by %v; want at most what flows in 40 ms, %v", central.BurstExcess, most)
	}
	if leased.BurstExcess <= central.BurstExcess || leased.BurstExcess > 4*9+4 {
		t.Errorf("leases exceed the burst by %v; want more than %v and at most 4 times 9, and 40 ms", leased.BurstExcess, central.BurstExcess)
	}
}

// oursIsExact: whatever the libraries do.
func oursIsExact(t *testing.T, runs map[string]*results.Run) {
	a := runs["gcra"].Accuracy
	if a.FalseAdmits != 0 || a.FalseDenials != 0 || a.BurstExcess != 0 {
		t.Errorf("gcra: accuracy is %+v; want no error", a)
	}
	for trial, r := range runs {
		if r.Accuracy == nil || r.Accuracy.ObservedShare == 0 {
			t.Errorf("%s is not judged: %+v", trial, r.Accuracy)
		}
	}
}

// theHerdComesBack: callers that were refused ask again when they were told to,
// and of those a window tells all the same instant.
func theHerdComesBack(t *testing.T, runs map[string]*results.Run) {
	noneIsWrong(t, runs)
	for trial, r := range runs {
		if r.Attempts < r.Offered+r.Offered/2 {
			t.Errorf("%s: %d attempts for %d arrivals; want half as many again at least", trial, r.Attempts, r.Offered)
		}
		if r.Latency.Response["ok"].MaxNS == 0 {
			t.Errorf("%s: nobody was let in after a retry", trial)
		}
	}
}

// shapingDelaysWhatPolicingDenies: a shaper accepts as much as the policer and
// makes it wait, up to the whole bucket; without a limit on the queue nobody is
// refused.
func shapingDelaysWhatPolicingDenies(t *testing.T, runs map[string]*results.Run) {
	meter, queue, uber := runs["leaky-bucket-meter"], runs["leaky-bucket-queue"], runs["uber"]
	for trial, r := range map[string]*results.Run{"meter": meter, "queue": queue} {
		if r.Accuracy.FalseAdmits != 0 || r.Accuracy.FalseDenials != 0 || r.Accuracy.BurstExcess != 0 {
			t.Errorf("%s: accuracy is %+v; want no error", trial, r.Accuracy)
		}
	}
	if meter.Outcomes["ok"] != queue.Outcomes["ok"] || meter.Outcomes["rejected"] == 0 {
		t.Errorf("the meter admits %d of %d, the queue %d; want the same, and not all", meter.Outcomes["ok"], meter.Offered, queue.Outcomes["ok"])
	}
	if longest := time.Duration(queue.Latency.Response["ok"].MaxNS); longest < 100*time.Millisecond || longest > 200*time.Millisecond {
		t.Errorf("the queue makes wait for up to %v; want up to what a bucket of 20 takes at 100/s", longest)
	}
	if uber.Outcomes["rejected"] != 0 {
		t.Errorf("uber rejects %d; want none, it knows no refusal", uber.Outcomes["rejected"])
	}
}

// tenAreInFlight: never more, and nobody is refused while there are fewer.
func tenAreInFlight(t *testing.T, runs map[string]*results.Run) {
	noneIsWrong(t, runs)
	for trial, r := range runs {
		if r.Outcomes["rejected"] == 0 || r.Accuracy.BurstExcess != 0 || r.Accuracy.MostHeld != 10 {
			t.Errorf("%s: rejected %d, held up to %d; want some rejected, and never more than ten held", trial, r.Outcomes["rejected"], r.Accuracy.MostHeld)
		}
	}
}

// bothLimitsHold: together they let through what both would, and no more than either.
func bothLimitsHold(t *testing.T, runs map[string]*results.Run) {
	noneIsWrong(t, runs)
	both := runs["both"]
	for _, trial := range []string{"per-second", "per-minute"} {
		if both.Outcomes["ok"] > runs[trial].Outcomes["ok"] {
			t.Errorf("both limits let through %d, %s alone %d; want no more", both.Outcomes["ok"], trial, runs[trial].Outcomes["ok"])
		}
	}
	if both.Accuracy.BurstExcess != 0 {
		t.Errorf("both limits exceed a burst by %v; want never", both.Accuracy.BurstExcess)
	}
}

// batchHasItsOwnLimit: with a limit of its own batch no longer takes what
// interactive requests are due, and gets what that limit gives.
func batchHasItsOwnLimit(t *testing.T, runs map[string]*results.Run) {
	noneIsWrong(t, runs)
	together, apart := runs["together"].Classes["interactive"], runs["apart"].Classes["interactive"]
	if together.Outcomes["rejected"] == 0 || apart.Outcomes["ok"] != apart.Offered {
		t.Errorf("interactive: %d of %d refused together, %d apart; want some, and none", together.Outcomes["rejected"], together.Offered, apart.Outcomes["rejected"])
	}
	if batch := runs["apart"].Classes["batch"].Outcomes["ok"]; batch > 10*(10+5*10) || batch < 5*10*10*9/10 {
		t.Errorf("batch got %d in ten seconds; want about 5/s for each of ten keys, and their bursts", batch)
	}
}

// whatIsLostIsTakenTwice: a bucket that was charged where nobody remembers it
// admits the same again, which is no fault of the limiter's.
func whatIsLostIsTakenTwice(t *testing.T, runs map[string]*results.Run) {
	for trial, r := range runs {
		if len(r.Faults) != 1 || !r.Faults[0].Reached || r.Faults[0].Lost == nil {
			t.Fatalf("%s: faults are %+v; want a failover that was reached", trial, r.Faults)
		}
		reasons := strings.Join(r.Validity.Reasons, "; ")
		if blamed := strings.Contains(reasons, "(failover at 700ms, "); blamed != (r.Accuracy.FalseAdmits > 0) {
			t.Errorf("%s: %d false admits, and the reasons are %s; want the failover blamed for any", trial, r.Accuracy.FalseAdmits, reasons)
		}
	}
	if r := runs["redis-gcra"]; *r.Faults[0].Lost == 0 || r.Accuracy.FalseAdmits == 0 || r.Accuracy.RateError <= 0 {
		t.Errorf("redis-gcra lost %d tokens: %+v, %+v; want more admitted than the limit allows", *r.Faults[0].Lost, r.Accuracy, r.Accuracy.Compared)
	}
}

// policiesHold: while Redis is gone everybody gets an answer, by the policy asked
// for, and an error where there is none. Each request is counted once, Redis is
// soon back in charge, and nothing is left behind.
func policiesHold(t *testing.T, runs map[string]*results.Run) {
	for trial, mode := range map[string]string{"fail-open": "fail_open", "fail-closed": "fail_closed", "local": "local", "error": results.Undecided} {
		r := runs[trial]
		if len(r.Faults) != 2 || !r.Faults[0].Reached || !r.Faults[1].Reached {
			t.Fatalf("%s: faults are %+v; want two, both reached", trial, r.Faults)
		}
		if kill := r.Faults[0].During.Decisions; kill[mode] == 0 {
			t.Errorf("%s: while Redis was gone %v decided; want %s", trial, kill, mode)
		}
		counted, seen := r.Outcomes["failed"]+r.Outcomes["timed_out"], r.Faults[0].Before.Latency.Count
		for _, n := range r.Decisions {
			counted += n
		}
		for _, f := range r.Faults {
			seen += f.During.Latency.Count + f.After.Latency.Count
			// A busy machine may have no decision made between two faults, or a late one.
			soon := f.Recovered && (f.RecoveryNS <= int64(time.Second) || tooBusy(r))
			if !soon && f.After.Decisions["primary"] > 0 {
				t.Errorf("%s: after %s recovered is %v, in %v; want at most 1s", trial, f.Kind, f.Recovered, time.Duration(f.RecoveryNS))
			}
		}
		if counted != r.Attempts || seen != r.Attempts {
			t.Errorf("%s: %d decisions and failures, %d of them before, during and after faults; want the %d attempts", trial, counted, seen, r.Attempts)
		}
		if g := r.Goroutines; g == nil || g.After > g.Before {
			t.Errorf("%s: goroutines are %+v; want none left behind", trial, g)
		}
	}
	if open, closed := runs["fail-open"].Faults[0].Limit, runs["fail-closed"].Faults[0].Limit; closed.Admitted >= open.Admitted || closed.Excess != 0 {
		t.Errorf("while Redis was gone fail-closed admitted %+v, fail-open %+v; want less, and never beyond the limit", closed, open)
	}
}

// theStockIsSold: all of it, and no more.
func theStockIsSold(t *testing.T, runs map[string]*results.Run) {
	noneIsWrong(t, runs)
	for trial, r := range runs {
		if r.Outcomes["ok"] != 1000 || r.Accuracy.BurstExcess != 0 {
			t.Errorf("%s sells %d, %v too many; want the stock of 1,000", trial, r.Outcomes["ok"], r.Accuracy.BurstExcess)
		}
	}
}

// theGatewayHoldsTheLimit: seen from outside nobody gets more than the limit, what is
// refused comes back as 429, and nothing fails.
func theGatewayHoldsTheLimit(t *testing.T, runs map[string]*results.Run) {
	r := runs["gateway"]
	if r.Outcomes["ok"]+r.Outcomes["rejected"] != r.Offered || r.Outcomes["rejected"] == 0 || r.Statuses["429"] != r.Outcomes["rejected"] {
		t.Errorf("of %d outcomes are %v, statuses %v; want ok and 429, some of both", r.Offered, r.Outcomes, r.Statuses)
	}
	if a := r.Accuracy; a == nil || a.BurstExcess != 0 || a.FalseAdmits != 0 {
		t.Errorf("accuracy is %+v; want nothing above the limit", a)
	}
}
