package experiment

import (
	"slices"
	"strings"
	"testing"

	"github.com/fcbench/fcbench/results"
)

// onlyARateThatFollowsIsInTime: what comes first on the ladder moves the queue from the
// memory to the door and to the source, and serves nobody in time.
func onlyARateThatFollowsIsInTime(t *testing.T, runs map[string]*results.Run) {
	for _, step := range []string{"nothing", "buffer", "block", "signal"} {
		if kept := *runs[step].Pipeline.Retention; kept > 0.05 {
			t.Errorf("%s keeps %.3f of the goodput; want hardly any", step, kept)
		}
	}
	if kept := *runs["dynamic-rate"].Pipeline.Retention; kept < 0.97 {
		t.Errorf("a rate that follows keeps %.3f of the goodput; want nearly all", kept)
	}
	nothing, block, signal := runs["nothing"], runs["block"].Pipeline, runs["signal"].Pipeline
	if nothing.Causes["shed: memory-guard"] == 0 || block.MostAtDoor < 10_000 || signal.MostHeld < 10_000 || signal.MostAtDoor > 200 {
		t.Errorf("nothing: %v; block: %d at the door; signal: %d held back and %d at the door; want the queue in memory, at the door, at the source",
			nothing.Causes, block.MostAtDoor, signal.MostHeld, signal.MostAtDoor)
	}
}

// actuators are those that were changed, by the rules that did it.
func actuators(r *results.Run) (all []string) {
	for _, c := range r.Pipeline.Transitions {
		if text := c.Rule + " " + c.Actuator; !slices.Contains(all, text) {
			all = append(all, text)
		}
	}
	slices.Sort(all)
	return all
}

// eachRuleDoesItsPart: alone a rule changes its own actuators; smaller batches get
// less done; a limiter at a rate that was given leaves the queue that there is, and
// one that follows what gets done empties it; more workers get more done.
func eachRuleDoesItsPart(t *testing.T, runs map[string]*results.Run) {
	for trial, want := range map[string]string{
		"no-rules": "", "literal-cpu": "cpu batch", "literal-delay": "delay alarm, delay limiter", "literal-gc": "gc workers",
		"literal-all": "cpu batch, delay alarm, delay limiter, gc workers", "calibrated-cpu": "cpu batch", "calibrated-delay": "delay alarm, delay limiter",
		"calibrated-gc": "", "calibrated-all": "cpu batch, delay alarm, delay limiter",
	} {
		if got := strings.Join(actuators(runs[trial]), ", "); got != want {
			t.Errorf("%s changes %q; want %q", trial, got, want)
		}
	}
	kept := func(trial string) float64 { return *runs[trial].Pipeline.Retention }
	if kept("literal-delay") > 0.5 || kept("calibrated-delay") < 0.8 {
		t.Errorf("literal-delay keeps %.2f, calibrated-delay %.2f; want less than half, and most", kept("literal-delay"), kept("calibrated-delay"))
	}
	if all := runs["literal-gc"]; all.Outcomes["ok"] != all.Offered {
		t.Errorf("literal-gc serves %d of %d; want all, as twice as many workers do twice as much", all.Outcomes["ok"], all.Offered)
	}
	for _, rules := range []string{"literal", "calibrated"} {
		if cpu, none := runs[rules+"-cpu"].ThroughputPerS, runs["no-rules"].ThroughputPerS; cpu > 0.9*none {
			t.Errorf("%s-cpu answers %.0f/s, without rules it is %.0f/s; want fewer in smaller batches", rules, cpu, none)
		}
	}
}

// whoDropsIsInTime: with and without a buffer the source is held up alike, everybody gets
// through, and most are late; who is dropped makes room for others to be in time. The
// semaphore never lets in a third.
func whoDropsIsInTime(t *testing.T, runs map[string]*results.Run) {
	for _, form := range []string{"unbuffered", "buffered-5", "buffered-10"} {
		r := runs[form]
		if r.Outcomes["ok"] != r.Offered || *r.Pipeline.Retention > 0.4 {
			t.Errorf("%s serves %d of %d and keeps %.3f of the goodput; want all, and little", form, r.Outcomes["ok"], r.Offered, *r.Pipeline.Retention)
		}
	}
	drop := runs["drop"]
	if dropped := drop.Causes["shed: queue-full"]; dropped == 0 || drop.Outcomes["ok"]+dropped != drop.Offered || *drop.Pipeline.Retention < 0.9 {
		t.Errorf("drop drops %d of %d and keeps %.3f of the goodput; want some, and nearly all", dropped, drop.Offered, *drop.Pipeline.Retention)
	}
	if a := runs["semaphore"].Accuracy; a == nil || a.FalseAdmits != 0 || a.MostHeld != 2 || runs["semaphore"].Outcomes["rejected"] == 0 {
		t.Errorf("the semaphore's accuracy is %+v; want refusals, no false admits, and two held at once", a)
	}
}
