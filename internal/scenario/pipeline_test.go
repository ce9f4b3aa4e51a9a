package scenario

import (
	"strings"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/builtin"
	"github.com/fcbench/fcbench/pipelines"
	"github.com/fcbench/fcbench/pipelines/sim"
	"github.com/fcbench/fcbench/targets"
)

// TestPipeline: what is not said has a default, and is on record.
func TestPipeline(t *testing.T) {
	s, err := parse(t, limits+`slo: 100ms
subjects:
- pipeline: codel:500
- pipeline:
    kind: drop-oldest
    capacity: 5
    workers: 2
    service: weighted:1ms=90,91ms=10
    drift: 0.01
    changes: [{at: 20s, slower: 3}, {at: 40s}, {at: 50s, stopped: true}]
    deadline: 30ms
    then: [{service: constant:1ms}, {queue: latest, workers: 3, batch: 8, setup: 5ms, allocate: 64KiB}]
`)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{
		`{"kind":"codel","scope":"pipeline","capacity":"500","target":"5ms","interval":"100ms","workers":10,"service":{"kind":"exponential","mean":"10ms"},"deadline":"100ms"}`,
		`{"kind":"drop-oldest","scope":"pipeline","capacity":"5","workers":2,"service":{"kind":"weighted","values":"1ms=90,91ms=10"},` +
			`"drift":0.01,"changes":[{"at":"20s","slower":3},{"at":"40s"},{"at":"50s","stopped":true}],"deadline":"30ms",` +
			`"then":[{"queue":{"kind":"block","capacity":"100"},"workers":10,"service":{"kind":"constant","value":"1ms"}},` +
			`{"queue":{"kind":"latest"},"workers":3,"service":{"kind":"exponential","mean":"10ms"},"batch":8,"setup":"5ms","allocate":"64KiB"}]}`,
	} {
		if got := string(s.Subjects[i].JSON()); got != want {
			t.Errorf("subject %d is\n%s\nwant\n%s", i, got, want)
		}
		if target, err := s.Subjects[i].Target(func(targets.TrialID) builtin.Env { return builtin.Env{} }); err != nil || !target.Info().Virtual {
			t.Errorf("subject %d is %v, %v; want a target that follows virtual time", i, target, err)
		}
	}
	c := s.Subjects[1].flow
	if p := c.Stages[0].Pace; p.Drift != 10_000 || p.Changes[0] != (sim.Change{At: 20 * time.Second, Slower: 3_000_000}) ||
		p.Changes[1].Slower != sim.One || p.Changes[2].Slower != 0 {
		t.Errorf("the pace is %+v", p)
	}
	policy, err := c.Stages[2].Policy()
	if err != nil || policy.Cap() != 1 || c.Stages[2].Workers != 3 || c.Deadline != 30*time.Millisecond {
		t.Errorf("the third stage is %+v behind %v, %v", c.Stages[2], policy, err)
	}
	if s := c.Stages[2]; s.Batch != 8 || s.Setup != 5*time.Millisecond || c.Stages[1].Batch != 1 {
		t.Errorf("the third stage takes %d at once with %v for it, the second %d; want 8, 5ms and 1", s.Batch, s.Setup, c.Stages[1].Batch)
	}
	if c.Stages[1].Service(7) != time.Millisecond || c.Stages[2].Service(7) == s.Subjects[0].flow.Stages[0].Service(7) {
		t.Error("service is not what was asked for, or stages draw the same")
	}
	if c.Stages[2].Allocate != 64<<10 || c.Stages[1].Allocate != 0 || !s.Allocates() {
		t.Errorf("the third stage allocates %d, the second %d; want 65536 and 0, and that it is known", c.Stages[2].Allocate, c.Stages[1].Allocate)
	}
	wantProblems(t, s.CheckVirtual(), "s.yaml:14:97: allocate is 64KiB, and virtual time has no memory")
}

// TestSameDraws: every pipeline of a scenario takes as long for an arrival as the
// others, and another seed takes otherwise.
func TestSameDraws(t *testing.T) {
	var drawn [3]time.Duration
	for i, head := range []string{"seed: 1\n", "seed: 1\n", "seed: 2\n"} {
		s, err := parse(t, head+limits+"subjects: [{pipeline: block}, {pipeline: latest}]\n")
		if err != nil {
			t.Fatal(err)
		}
		drawn[i] = s.Subjects[i%2].flow.Stages[0].Service(5)
	}
	if drawn[0] != drawn[1] || drawn[0] == drawn[2] {
		t.Errorf("service takes %v; want the first two alike, and not the third", drawn)
	}
}

