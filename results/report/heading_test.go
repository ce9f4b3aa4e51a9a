package report_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/results/report"
)

// heading is what stands above the first table, with lines run on.
func heading(t *testing.T, all []results.Run) string {
	t.Helper()
	head, _, _ := strings.Cut(string(write(t, "table", all, report.Options{})), "\n\n")
	return strings.ReplaceAll(head, "\n", " ")
}

// odd is a run whose window did not end at a round time.
func odd(t *testing.T, change func(*results.Run)) []results.Run {
	all := runs(t, subject{name: "gcra", admit: 50, took: 80}, 1)
	change(&all[0])
	return all
}

func TestHeadingShowsTheExperiment(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*results.Run)
		want   []string
	}{
		"open": {func(r *results.Run) {
			r.Workload = json.RawMessage(`{"arrivals":{"kind":"burst","rate":"200/s","on":"50ms","off":"450ms"},` +
				`"keys":{"kind":"hotset","n":"100","hot_keys":"5","hot_share":0.8},"prefix":"x-",` +
				`"cost":{"kind":"uniform","min":"1","max":"5"},"size":{"kind":"constant","value":"512B"}}`)
		}, []string{
			"2,000 arrivals in 10s (200/s), burst rate 200/s on 50ms off 450ms, keys hotset n 100 hot_keys 5 hot_share 0.8,",
			"cost uniform min 1 max 5, size constant value 512B", "open loop, limit 100/s burst 20 per key,",
		}},
		"stages": {func(r *results.Run) {
			r.Workload = json.RawMessage(`{"arrivals":{"kind":"stages","stages":"300ms@50/s,200ms@200/s"}}`)
		}, []string{"(200/s), stages 300ms@50/s,200ms@200/s open loop"}},
		"odd times": {func(r *results.Run) { r.MeasuredNS = 1_210_000_007 }, []string{"2,000 arrivals in 1.21s ("}},
		"long":      {func(r *results.Run) { r.MeasuredNS = int64(83*time.Hour + 59e9 + 1) }, []string{"2,000 arrivals in 83h1m ("}},
		"cut short": {func(r *results.Run) {
			r.Offered, r.OfferedPerS, r.MeasuredNS, r.Partial = 601, 200.2, 3_002_345_678, true
		}, []string{"601 of 2,000 arrivals offered in 3.002s (200/s)"}},
		"closed": {func(r *results.Run) {
			r.Offered, r.Schedule.Arrivals = 1_234, 0
			r.Load = as[results.Load](`{"model":"closed","max_in_flight":64,"clients":30,"think":"10ms"}`)
		}, []string{"1,234 requests offered in 10s", "closed loop, max_in_flight 64, 30 clients, think 10ms, limit"}},
		"lanes": {func(r *results.Run) { r.Load = as[results.Load](`{"model":"open","lanes":8}`) }, []string{"open loop, 8 lanes, limit"}},
		"retries": {func(r *results.Run) {
			r.Load = as[results.Load](`{"model":"open","retry":{"on":["shed","timed_out"],"attempts":3,"backoff":{"base":"10ms","factor":2,"cap":"1s"},"budget":0.2}}`)
		}, []string{"open loop, retry attempts 3 on shed timed_out backoff 10ms factor 2 cap 1s budget 0.2, limit"}},
		"endless backoff": {func(r *results.Run) {
			r.Load = as[results.Load](`{"model":"open","retry":{"attempts":3,"backoff":{"base":"10ms","factor":1.5}}}`)
		}, []string{"open loop, retry attempts 3 backoff 10ms factor 1.5, limit"}},
		"steps": {func(r *results.Run) {
			r.Protocol = as[results.Protocol](`{"steps":[{"at":"5s","set":{"subject":"gcra","rate":"50/s"}}]}`)
		}, []string{"limit 100/s burst 20 per key at first"}},
		"usual cap":  {func(*results.Run) {}, []string{"open loop, limit"}},
		"low cap":    {func(r *results.Run) { r.Load = as[results.Load](`{"model":"open","max_in_flight":7}`) }, []string{"open loop, max_in_flight 7,"}},
		"judged":     {func(r *results.Run) { r.Protocol = as[results.Protocol](`{"warmup":"1s","slo":"5ms","timeout":"5s"}`) }, []string{"per key, warmup 1s, slo 5ms, real time"}},
		"burstless":  {func(r *results.Run) { r.Subject = json.RawMessage(`{"kind":"fixed-window","rate":"6/m"}`) }, []string{"limit 6/m per key"}},
		"no limiter": {func(r *results.Run) { r.Subject = json.RawMessage(`{"kind":"http","url":"http://x/"}`) }, []string{"open loop, real time"}},
		"nothing": {func(r *results.Run) {
			r.Workload, r.Load, r.Subject, r.Protocol = nil, results.Load{}, nil, results.Protocol{}
		}, []string{"2,000 arrivals in 10s (200/s) real time, n=1"}},
		"keys": {func(r *results.Run) {
			r.Keys = &results.KeyShares{Distinct: 1_234, TopShare: map[string]float64{"1": 0.25}}
		}, []string{"1,234 keys came, the busiest 25.0% of the time"}},
		"no keys": {func(r *results.Run) { r.Keys = &results.KeyShares{Distinct: 1_234, Untracked: 5} }, []string{"n 10000 open loop"}},
		"private redis": {func(r *results.Run) {
			r.Environment = as[results.Environment](`{"redis":"private redis 7.0.15 at /run/redis.sock"}`)
		}, []string{"Redis private redis 7.0.15"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := heading(t, odd(t, c.change))
			for _, want := range c.want {
				if !strings.Contains(got, want) {
					t.Errorf("heading is\n%s\nwant it to have\n%s", got, want)
				}
			}
			if strings.Contains(got, "4096") || strings.Contains(got, "/run/") {
				t.Errorf("heading tells what needs no telling:\n%s", got)
			}
		})
	}
}

