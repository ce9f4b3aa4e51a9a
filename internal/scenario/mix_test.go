package scenario

import (
	"math"
	"strings"
	"testing"

	"github.com/fcbench/fcbench/internal/strictyaml"
)

const aMix = `
subjects:
  - target:
      kind: http
      url: 'http://127.0.0.1:80'
      headers: {Cookie: all}
      requests:
        - {name: search, weight: 7, path: '/search?q={key}&token=abc'}
        - {name: buy, weight: 2, method: POST, path: /orders, body: '{}', headers: {Authorization: def}, check: {status: 200}}
        - {name: rare, path: /rare}
`

// TestMixIsDrawn by the weights, by the seed alone and place by place; a stream that
// names a request has no other.
func TestMixIsDrawn(t *testing.T) {
	streams := "name: m\nworkload: {streams: [{name: a, arrivals: 'constant:1/s'}, {name: b, arrivals: 'constant:1/s', request: buy}]}\n"
	s, err := parse(t, streams+aMix)
	if err != nil {
		t.Fatal(err)
	}
	again, _ := parse(t, streams+aMix)
	other, _ := parse(t, "seed: 2\n"+streams+aMix)
	kind, kindAgain, kindOther := s.Subjects[0].Kinds(), again.Subjects[0].Kinds(), other.Subjects[0].Kinds()
	if got := strings.Join(s.Subjects[0].Requests(), " "); got != "search buy rare" {
		t.Errorf("requests are %s", got)
	}
	const n = 100_000
	counts, differs := [3]int{}, 0
	for seq := range uint64(n) {
		k := kind(seq, 0)
		counts[k]++
		if k != kindAgain(seq, 0) || kind(seq, 1) != 1 {
			t.Fatalf("arrival %d is request %d, then %d, and %d in the stream of buy", seq, k, kindAgain(seq, 0), kind(seq, 1))
		}
		if k != kindOther(seq, 0) {
			differs++
		}
	}
	for k, share := range [3]float64{.7, .2, .1} {
		if off := float64(counts[k]) - share*n; math.Abs(off) > 5*math.Sqrt(n*share*(1-share)) {
			t.Errorf("request %d is drawn %d times of %d; want a share of %v", k, counts[k], n, share)
		}
	}
	if differs < n/4 {
		t.Errorf("another seed draws %d of %d otherwise; want about half", differs, n)
	}
	if n := testing.AllocsPerRun(100, func() { kind(7, 0) }); n > 0 {
		t.Errorf("%v allocations for a draw", n)
	}
}

// TestMixIsWrittenDown as it reads back, without secrets.
func TestMixIsWrittenDown(t *testing.T) {
	s, err := parse(t, "name: m\nworkload: {arrivals: 'constant:1/s', request: rare}\n"+aMix)
	if err != nil {
		t.Fatal(err)
	}
	if kind := s.Subjects[0].Kinds(); kind(0, 0) != 2 || kind(1, 0) != 2 {
		t.Error("a stream without a name has another request than the one it names")
	}
	got := string(s.Subjects[0].JSON())
	for _, part := range []string{
		`"requests":[{"name":"search","weight":7,"path":"/search?q={key}&token=redacted"}`, `"headers":{"Authorization":"redacted"},"body":"{}","check":{"status":"200"}`, `{"name":"rare","path":"/rare"}`,
	} {
		if !strings.Contains(got, part) {
			t.Errorf("subject is %s; want %s in it", got, part)
		}
	}
	if workload := string(s.WorkloadJSON()); !strings.Contains(workload, `"request":"rare"`) {
		t.Errorf("workload is %s; want the request in it", workload)
	}
	if got == "" || strings.Contains(got, "abc") || strings.Contains(got, "def") || strings.Contains(got, `"all"`) {
		t.Errorf("a secret is told by %s", got)
	}
	stored, err := strictyaml.Parse("r.jsonl", s.Subjects[0].JSON())
	if err != nil {
		t.Fatal(err)
	}
	p := &parser{}
	p.refuseRedacted(stored, stored)
	wantProblems(t, p.problems.Err(), `query parameter token of the path is "redacted"`, "header Authorization", "header Cookie")
}

func TestMixProblems(t *testing.T) {
	_, err := parse(t, "name: m\nworkload: {streams: [{name: a, arrivals: 'constant:1/s', request: bye}]}\nthresholds: ['requests.sell.offered > 1']\n"+aMix)
	wantProblems(t, err, `requests has no "bye", which a stream of the workload names; want it among search, buy, rare`, `threshold "requests.sell.offered > 1" names request "sell"; want one of a subject's requests`)
	_, err = parse(t, "name: m\nworkload: {arrivals: 'constant:1/s', request: buy}\nsubjects: [{target: noop}]\n")
	wantProblems(t, err, `a stream names request "buy", and no subject has requests`)
	_, err = parse(t, "name: m\nworkload: {arrivals: 'constant:1/s', request: buy}\nsubjects: [{target: {kind: http, url: 'http://127.0.0.1'}}]\n")
	wantProblems(t, err, `a stream names request "buy", and no subject has requests`)
	_, err = parse(t, "name: m\nworkload: {arrivals: 'constant:1/s'}\nsubjects: [{target: {kind: http, url: 'http://127.0.0.1', requests: [{name: a, path: /, weight: -1}, {name: b, path: /, weight: 0.5}]}}]\n")
	wantProblems(t, err, `weight is "-1"; want a whole number`, `weight is "0.5"`)
}
