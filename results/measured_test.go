package results

import (
	"strings"
	"testing"
	"time"
)

// TestUndelayed: what was the generator's own is no part of what answers took, and
// of what nobody watched nothing is said.
func TestUndelayed(t *testing.T) {
	ms := time.Millisecond
	answer := func(own time.Duration, watched bool) Sample {
		return Sample{Intended: 0, Released: ms, Started: 2 * ms, Done: 10 * ms, Outcome: OK, Own: own, Watched: watched}
	}
	refused := answer(ms, true)
	refused.Outcome = Rejected
	for _, tt := range []struct {
		samples []Sample
		want    Generator
	}{
		{[]Sample{answer(4*ms, true)}, Generator{UndelayedCount: 1, UndelayedP50NS: int64(5 * ms), UndelayedP99NS: int64(5 * ms)}},
		{[]Sample{answer(4*ms, true), answer(0, true), answer(7*ms, false), refused}, Generator{UndelayedCount: 1, UndelayedP50NS: int64(5 * ms), UndelayedP99NS: int64(9 * ms)}},
		{[]Sample{answer(20*ms, true)}, Generator{UndelayedCount: 1}},
		{[]Sample{answer(4*ms, false), refused}, Generator{}},
		{[]Sample{answer(0, true), answer(0, true)}, Generator{}},
	} {
		s := NewShard(Options{})
		play(s, tt.samples)
		m, err := Merge(Options{}, s)
		if err != nil {
			t.Fatal(err)
		}
		var got Generator
		m.FillGenerator(&got)
		near := func(a, b int64) bool { return a >= b && a <= b+b/500 }
		if got.UndelayedCount != tt.want.UndelayedCount || !near(got.UndelayedP50NS, tt.want.UndelayedP50NS) || !near(got.UndelayedP99NS, tt.want.UndelayedP99NS) {
			t.Errorf("%+v; want %+v", got, tt.want)
		}
	}
}

func TestMergeOfShardsEqualsOneShard(t *testing.T) {
	o := Options{Warmup: time.Second, Classes: []string{"a", "b"}, SLO: time.Millisecond}
	samples := load{seed: 11, n: 20_000, from: o.Warmup, gap: 9 * time.Millisecond, keys: 300, classes: 2}.samples()
	one := fill(t, o, 3*time.Minute, samples)

	parts := make([]*Shard, 3)
	for i := range parts {
		parts[i] = NewShard(o)
	}
	for i := range samples {
		play(parts[min(i*5/len(samples), 2)], samples[i:i+1]) // the last gets most, and the longest
	}
	m, err := Merge(o, parts...)
	if err != nil {
		t.Fatal(err)
	}
	sum := new(Run)
	m.Fill(sum, 3*time.Minute)
	for i := range one.Intervals {
		one.Intervals[i].InFlight, sum.Intervals[i].InFlight = 0, 0 // known per loop only
	}
	same(t, sum, one)
	if len(one.Intervals) >= maxIntervals || one.Intervals[0].WidthNS == int64(firstInterval) {
		t.Errorf("%d intervals of %d ns: the widths did not double, so their merge is not tested", len(one.Intervals), one.Intervals[0].WidthNS)
	}
}

func TestFillOfNothing(t *testing.T) {
	run := fill(t, Options{}, 0, nil)
	if run.Offered != 0 || len(run.Outcomes) != len(Outcomes) || run.Keys != nil || len(run.Intervals) != 0 {
		t.Errorf("an empty run is %+v", run)
	}
}

func TestDecisionsCountAdmissionsAndRejections(t *testing.T) {
	run := fill(t, Options{}, time.Second, []Sample{
		{Outcome: OK}, {Outcome: OK, Mode: 1}, {Outcome: Rejected, Mode: 1}, {Outcome: Rejected, Mode: 2}, {Outcome: Failed, Mode: 3},
	})
	want := map[string]uint64{"primary": 1, "fail_open": 2, "fail_closed": 1, "local": 0}
	same(t, run.Decisions, want)
}

