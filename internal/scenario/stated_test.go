package scenario

import (
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/oracle"
	"github.com/fcbench/fcbench/limiters"
)

// service is the first subject of a scenario with a service behind a limit.
func service(t *testing.T, limit string) Subject {
	t.Helper()
	s, err := subjects(t, "constant:0", "  - {target: {kind: http, url: 'http://127.0.0.1/'}, limit: "+limit+"}\n")
	if err != nil {
		t.Fatal(err)
	}
	return s.Subjects[0]
}

// TestStatedLimit: what a service answers is held to the limit that it is said to
// have, key by key or over all; nobody knows when it decided.
func TestStatedLimit(t *testing.T) {
	for _, c := range []struct {
		limit                 string
		admitted, excess, bad int64
	}{
		{"{rate: 10/s, burst: 5}", 5, 0, 0},
		{"{rate: 10/s, burst: 5}", 8, 3, 2 * 3},
		{"{rate: 10/s, burst: 5, unkeyed: true}", 2, 0, 0},
		{"{rate: 10/s, burst: 5, unkeyed: true}", 4, 3, 3},
		{"{rate: 10/s}", 1, 0, 0},
		{"{rate: 600/m, burst: 5}", 5, 0, 0},
	} {
		s := service(t, c.limit)
		if s.Limits() || !s.Judged() {
			t.Error("the service is a limiter, or is not judged")
		}
		j := s.Oracle(nil)
		for _, key := range []string{"a", "b"} {
			for i := range 20 {
				j.Observe(oracle.Observation{Key: key, N: 1, At: limiters.Unknown, Returned: time.Nanosecond, Allowed: int64(i) < c.admitted})
				j.Observe(oracle.Observation{Key: key, N: 1, At: limiters.Unknown, Returned: time.Nanosecond, Errored: true})
			}
		}
		r, err := j.Report()
		if err != nil || r.Oracle != "bound" || r.Judged != 40 || r.FalseAdmits != c.bad || r.FalseDenials != 0 || int64(r.BurstExcess+0.5) != c.excess {
			t.Errorf("%s, %d admitted of each: %v, %+v; want an excess of %d and %d false admits", c.limit, c.admitted, err, r, c.excess, c.bad)
		}
	}
}

// TestStatedLimitIsInfo: shares between keys are compared with what the limit gives.
func TestStatedLimitIsInfo(t *testing.T) {
	got := service(t, "{rate: 60/m, burst: 5, unkeyed: true}").Info(nil)
	if want := (limiters.Limit{Rate: 60, Period: time.Minute, Burst: 5}); got.Limit != want || !got.Unkeyed {
		t.Errorf("info is %+v; want limit %+v, unkeyed", got, want)
	}
}

func TestStatedLimitProblems(t *testing.T) {
	for entry, want := range map[string]string{
		"{target: noop, limit: {rate: 1/s}}":                                             "s.yaml:5:27: limit stands beside noop, which nothing limits",
		"{target: 'delay:3ms:1:1', limit: {rate: 1/s}}":                                  "limit stands beside delay, which nothing limits",
		"{limiter: 'gcra:1/s:1', limit: {rate: 1/s}}":                                    "limit stands beside a limiter; want it among the limiter's values",
		"{target: {kind: http, url: 'http://127.0.0.1'}, limit: {burst: 5}}":             "rate is",
		"{target: {kind: http, url: 'http://127.0.0.1'}, limit: {rate: max, burst: 5}}":  "rate is",
		"{target: {kind: http, url: 'http://127.0.0.1'}, limit: {rate: 1/s, burst: 0}}":  "burst is 0; want at least 1",
		"{target: {kind: http, url: 'http://127.0.0.1'}, limit: {rate: 1/s, bursts: 5}}": `key "bursts" is unknown; want one of burst, rate, unkeyed`,
		"{target: {kind: http, url: 'http://127.0.0.1'}, limit: 5/s}":                    `is "5/s"; want a map with the keys rate, burst, unkeyed`,
		"{target: {kind: http, url: 'http://127.0.0.1'}, limit: [{rate: 5/s}]}":          "is a list; want a map with the keys rate, burst, unkeyed",
	} {
		_, err := subjects(t, "constant:0", "  - "+entry+"\n")
		wantProblems(t, err, want)
	}
	_, err := parse(t, "load: {model: closed, clients: 2}\nsubjects: [{target: {kind: http, url: 'http://127.0.0.1'}, limit: {rate: 5/s}}]\n")
	wantProblems(t, err, "limit stands beside a closed loop, which is not judged")
}