// A heading is for all rows: what differs between them is a range.
func TestHeadingSpansTheRuns(t *testing.T) {
	all := append(runs(t, subject{name: "a", admit: 50, took: 80}, 1), runs(t, subject{name: "b", admit: 50, took: 80}, 1)...)
	for i := range all {
		all[i].Load = as[results.Load](`{"model":"closed","clients":3}`)
	}
	all[1].Offered, all[1].OfferedPerS, all[1].MeasuredNS = 9_000, 1000, 9e9
	if got, want := heading(t, all), "2,000..9,000 requests offered in 9s..10s (200..1,000/s)"; !strings.Contains(got, want) {
		t.Errorf("heading is\n%s\nwant it to have %s", got, want)
	}
}

// Whatever was asked for, the table begins in the sixth line at the latest.
func TestHeadingIsShort(t *testing.T) {
	var streams []string
	for i := range 40 {
		streams = append(streams, fmt.Sprintf(`{"name":"tenant-%d","arrivals":{"kind":"poisson","rate":"50/s"},"keys":{"kind":"uniform","n":"10"}}`, i))
	}
	for name, workload := range map[string]string{
		"streams": `{"streams":[` + strings.Join(streams, ",") + `]}`,
		"stages":  `{"arrivals":{"kind":"stages","stages":"` + strings.Repeat("30s@50/s,", 80) + `"},"keys":{"kind":"uniform","n":"1"}}`,
	} {
		all := odd(t, func(r *results.Run) {
			r.Workload = json.RawMessage(workload)
			r.Load = as[results.Load](`{"model":"closed","max_in_flight":100,"clients":100000,"think":"1m30s"}`)
			r.Protocol = as[results.Protocol](`{"warmup":"1m30s","slo":"1.5s","repeats":3}`)
			r.Schedule.Seed = 1<<64 - 1
		})
		head, _, _ := strings.Cut(string(write(t, "table", all, report.Options{})), "\n\n")
		if n := strings.Count(head, "\n") + 1; n > 5 || !strings.Contains(head, "…") {
			t.Errorf("%s: heading has %d lines; want at most 5, and a sign that some was left out:\n%s", name, n, head)
		}
		for line := range strings.Lines(head) {
			if n := utf8.RuneCountInString(strings.TrimSuffix(line, "\n")); n > 120 {
				t.Errorf("%s: line is %d columns wide; want at most 120: %s", name, n, line)
			}
		}
		if !strings.Contains(head, digest) || !strings.Contains(head, "2 cores") {
			t.Errorf("%s: heading lacks the schedule or the machine:\n%s", name, head)
		}
	}
}

func TestLoadsApart(t *testing.T) {
	all := append(runs(t, subject{name: "gcra", admit: 50, took: 80}, 1), runs(t, subject{name: "gcra", admit: 50, took: 80}, 1)...)
	all[1].Load = as[results.Load](`{"model":"closed","clients":3}`)
	if got := string(write(t, "table", all, report.Options{})); strings.Count(got, "Limiters on a server and in pools.") != 2 {
		t.Errorf("an open and a closed loop share a table:\n%s", got)
	}
}