// TestPhasesAreMeasured: the parts of answers have histograms of their own, over all
// outcomes, of those that had them.
func TestPhasesAreMeasured(t *testing.T) {
	run := fill(t, Options{Phases: true}, time.Second, []Sample{
		{Done: 90, Outcome: OK, Phases: &Phases{Connect: 10, TLS: 20, FirstByte: 30}}, {Done: 50, Outcome: Failed, Phases: &Phases{FirstByte: 40}}, {Done: 10, Outcome: OK},
	})
	for path, want := range map[string]float64{
		"phases.connect.count": 1, "phases.connect.max": 10, "phases.tls.p50": 20, "phases.first_byte.count": 2, "phases.first_byte.min": 30, "phases.first_byte.p98": 40,
	} {
		if v, _, err := Value(run, path); err != nil || v != want {
			t.Errorf("%s is %v, %v; want %v", path, v, err, want)
		}
	}
	if run := fill(t, Options{}, time.Second, []Sample{{Done: 10, Outcome: OK}}); run.Latency.Phases != nil {
		t.Errorf("nobody asked, and phases are %+v", run.Latency.Phases)
	}
	if _, _, err := Value(run, "phases.ok.p99"); err == nil {
		t.Error("phases.ok.p99 is a metric; want none")
	}
}

// TestRequestsAreKeptApart: of a mix, what became of each request stands beside what
// became of all, also of those that were never sent.
func TestRequestsAreKeptApart(t *testing.T) {
	samples := []Sample{
		{Done: 10, Outcome: OK, Kind: 1}, {Done: 30, Outcome: OK}, {Done: 50, Outcome: OK}, {Outcome: Rejected}, {Outcome: Failed, Kind: 1}, {Outcome: Unsent, Kind: 1},
	}
	run := fill(t, Options{Requests: []string{"search", "a.b"}}, time.Second, samples)
	search, other := run.Requests["search"], run.Requests["a.b"]
	if search.Offered != 3 || other.Offered != 3 || search.Outcomes["rejected"] != 1 || other.Outcomes["failed"] != 1 || other.Outcomes["unsent"] != 1 ||
		search.Response.MinNS != 30 || other.Response.MaxNS != 10 || other.Response.Count != 1 || run.Classes != nil {
		t.Errorf("requests are %+v", run.Requests)
	}
	for path, want := range map[string]float64{
		"requests.search.offered": 3, "requests.a.b.outcomes.ok": 1, "requests.search.outcomes.rejected.share": 1. / 3, "requests.search.response_ok.max": 50, "requests.a.b.response_ok.p99": 10,
	} {
		if v, _, err := Value(run, path); err != nil || v != want {
			t.Errorf("%s is %v, %v; want %v", path, v, err, want)
		}
	}
	if _, _, err := Value(run, "requests.search.p99"); err == nil || !strings.Contains(err.Error(), "want requests.NAME.offered") {
		t.Errorf("requests.search.p99: %v; want the paths that there are", err)
	}
	if run := fill(t, Options{Requests: []string{"only"}}, time.Second, []Sample{{Done: 10, Outcome: OK}}); run.Requests != nil {
		t.Errorf("one request is listed: %+v", run.Requests)
	}
}

func TestClassesAreKeptApart(t *testing.T) {
	samples := []Sample{
		{Done: 10, Outcome: OK, Class: 0}, {Done: 30, Outcome: OK, Class: 1}, {Done: 50, Outcome: OK, Class: 1}, {Outcome: Rejected, Class: 1},
	}
	run := fill(t, Options{Classes: []string{"quiet", "noisy"}}, time.Second, samples)
	quiet, noisy := run.Classes["quiet"], run.Classes["noisy"]
	if quiet.Offered != 1 || noisy.Offered != 3 || noisy.Outcomes["rejected"] != 1 || quiet.Response.MaxNS != 10 || noisy.Response.MinNS != 30 {
		t.Errorf("classes are %+v", run.Classes)
	}
	if all := run.Latency.Response["ok"]; all.Count != 3 || all.MinNS != 10 || all.MaxNS != 50 {
		t.Errorf("response over classes is %+v", all)
	}
	if run := fill(t, Options{Classes: []string{"only"}}, time.Second, samples); run.Classes != nil {
		t.Errorf("one class is listed: %+v", run.Classes)
	}
}
