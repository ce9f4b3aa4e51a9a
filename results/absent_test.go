package results

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/units"
)

// TestWhatALineLacksIsAbsent: every number of the file that is null or missing
// is no data, and not 0, and is null when the run is written again.
func TestWhatALineLacksIsAbsent(t *testing.T) {
	full := fullRun(t)
	full.Intervals = full.Intervals[:2]
	whole := written(t, full)
	paths := map[string]string{
		"classes.quiet.offered": "classes.quiet.offered", "classes.noisy.outcomes.ok": "classes.noisy.outcomes.ok",
		"classes.quiet.response_ok.p99": "classes.quiet.response_ok.p99_ns", "classes.quiet.response_ok.count": "classes.quiet.response_ok.count",
	}
	for _, e := range catalogue {
		if e.key != "" {
			paths[e.Path] = e.key
		}
	}
	if len(paths) < 200 {
		t.Fatalf("%d metrics have a place in the file; want most of them", len(paths))
	}
	for path, key := range paths {
		if _, _, err := Value(full, path); err != nil {
			t.Errorf("%s: %v; want one that the whole run has", path, err)
		}
		for _, change := range []func(map[string]any, string){
			func(o map[string]any, name string) { o[name] = nil },
			func(o map[string]any, name string) { delete(o, name) },
		} {
			line := changed(t, whole, key, change)
			runs, err := ReadRuns(strings.NewReader(line), "f")
			if err != nil {
				t.Fatalf("%s: %v", path, err)
			}
			if v, _, err := Value(&runs[0], path); !errors.Is(err, ErrNoData) {
				t.Errorf("%s is %v, %v where the file has nothing at %s; want no data", path, v, err, key)
			}
			again, err := ReadRuns(strings.NewReader(written(t, &runs[0])), "f")
			if err != nil {
				t.Fatalf("%s: %v", path, err)
			}
			if v, _, err := Value(&again[0], path); !errors.Is(err, ErrNoData) {
				t.Errorf("%s is %v, %v when it was written again; want no data", path, v, err)
			}
		}
	}
}

// changed is the line with the number at key changed; keys may hold the names of classes.
func changed(t *testing.T, line, key string, change func(o map[string]any, name string)) string {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(line))
	d.UseNumber()
	var object map[string]any
	if err := d.Decode(&object); err != nil {
		t.Fatal(err)
	}
	steps := strings.Split(key, ".")
	part := object
	for _, step := range steps[:len(steps)-1] {
		next, ok := part[step].(map[string]any)
		if !ok {
			t.Fatalf("the file has no %s", key)
		}
		part = next
	}
	if _, has := part[steps[len(steps)-1]]; !has {
		t.Fatalf("the file has no %s", key)
	}
	change(part, steps[len(steps)-1])
	return string(plainJSON(object)) + "\n"
}

func TestNullsKeepTheOrderOfALine(t *testing.T) {
	line := strings.Replace(written(t, fullRun(t)), `"throughput_per_s":`, `"throughput_per_s":null,"was":`, 1)
	runs, err := ReadRuns(strings.NewReader(line), "f")
	if err != nil {
		t.Fatal(err)
	}
	again := written(t, &runs[0])
	if i := strings.Index(again, `"throughput_per_s":null,"goodput_per_s"`); i < 0 || !strings.HasPrefix(again, `{"schema":`) {
		t.Errorf("written again as %.900s", again)
	}
}

// virtual is a run in virtual time, of a subject in process whose calls take none.
func virtual(t *testing.T, run Run, samples []Sample) *Run {
	t.Helper()
	run.Time, run.InProcess = "virtual", true
	o := Options{Classes: []string{"a", "b"}, SLO: run.Protocol.SLO.Std()}
	s := NewShard(o)
	play(s, samples)
	m, err := Merge(o, s)
	if err != nil {
		t.Fatal(err)
	}
	m.Fill(&run, time.Second)
	return &run
}

