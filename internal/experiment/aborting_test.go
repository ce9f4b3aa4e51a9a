package experiment

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/rounds"
	"github.com/fcbench/fcbench/results"
)

// TestAborted: a run is given up within a window of the instant from which it goes
// wrong, not before it is looked at, and whatever its warm-up.
func TestAborted(t *testing.T) {
	cases := []struct {
		name, rest    string
		least, before time.Duration // of the window, in which it is given up; 0 for never
	}{
		{"soon", "abort: {on: ['outcomes.rejected.share > 50%'], window: 1s, after: 1s}", 5100 * time.Millisecond, 5500 * time.Millisecond},
		{"of several", "abort: {on: ['outcomes.failed > 0', 'outcomes.rejected >= 60'], window: 1s, after: 0s}", 5600 * time.Millisecond, 6100 * time.Millisecond},
		{"late", "abort: {on: ['outcomes.rejected.share > 50%'], window: 1s, after: 8s}", 7900 * time.Millisecond, 8200 * time.Millisecond},
		{"by default", "abort: {on: ['outcomes.rejected.share > 70%']}", 7 * time.Second, 8000 * time.Millisecond},
		{"warm-up", "warmup: 5s\nduration: 5s\nabort: {on: ['outcomes.rejected.share > 50%'], window: 1s}", 100 * time.Millisecond, 500 * time.Millisecond},
		{"in the warm-up", "warmup: 9s\nduration: 1s\nabort: {on: ['outcomes.rejected.share > 50%'], window: 1s}", 0, 1},
		{"after a silence", "workload: {arrivals: 'stages:100ms@100,6s@0,4s@1'}\nabort: {on: ['outcomes.rejected.share > 50%'], window: 5s, after: 6s}", 0, 0},
		{"never", "abort: {on: ['outcomes.rejected.share > 90%'], window: 1s, after: 1s}", 0, 0},
	}
	for _, c := range cases[:rounds.Of(len(cases))] { // nothing else runs meanwhile
		t.Run(c.name, func(t *testing.T) {
			workload := "workload: {arrivals: 'stages:5s@10,5s@100'}\n"
			if strings.HasPrefix(c.rest, "workload") {
				workload = ""
			}
			p := planOf(t, "name: abort\n"+workload+"subjects: [{limiter: {kind: gcra, rate: 20/s}}]\n"+c.rest+"\n")
			p.Time = results.Virtual
			r := collect(t, p)["gcra"]
			gone := time.Duration(r.MeasuredNS)
			switch {
			case c.before == 0 && (r.Aborted != "" || r.Partial):
				t.Errorf("aborted after %v: %s; want it whole", gone, r.Aborted)
			case c.before > 0 && (!r.Partial || !strings.Contains(r.Aborted, " held over ") || gone < c.least || gone >= c.before):
				t.Errorf("after %v: %q; want it aborted within %v to %v", gone, r.Aborted, c.least, c.before)
			}
		})
	}
}

// TestAbortedByARequest: of a mix, one request that fails ends the run, though most are
// fine; one that nobody sends does not.
func TestAbortedByARequest(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/broken" {
			w.WriteHeader(http.StatusInternalServerError)
		}
	}))
	defer server.Close()
	for condition, want := range map[string]bool{
		"requests.broken.outcomes.failed.share > 50%": true, "requests.fine.outcomes.failed.share > 0%": false,
		"requests.fine.response_ok.p50 > 0s": true, "requests.broken.response_ok.p50 > 0s": false,
	} {
		duration := "300ms"
		if want { // it is over long before, however busy the machine is
			duration = "20s"
		}
		p := planOf(t, `name: abort
workload: {arrivals: 'constant:1k/s'}
subjects: [{target: {kind: http, url: '`+server.URL+`', requests: [{name: fine, weight: 9, path: /}, {name: broken, path: /broken}]}}]
duration: `+duration+`
abort: {on: ['`+condition+`'], window: 200ms, after: 100ms}
`)
		r := collect(t, p)["http"]
		if aborted := r.Aborted != ""; aborted != want || aborted && !strings.Contains(r.Aborted, condition+" held over 200ms") {
			t.Errorf("%s: %q after %v; want it aborted: %v", condition, r.Aborted, time.Duration(r.MeasuredNS), want)
		}
	}
}

// TestAbortedEndsTheSeries in real time, where something is spared by that.
func TestAbortedEndsTheSeries(t *testing.T) {
	const doc = `name: abort
workload: {arrivals: 'constant:1k/s'}
subjects: [{limiter: {kind: gcra, rate: 1/s}}]
duration: 10s
repeats: 3
abort: {on: ['outcomes.rejected.share > 50%'], window: 100ms, after: 100ms}
`
	for time, want := range map[results.Time]int{results.Real: 1, results.Virtual: 3} {
		p := planOf(t, doc)
		p.Time = time
		got := kept(t, p)
		if len(got.runs) != want {
			t.Errorf("%s time: %d runs; want %d", time, len(got.runs), want)
		}
		for _, r := range got.runs {
			if r.Aborted == "" || !r.Partial {
				t.Errorf("%s time: repeat %d has %d arrivals and was not aborted", time, r.Repeat, r.Offered)
			}
		}
	}
}
