package report_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/results"
)

// subject describes a hand-made trial; the numbers of a run follow from it.
type subject struct {
	name      string
	inProcess bool
	admit     int // of 100 arrivals
	took      time.Duration
	accuracy  results.Accuracy
	jitter    float64 // share by which each further repeat is slower
}

const (
	digest   = "5d41402abc4b2a76b9719d911017c592"
	arrivals = 2_000
)

// runs makes the repeats of one subject.
func runs(t testing.TB, s subject, repeats int) []results.Run {
	t.Helper()
	var out []results.Run
	for repeat := range repeats {
		out = append(out, run(t, s, repeat))
	}
	return out
}

func run(t testing.TB, s subject, repeat int) results.Run {
	t.Helper()
	slower := 1 + s.jitter*float64(repeat)
	accuracy := s.accuracy
	accuracy.Oracle, accuracy.ObservedShare = "token-bucket", 1
	if accuracy.Compared == nil {
		accuracy.Compared = new(results.Compared)
	}
	if accuracy.MostPerPeriod == nil {
		accuracy.MostPerPeriod = &results.MostPerPeriod{PeriodNS: 1e9, Admitted: 100, Asked: 100}
		if !strings.Contains(s.name, "window") {
			accuracy.MostPerPeriod.Admitted, accuracy.MostPerPeriod.Burst = 119, 20
		}
	}
	if accuracy.Compared.Entitled == 0 {
		admitted := float64(arrivals * s.admit / 100)
		compared := *accuracy.Compared
		compared.Admitted, compared.Entitled = int64(admitted), int64(admitted/(1+compared.RateError)+0.5)
		accuracy.Compared = &compared
	}
	r := results.Run{
		Schema: results.Schema, Scenario: "burst-limiters", Trial: s.name, Repeat: repeat + 1, Order: repeat + 1,
		Time: "real", InProcess: s.inProcess,
		Subject:     json.RawMessage(fmt.Sprintf(`{"kind":%q,"rate":"100/s","burst":"20"}`, s.name)),
		Workload:    json.RawMessage(`{"arrivals":{"kind":"burst","rate":"200/s"},"keys":{"kind":"zipf","exponent":1.1,"n":"10000"}}`),
		Load:        results.Load{Model: "open", MaxInFlight: 4096},
		Protocol:    results.Protocol{Duration: units.Duration(10 * time.Second), Repeats: 1},
		Schedule:    results.ScheduleInfo{Seed: 42, Digest: digest, Arrivals: arrivals},
		Environment: results.Environment{Go: "go1.26.8", OS: "linux", Arch: "amd64", CPU: "AMD EPYC 7B13", Cores: 2, GOMAXPROCS: 2, ClockRead: 26.1},
		StartedAt:   time.Date(2026, 1, 2, 3, 4, 5, 500e6, time.UTC).Add(time.Duration(repeat) * time.Minute),
		Accuracy:    &accuracy,
		Validity:    results.Validity{Verdict: results.Valid},
	}
	if s.inProcess {
		perOp := float64(s.took) * slower * 0.8
		r.Cost.Saturated = &results.Saturated{Ops: 1e6, NSPerOp: perOp, CPUNSPerOp: perOp * 1.02}
	}
	measure(t, &r, s, slower)
	return r
}

// measure fills r as the runner would: every hundredth answer takes eight
// times as long as the others.
func measure(t testing.TB, r *results.Run, s subject, slower float64) {
	t.Helper()
	options := results.Options{Window: 10 * time.Second}
	shard := results.NewShard(options)
	for i := range arrivals {
		due := time.Duration(i) * 10 * time.Second / arrivals
		took := time.Duration(float64(s.took) * slower)
		if i%100 == 0 {
			took *= 8
		}
		sample := results.Sample{Intended: due, Released: due + 100, Started: due + 150, Done: due + 150 + took, Outcome: results.OK, Cost: 1}
		if i%100 >= s.admit {
			sample.Outcome, sample.Cause = results.Rejected, "limit"
		}
		shard.Offer(due, 0, 0, 1)
		shard.Record(&sample)
	}
	measured, err := results.Merge(options, shard)
	if err != nil {
		t.Fatal(err)
	}
	measured.Fill(r, 10*time.Second)
}

// comparison is a scenario like the built-in one: local limiters, of which one
// is wrong and one badly measured, and one behind Redis.
func comparison(t testing.TB) []results.Run {
	t.Helper()
	var all []results.Run
	for _, s := range []subject{
		{name: "token-bucket", inProcess: true, admit: 36, took: 71, jitter: 0.02},
		{name: "leaky-bucket", inProcess: true, admit: 36, took: 74, jitter: 0.03},
		{name: "gcra", inProcess: true, admit: 36, took: 66, jitter: 0.01},
		{
			name: "fixed-window", inProcess: true, admit: 52, took: 64, jitter: 0.06,
			accuracy: results.Accuracy{Compared: &results.Compared{RateError: 0.4431, BurstExcess: 98}},
		},
		{
			name: "sliding-window-log", inProcess: true, admit: 31, took: 143, jitter: 0.12,
			accuracy: results.Accuracy{Compared: &results.Compared{RateError: -0.1388}},
		},
		{
			name: "off-by-one", inProcess: true, admit: 37, took: 66, jitter: 0,
			accuracy: results.Accuracy{FalseAdmits: 212, Compared: &results.Compared{RateError: 0.0283, BurstExcess: 1}},
		},
		{name: "redis-token-bucket", admit: 36, took: 61_300, jitter: 0.04},
		{name: "redis-gcra", admit: 36, took: 58_900, jitter: 0.05},
	} {
		all = append(all, runs(t, s, 3)...)
	}
	trouble(all)
	return all
}

// pair is the least that has two trials and two repeats.
func pair(t testing.TB) []results.Run {
	t.Helper()
	return append(
		runs(t, subject{name: "gcra", inProcess: true, admit: 36, took: 66}, 2),
		runs(t, subject{name: "redis-gcra", admit: 36, took: 58_900, jitter: 0.05}, 2)...)
}

// trouble spoils some of the runs.
func trouble(all []results.Run) {
	for i := range all {
		r := &all[i]
		switch {
		case r.Trial == "sliding-window-log" && r.Repeat == 2:
			r.Validity = results.Validity{Verdict: results.Suspect, Reasons: []string{"cpu throttled for 12 ms"}}
		case r.Trial == "redis-gcra" && r.Repeat == 3:
			r.Validity = results.Validity{Verdict: results.Invalid, Reasons: []string{"send delay p99 is 3.2 ms; want at most 1 ms"}}
			r.Accuracy.ObservedShare = 0.973
			r.Accuracy.FalseAdmits = 3
		case r.Trial == "redis-token-bucket":
			r.Warnings = []string{"redis-server runs on the same two cores"}
		}
	}
}

// as is a part of a run as a file has it.
func as[T any](object string) (part T) {
	if err := json.Unmarshal([]byte(object), &part); err != nil {
		panic(err)
	}
	return part
}
