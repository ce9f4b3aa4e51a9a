package scenario

import (
	"strings"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/strictyaml"
)

const two = `name: file
slo: 100ms
workload: {keys: 'uniform:10', size: 'constant:1KiB'}
workloads:
  calm: {arrivals: 'constant:10/s', size: 'constant:2KiB'}
  wild:
    streams: [{name: a, arrivals: 'constant:1/s'}, {name: b, arrivals: 'constant:2/s', keys: 'uniform:3'}]
    duration: 3s
    slo: 50ms
    load: {retry: {attempts: 2, on: [shed], wait: 1ms}}
    set: {pipeline.drift: 0.01, limiter.rate: 7/s}
quick: {workloads: [wild], subjects: [second]}
subjects:
- pipeline: {kind: block}
- {name: second, pipeline: {kind: latest}}
- limiter: gcra:5/s
- limiter: {kind: gcra, rate: 9/s}
`

func documentOf(t *testing.T, src string) *strictyaml.Node {
	t.Helper()
	doc, err := strictyaml.Parse("s.yaml", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// TestSeveralWorkloads: each is a scenario of its own, with what the file has for
// all of them.
func TestSeveralWorkloads(t *testing.T) {
	doc := documentOf(t, strings.Replace(two, "- limiter: gcra:5/s\n", "", 1))
	before := string(doc.ToJSON())
	docs, err := Several(doc)
	if err != nil || len(docs) != 2 {
		t.Fatalf("there are %d documents, %v; want 2", len(docs), err)
	}
	var all []*Scenario
	for _, one := range docs {
		s, err := New(one, false)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	calm, wild := all[0], all[1]
	if calm.Name != "file/calm" || wild.Name != "file/wild" || string(doc.ToJSON()) != before {
		t.Errorf("they are called %s and %s, and the document is changed: %t", calm.Name, wild.Name, string(doc.ToJSON()) != before)
	}
	for i, want := range []string{
		`{"arrivals":{"kind":"constant","rate":"10/s"},"keys":{"kind":"uniform","n":"10"},"size":{"kind":"constant","value":"2KiB"}}`,
		`{"streams":[{"name":"a","arrivals":{"kind":"constant","rate":"1/s"},"keys":{"kind":"uniform","n":"10"},"size":{"kind":"constant","value":"1KiB"}},` +
			`{"name":"b","arrivals":{"kind":"constant","rate":"2/s"},"keys":{"kind":"uniform","n":"3"},"size":{"kind":"constant","value":"1KiB"}}]}`,
	} {
		if got := string(all[i].WorkloadJSON()); got != want {
			t.Errorf("the workload of %s is\n%s\nwant\n%s", all[i].Name, got, want)
		}
	}
	if calm.Window != 10*time.Second || wild.Window != 3*time.Second || calm.SLO != 100*time.Millisecond || wild.SLO != 50*time.Millisecond || wild.Load.Retry.Attempts != 2 {
		t.Errorf("the windows are %v and %v, the slos %v and %v, the attempts %d", calm.Window, wild.Window, calm.SLO, wild.SLO, wild.Load.Retry.Attempts)
	}
	for i, want := range []int64{0, 10_000} {
		for _, sub := range all[i].Subjects[:2] {
			if got := sub.flow.Stages[0].Pace.Drift; got != want {
				t.Errorf("%s of %s drifts by %d; want %d", sub.Name, all[i].Name, got, want)
			}
		}
	}
	if rate := string(wild.Subjects[2].JSON()); !strings.Contains(rate, `"rate":"7/s"`) || !strings.Contains(string(calm.Subjects[2].JSON()), `"rate":"9/s"`) {
		t.Errorf("the limiter of the second is %s", rate)
	}
}

// TestOneWorkload: a document with one stays as it is.
func TestOneWorkload(t *testing.T) {
	doc := documentOf(t, good)
	docs, err := Several(doc)
	if err != nil || len(docs) != 1 || docs[0] != doc {
		t.Errorf("there are %d documents, %v; want the one", len(docs), err)
	}
	if _, err := New(documentOf(t, two), false); err == nil || err.Error() != "s.yaml:5:3: workloads make several scenarios of this one, and only one is wanted here; want a file with one workload" {
		t.Errorf("error is %v; want it to say that there are several", err)
	}
}

// TestOnly: what is named stays.
func TestOnly(t *testing.T) {
	for _, tt := range []struct {
		names               []string
		subjects, workloads int
	}{{[]string{"calm"}, 4, 1}, {[]string{"block", "second"}, 2, 2}, {[]string{"wild", "gcra"}, 2, 1}, {[]string{"calm", "wild", "second"}, 1, 2}} {
		doc := documentOf(t, two)
		if err := Only(doc, "--only", tt.names); err != nil {
			t.Errorf("%v: %v", tt.names, err)
		}
		if s, w := len(doc.Get("subjects").Items()), len(doc.Get("workloads").Items()); s != tt.subjects || w != tt.workloads {
			t.Errorf("%v leaves %d subjects and %d workloads; want %d and %d", tt.names, s, w, tt.subjects, tt.workloads)
		}
	}
	wantProblems(t, Only(documentOf(t, two), "--only", []string{"latest", "calmer", "wild"}),
		`--only: "latest" is neither a subject nor a workload; want some of`,
		`--only: "calmer" is neither a subject nor a workload; want some of calm,`)
	wantProblems(t, Only(documentOf(t, "name: x\n"), "--only", []string{"a"}), "there are no subjects or workloads to choose from")
}

// TestQuick: a document says itself what is quick.
func TestQuick(t *testing.T) {
	doc := documentOf(t, two)
	if ok, err := Quick(doc); !ok || err != nil || len(doc.Get("subjects").Items()) != 1 || doc.Get("workloads").Get("calm") != nil {
		t.Errorf("quick leaves %s, %t, %v; want the second subject and the wild workload", doc.ToJSON(), ok, err)
	}
	if ok, err := Quick(documentOf(t, good)); ok || err != nil {
		t.Errorf("quick is said, %t, %v; want it not to be", ok, err)
	}
	_, err := Quick(documentOf(t, strings.Replace(two, "[wild]", "[wide], workload: 3", 1)))
	wantProblems(t, err, `key "workload" is unknown`)
	_, err = Quick(documentOf(t, strings.Replace(two, "[wild]", "[wide]", 1)))
	wantProblems(t, err, `s.yaml:12:8: "wide" is neither a subject nor a workload; want some of wild,`)
}

// TestBadWorkloads: all that is wrong is said, each with its place.
func TestBadWorkloads(t *testing.T) {
	_, err := Several(documentOf(t, `name: x
workloads:
  a: 3
  b: {arival: 'constant:1/s'}
  c: {arrivals: 'constant:1/s', set: {limiter.rate: 3/s}}
  d: {arrivals: 'constant:1/s', set: 5}
subjects: [{target: noop}]
`))
	wantProblems(t, err, "s.yaml:3:6: workload a is no map", `s.yaml:4:15: key "arival" of workload b is unknown; want one of arrivals,`,
		"s.yaml:5:53: limiter.rate leads into every limiter, and no subject is one", "s.yaml:6:38: set is no map")
	_, err = Several(documentOf(t, "name: x\nworkloads: []\n"))
	wantProblems(t, err, "workloads is no map")
}
