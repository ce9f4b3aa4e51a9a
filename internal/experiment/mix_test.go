package experiment

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/fcbench/fcbench/results"
)

// TestMixes: a service gets the requests that were drawn, the same by either engine
// and by any number of lanes, and the result tells them, and the phases of answers, apart.
func TestMixes(t *testing.T) {
	var mu sync.Mutex
	traces := map[string]string{} // what was asked for in each
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		traces[r.Header.Get("traceparent")] = r.URL.Path
		mu.Unlock()
		if r.URL.Path == "/broken" {
			w.WriteHeader(http.StatusInternalServerError)
		}
	}))
	defer server.Close()
	const doc = `name: mix
workload: {streams: [{name: many, arrivals: 'constant:1k/s'}, {name: few, arrivals: 'constant:100/s', request: search}]}
subjects:
  - target:
      kind: http
      url: %s
      engine: %s
      traceparent: true
      phases: true
      requests: [{name: search, weight: 3, path: /search}, {name: broken, path: /broken}]
load: {lanes: %d}
duration: 200ms
`
	var first map[string]uint64
	digests := map[string]bool{}
	var traced map[string]string
	for _, c := range []struct {
		engine string
		lanes  int
	}{{"event", 1}, {"event", 2}, {"portable", 1}} {
		r := collect(t, planOf(t, fmt.Sprintf(doc, server.URL, c.engine, c.lanes)))["http"]
		digests[r.Schedule.Requests] = true
		search, broken := r.Requests["search"], r.Requests["broken"]
		if search.Offered+broken.Offered != r.Offered || search.Outcomes["ok"] != search.Offered || broken.Outcomes["failed"] != broken.Offered ||
			search.Response == nil || uint64(search.Response.Count) != search.Offered || broken.Response != nil {
			t.Errorf("%+v: of %d arrivals search has %+v, broken %+v", c, r.Offered, search, broken)
		}
		if first, connect := r.Latency.Phases["first_byte"], r.Latency.Phases["connect"]; first == nil || uint64(first.Count) != r.Offered || connect == nil || connect.Count == 0 {
			t.Errorf("%+v: of %d arrivals the phases are %+v", c, r.Offered, r.Latency.Phases)
		}
		counts := map[string]uint64{"search": search.Offered, "broken": broken.Offered, "failed of few": r.Classes["few"].Outcomes[results.Failed.String()]}
		mu.Lock()
		if first == nil {
			first, traced = counts, traces
		}
		if !maps.Equal(traces, traced) || uint64(len(traces)) != r.Offered {
			t.Errorf("%+v: %d traces of %d arrivals, the same as before: %v", c, len(traces), r.Offered, maps.Equal(traces, traced))
		}
		traces = map[string]string{}
		mu.Unlock()
		if !maps.Equal(counts, first) || broken.Offered < 20 || broken.Offered > 90 || counts["failed of few"] > 0 {
			t.Errorf("%+v: %v; want %v, of 200 about a fourth broken", c, counts, first)
		}
	}
	if len(digests) != 1 || digests[""] {
		t.Errorf("the digests of the requests are %v; want one", digests)
	}
}
