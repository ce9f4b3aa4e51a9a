package scenario

import (
	"strings"
	"testing"
	"time"
)

const disturbed = `name: file
seed: 7
slo: 100ms
timeout: 1s
workload: {keys: 'uniform:10'}
undisturbed: {arrivals: 'poisson:80/s', duration: 3s, set: {pipeline.changes: []}}
workloads:
  step: {arrivals: 'stages:9s@80,9s@200,9s@80', duration: 27s, timeout: 50ms}
  weak: {arrivals: 'poisson:80/s', set: {pipeline.changes: [{at: 2s, stopped: true}]}}
  apart: {streams: [{name: a, arrivals: 'poisson:1/s'}, {name: b, arrivals: 'poisson:2/s'}]}
  own: {streams: [{name: a, arrivals: 'poisson:9/s'}], undisturbed: {streams: [{name: a, arrivals: 'poisson:1/s'}]}}
  none: {arrivals: 'poisson:9/s', undisturbed: null}
subjects: [{pipeline: {kind: block}}, {name: second, pipeline: {kind: codel}}]
`

// undisturbedOf are the scenarios without overload of a file's workloads, by name.
func undisturbedOf(t *testing.T, file string) map[string]*Scenario {
	t.Helper()
	docs, err := Several(documentOf(t, file))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]*Scenario{}
	for _, doc := range docs {
		s, err := New(doc, false)
		if err != nil {
			t.Fatal(err)
		}
		all[strings.TrimPrefix(s.Name, "file/")] = s.Undisturbed
	}
	return all
}

// TestUndisturbed: what a file says of it is put over each workload, so that all else is
// as there; of streams only their own counts, and null is none.
func TestUndisturbed(t *testing.T) {
	all := undisturbedOf(t, disturbed)
	step, weak, own := all["step"], all["weak"], all["own"]
	if step == nil || weak == nil || own == nil || all["apart"] != nil || all["none"] != nil {
		t.Fatalf("undisturbed are %v; want those of step, weak and own", all)
	}
	const arrivals = `{"arrivals":{"kind":"poisson","rate":"80/s"},"keys":{"kind":"uniform","n":"10"}}`
	for name, s := range map[string]*Scenario{"step": step, "weak": weak} {
		if got := string(s.WorkloadJSON()); got != arrivals || s.Window != 3*time.Second || s.Seed != 7 || len(s.Subjects) != 2 || s.Undisturbed != nil {
			t.Errorf("%s has %s for %v under seed %d, %d subjects; want %s for 3s under 7, 2", name, got, s.Window, s.Seed, len(s.Subjects), arrivals)
		}
		if n := len(s.Subjects[0].flow.Stages[0].Pace.Changes); n != 0 {
			t.Errorf("the pace of %s has %d changes; want none", name, n)
		}
	}
	if step.Timeout[0] != 50*time.Millisecond || weak.Timeout[0] != time.Second {
		t.Errorf("the timeouts are %v and %v; want 50ms and 1s", step.Timeout, weak.Timeout)
	}
	if step.IdentityOf(step.Subjects[0]) == weak.IdentityOf(weak.Subjects[0]) {
		t.Error("two with different timeouts are taken for one")
	}
	same := undisturbedOf(t, strings.Replace(disturbed, ", timeout: 50ms", "", 1))
	if a, b := same["step"], same["weak"]; a.IdentityOf(a.Subjects[1]) != b.IdentityOf(b.Subjects[1]) {
		t.Errorf("one is taken for two:\n%s\n%s", a.IdentityOf(a.Subjects[1]), b.IdentityOf(b.Subjects[1]))
	}
}

// TestBadUndisturbed: its problems are said with their places, once.
func TestBadUndisturbed(t *testing.T) {
	for wrong, want := range map[string]string{
		`undisturbed: {arrivals: 'poisson:0/s', duration: 3s, set: {pipeline.changes: []}}`: "rate is 0/s",
		`undisturbed: {arrivls: 'poisson:8/s'}`:                                             `key "arrivls" of workload undisturbed is unknown`,
		`undisturbed: often`:                                                                "workload undisturbed is no map",
		`undisturbed: {duration: -3s}`:                                                      `s.yaml:6:25: duration is "-3s"; want 0 or more`,
		`undisturbed: {arrivals: 'poisson:8/s', set: {pipeline.changes: [{at: -2s}]}}`:      "",
	} {
		docs, err := Several(documentOf(t, strings.Replace(disturbed, `undisturbed: {arrivals: 'poisson:80/s', duration: 3s, set: {pipeline.changes: []}}`, wrong, 1)))
		if err == nil {
			_, err = New(docs[0], false)
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error is %v; want it to say %q", wrong, err, want)
		}
	}
}
