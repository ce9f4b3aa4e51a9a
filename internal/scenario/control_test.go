package scenario

import (
	"slices"
	"strings"
	"testing"

	"github.com/fcbench/fcbench/internal/builtin"
	"github.com/fcbench/fcbench/targets"
)

// TestControl: a pipeline with a control is on record with all of its values, and can be
// read again from there.
func TestControl(t *testing.T) {
	s, err := parse(t, limits+`subjects:
- pipeline: {kind: block, control: {kind: doc-literal, rules: [cpu, gc], most_workers: 12}, batch: 8}
- pipeline: {kind: none, control: dynamic-rate, limiter: {kind: token-bucket, rate: 900/s, burst: 5}}
- pipeline: {kind: none, limiter: gcra:900/s}
`)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{
		`"control":{"kind":"doc-literal","period":"250ms","least_rate":"10/s","most_rate":"1M/s","most_workers":12,"rules":"cpu,gc","cpu":0.8,"delay":"1s","gcs":5}`,
		`"limiter":{"kind":"token-bucket","rate":"900/s","burst":"5"},"control":{"kind":"dynamic-rate",`,
		`"limiter":{"kind":"gcra","rate":"900/s","burst":"1"}}`,
	} {
		if got := string(s.Subjects[i].JSON()); !strings.Contains(got, want) {
			t.Errorf("subject %d is\n%s\nwant\n%s", i, got, want)
		}
		if _, err := s.Subjects[i].Target(func(targets.TrialID) builtin.Env { return builtin.Env{} }); err != nil {
			t.Error(err)
		}
	}
	if err := s.CheckVirtual(); err != nil {
		t.Error(err)
	}
}

// TestControlOfStages: it is said that a control changes the first of several stages
// alone, once for all pipelines that are alike.
func TestControlOfStages(t *testing.T) {
	const head = limits + "subjects:\n- pipeline: {kind: block, then: [{}, {}]}\n- pipeline: {kind: block, control: doc-literal, limiter: 'token-bucket:1000/s:10'}\n"
	const two = "- {name: %s, pipeline: {kind: block, control: slow-down, then: [{}]}}\n"
	for _, c := range []struct {
		more string
		want []string
	}{
		{"", nil},
		{strings.ReplaceAll(two, "%s", "a") + strings.ReplaceAll(two, "%s", "b"), []string{"the control of a pipeline of 2 stages changes the workers and the batch of the first alone"}},
	} {
		s, err := parse(t, head+c.more)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(s.Notes, c.want) {
			t.Errorf("notes are %q; want %q", s.Notes, c.want)
		}
	}
}

// TestEveryController: each that is listed can be had by its name alone.
func TestEveryController(t *testing.T) {
	for _, kind := range builtin.Controllers().Names() {
		limiter := ", limiter: gcra:900/s"
		if kind == "slow-down" {
			limiter = ""
		}
		if _, err := parse(t, limits+"subjects: [{pipeline: {kind: block, control: "+kind+limiter+"}}]\n"); err != nil {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

// TestBadControls: all that is wrong is said, each with its place.
func TestBadControls(t *testing.T) {
	_, err := parse(t, limits+`subjects:
- pipeline: {kind: block, control: dynamic}
- pipeline: {kind: block, control: dynamic-rate}
- pipeline: {kind: block, control: {kind: dynamic-rate, perod: 1s}, limiter: gcra:1/s}
- pipeline: {kind: block, control: {kind: slow-down, period: 0s, low: 9, high: 9}}
- pipeline: {kind: block, control: slow-down, limiter: gcra:1/s}
- pipeline: {kind: block, control: {kind: doc-literal, rules: [cpu, heat]}}
- pipeline: {kind: block, control: {kind: calibrated, least_rate: 9/s, most_rate: 8/s}}
- pipeline: {kind: block, control: {kind: doc-literal, rules: [gc], most_workers: 3}}
- pipeline: {kind: block, limiter: leaky-bucket-queue:1/s}
- pipeline: {kind: block, limiter: redis-gcra:1/s}
- pipeline: {kind: block, limiter: {kind: concurrency, limit: 3}}
- pipeline: {kind: block, limiter: x-time-rate:1/s, control: dynamic-rate}
- pipeline: {kind: block, limiter: gcra:0/s}
- pipeline: {kind: block, control: {}}
- pipeline: {kind: block, then: [{control: slow-down}]}
`)
	for _, want := range []string{
		`s.yaml:4:36: control kind "dynamic" is unknown; want one of doc-literal, calibrated, slow-down, dynamic-rate`,
		`s.yaml:5:36: control dynamic-rate sets the rate of a limiter before the first queue, and limiter is missing; want one beside it`,
		`s.yaml:6:57: key "perod" is unknown; want one of period`,
		`s.yaml:7:36: period is 0s; want 1ms to 1h`, `low is 9 and high 9; want 0 or more, and low below high`,
		`s.yaml:8:56: limiter stands beside control slow-down, which leaves it off`,
		`rule is "heat"; want one of cpu, delay, gc`,
		`s.yaml:10:36: least_rate is 9/s and most_rate 8/s; want the least first`,
		`s.yaml:11:36: most_workers is 3, and the first stage has 10; want at least as many`,
		`s.yaml:12:36: the limiter asks somebody else, makes callers wait or counts what is held; want one that only refuses`,
		`s.yaml:13:36: the limiter asks somebody else`,
		`s.yaml:14:36: the limiter asks somebody else`,
		`s.yaml:15:36: the limit of the limiter cannot be changed`,
		`s.yaml:16:36: rate is 0/s`,
		`s.yaml:17:36: control has no kind; want one of doc-literal`,
		`s.yaml:18:35: key "control" is unknown; want one of queue`,
	} {
		if err == nil || !slices.ContainsFunc(strings.Split(err.Error(), "\n"), func(line string) bool { return strings.Contains(line, want) }) {
			t.Errorf("problems are\n%v\nwant %s", err, want)
		}
	}
	if strings.Contains(err.Error(), "s.yaml:15:13") || strings.Contains(err.Error(), "s.yaml:16:13") {
		t.Errorf("problems are\n%v\nwant a bad limiter to be said once", err)
	}
}