// TestWhatNothingTimedIsAbsent: a call takes no time in virtual time, which is
// not 0 ns, and so nobody knows which answers were within the slo.
func TestWhatNothingTimedIsAbsent(t *testing.T) {
	slo := Protocol{SLO: units.Duration(time.Millisecond)}
	instant := []Sample{{Intended: 5, Released: 5, Started: 5, Done: 5, Outcome: OK}, {Intended: 6, Released: 6, Started: 6, Done: 6, Outcome: Rejected}}
	late := append(slices.Clone(instant), Sample{Intended: 7, Released: 7, Started: 7, Done: 9, Outcome: OK})
	times := []string{"response.ok.p99", "response.ok.p98", "service.ok.max", "service.rejected.p50", "send_delay.ok.mean", "response.ok.count", "classes.a.response_ok.p99"}
	for name, tt := range map[string]struct {
		run    *Run
		absent []string
		known  []string
	}{
		"in process":         {virtual(t, Run{}, instant), times, []string{"throughput", "goodput", "outcomes.ok", "classes.a.offered"}},
		"in process, an slo": {virtual(t, Run{Protocol: slo}, instant), append(slices.Clone(times), "goodput"), []string{"throughput", "outcomes.ok"}},
		"something waits":    {virtual(t, Run{Protocol: slo}, late), nil, append(slices.Clone(times), "goodput")},
		"retries":            {virtual(t, Run{Load: Load{Retry: &Retry{Attempts: 2}}}, instant), nil, times},
		"as older files have it": {
			&Run{
				Time: "virtual", InProcess: true, MeasuredNS: 1e9, Protocol: slo, GoodputPerS: perSecond(3),
				Latency: Latencies{Response: map[string]*Latency{"ok": {Count: 2}}},
			}, []string{"goodput", "response.ok.p99"}, []string{"throughput"},
		},
		"simulated": {
			&Run{Time: "virtual", Latency: Latencies{Response: map[string]*Latency{"ok": {Count: 2}}}},
			[]string{"goodput", "throughput"},
			[]string{"response.ok.p99"},
		},
		"no values":  {&Run{Latency: Latencies{Response: map[string]*Latency{"ok": {}}}}, []string{"response.ok.p99", "response.ok.p97", "response.ok.count"}, nil},
		"no cost":    {&Run{}, []string{"cost.cpu_per_op", "cost.allocs_per_op", "cost.gc_cycles", "cost.gc_pause", "cost.peak_rss"}, nil},
		"no garbage": {&Run{Cost: Cost{CPUNSPerOp: 5}}, nil, []string{"cost.cpu_per_op", "cost.allocs_per_op", "cost.gc_cycles", "cost.gc_pause"}},
	} {
		for _, path := range tt.absent {
			if v, _, err := Value(tt.run, path); !errors.Is(err, ErrNoData) {
				t.Errorf("%s: %s is %v, %v; want no data", name, path, v, err)
			}
		}
		for _, path := range tt.known {
			if _, _, err := Value(tt.run, path); err != nil {
				t.Errorf("%s: %v; want a number", name, err)
			}
		}
	}
	run := virtual(t, Run{Protocol: slo}, instant)
	for _, key := range []string{"goodput_per_s", "p50_ns", "p99_ns", "hdr", "null"} {
		if line := written(t, run); strings.Contains(line, key) {
			t.Errorf("the file has %s of what nothing timed: %.400s", key, line)
		}
	}
	if check := threshold(t, "response.ok.p99 < 1ns").Check(run); !check.NoData || check.OK || check.Standing() != Unknown {
		t.Errorf("a threshold on what nothing timed is %+v; want no data", check)
	}
}

func threshold(t *testing.T, text string) Threshold {
	t.Helper()
	th, err := ParseThreshold(text)
	if err != nil {
		t.Fatal(err)
	}
	return th
}

// TestQuietIntervalsHaveNoPercentiles: an interval without an answer took no 0 ns.
func TestQuietIntervalsHaveNoPercentiles(t *testing.T) {
	ms := time.Millisecond
	run := fill(t, Options{Window: 300 * ms}, 300*ms, []Sample{{Done: ms, Outcome: OK}, {Intended: 250 * ms, Released: 250 * ms, Started: 250 * ms, Done: 250 * ms, Outcome: OK}})
	var known []bool
	for _, i := range run.Intervals {
		known = append(known, i.P50NS != nil && i.P99NS != nil)
	}
	if want := []bool{true, false, true}; !slices.Equal(known, want) {
		t.Errorf("intervals with percentiles are %v; want %v", known, want)
	}
	if p := run.Intervals[2].P50NS; p == nil || *p != 0 {
		t.Errorf("an answer that took no time took %v; want 0", p)
	}
}

// TestThresholdsMindTheBuckets: what a bucket holds, its threshold holds.
func TestThresholdsMindTheBuckets(t *testing.T) {
	ms := time.Millisecond
	run := fill(t, Options{Classes: []string{"a", "b"}}, time.Second, []Sample{
		{Done: 3 * ms, Outcome: OK}, {Done: 10 * ms, Outcome: OK}, {Done: 20 * ms, Outcome: OK},
	})
	if v := run.Latency.Response["ok"].P50NS; v <= int64(10*ms) {
		t.Fatalf("p50 is %d; want the end of a bucket that begins before 10 ms", v)
	}
	for text, want := range map[string]bool{
		"response.ok.p50 <= 10ms": true, "response.ok.p50 < 10ms": true, "response.ok.p50 == 10ms": true, "response.ok.p50 >= 10ms": true,
		"response.ok.p50 > 10ms": true, "response.ok.p50 != 10ms": true, "classes.a.response_ok.p50 <= 10ms": true, "response.ok.p49 <= 10ms": true,
		"response.ok.p50 <= 9.98ms": false, "response.ok.p50 < 9.99ms": false, "response.ok.p50 > 10.02ms": false, "response.ok.p50 >= 10.02ms": false,
		"response.ok.p50 == 10.02ms": false, "response.ok.p50 != 11ms": true,
		// The extremes are exact, and no percentile lies beyond them.
		"response.ok.max <= 20ms": true, "response.ok.max < 20ms": false, "response.ok.p99 <= 20ms": true, "response.ok.p99 > 20ms": false,
		"response.ok.min >= 3ms": true, "response.ok.p05 >= 3ms": true, "response.ok.p05 < 3ms": false, "response.ok.mean <= 11ms": true, "response.ok.mean < 11ms": false,
		"outcomes.ok < 3": false, "outcomes.ok <= 3": true,
	} {
		if got := threshold(t, text).Check(run); got.OK != want || got.NoData {
			t.Errorf("%s is %t at %v; want %t", text, got.OK, got.Value, want)
		}
	}
}