// TestOracleIsTold: who builds a stage tells an oracle what service takes there and
// how the pace changes, whatever the stage; a batch takes as long as all of it.
func TestOracleIsTold(t *testing.T) {
	s, err := parse(t, limits+`subjects:
- pipeline: {kind: static-oracle, service: constant:10ms, changes: [{at: 1s, slower: 3}, {at: 2s, stopped: true}, {at: 3s}]}
- pipeline: {kind: block, then: [{queue: static-oracle, service: constant:3ms, batch: 3, setup: 1ms}]}
`)
	if err != nil {
		t.Fatal(err)
	}
	const ms = time.Millisecond
	for _, c := range []struct {
		stage     sim.Stage
		now, need time.Duration
	}{
		{s.Subjects[0].flow.Stages[0], 0, 10 * ms},
		{s.Subjects[0].flow.Stages[0], time.Second, 30 * ms},
		{s.Subjects[0].flow.Stages[0], 2900 * ms, 110 * ms},
		{s.Subjects[1].flow.Stages[1], 0, 10 * ms},
	} {
		for _, left := range []time.Duration{c.need - 1, c.need} {
			policy, err := c.stage.Policy()
			if err != nil {
				t.Fatal(err)
			}
			policy.Offer(c.now, &pipelines.Item{Deadline: pipelines.Forever})
			a := policy.Offer(c.now, &pipelines.Item{Deadline: c.now + left})
			if got, want := a.Verdict, map[bool]pipelines.Verdict{true: pipelines.Accepted, false: pipelines.Refused}[left >= c.need]; got != want {
				t.Errorf("at %v, an item with %v left is %v; want %v, as service ends %v later", c.now, left, got, want, c.need)
			}
		}
	}
}

// TestBadPipelines: all that is wrong is said, each with its place.
func TestBadPipelines(t *testing.T) {
	_, err := parse(t, limits+`subjects:
- pipeline: {kind: codle}
- pipeline: {kind: codel, capacity: 0, target: 0s}
- pipeline: {kind: codel, worker: 3}
- pipeline: {kind: block, workers: 0, service: exponential:0s, deadline: -1s}
- pipeline: {kind: block, drift: -1, changes: [{at: 1s, slower: -2}, {at: 2s, slower: 2, stopped: true}]}
- pipeline: {kind: block, changes: [{at: 2s, slower: 2}, {at: 1s}], then: [{workers: 0}, {queue: latest:3}, {queue: {kind: block}, capacity: 3}]}
- {pipeline: block, limiter: gcra:1/s}
- {pipeline: block, hold: constant:1s, classes: {a: {}}, limit: {rate: 1/s}}
- pipeline: {kind: weighted-priority, weights: '3,0', capacity: 1}
- pipeline: block:-1
- pipeline: {}
- pipeline: {kind: block, workers: 0, service: 10ms}
- pipeline: {kind: block, batch: 0, then: [{batch: -3, setup: -1ms}, {batch: 1048577}]}
- pipeline: {kind: block, allocate: -1B, then: [{allocate: 2GiB}]}
- pipeline: {kind: block, batch: 8, allocate: 16MiB}
- pipeline: {kind: block, allocate: 64MiB, control: calibrated, limiter: 'token-bucket:1000/s:10'}
- pipeline: {kind: block, allocate: much}
`)
	wantProblems(t, err,
		`s.yaml:4:13: pipeline kind "codle" is unknown; want one of codel,`,
		`s.yaml:5:13: capacity is 0; want 1 to 16777216`, `target is 0s; want a positive duration`,
		`s.yaml:6:27: key "worker" is unknown; want one of workers, service, batch, setup, allocate, drift, changes, deadline, limiter, control, then, kind, capacity, target, interval`,
		`s.yaml:7:48: mean is 0s; want 1 to 2^53-1`,
		`s.yaml:8:34: drift is -1; want 0 to 1000000`,
		`s.yaml:8:65: slower is -2; want more than 0`,
		`s.yaml:8:70: slower stands beside stopped; want one of them`,
		`s.yaml:9:13: change at 1s; want each later`,
		`s.yaml:16:34: batch is 0; want 1 to 1048576`, `s.yaml:16:52: batch is -3; want 1 to 1048576`, `s.yaml:16:63: setup: duration is "-1ms"; want 0 or more`, `s.yaml:16:78: batch is 1048577; want 1 to 1048576`,
		`s.yaml:17:37: allocate: `, `s.yaml:17:60: allocate is 2GiB; want 0B to 1GiB`,
		`s.yaml:18:13: allocate is 16MiB in stage 1, of 80 items that may be served at once; want at most 1GiB for all of them`,
		`s.yaml:19:13: allocate is 64MiB in stage 1, of 20 items that may be served at once`,
		`s.yaml:20:37: allocate: `,
	)
	for _, part := range []string{
		"workers is 0 in stage 1; want 1 to", "workers is 0 in stage 2; want 1 to", "1 arguments are given; want at most 0", `key "capacity" is unknown`, "want one of limiter, target, pipeline",
		"hold stands beside a pipeline", "classes stands beside a pipeline", "limit stands beside a pipeline",
		`weight is "0"; want 1 to 1000000`, "pipeline has no kind; want one of none", `service law kind "10ms" is unknown`,
	} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("problems are\n%v\nwant %s", err, part)
		}
	}
}
