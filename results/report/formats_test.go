package report_test

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
	"golang.org/x/perf/benchfmt"

	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/results/report"
)

func TestEveryFormatReportsAFullDisk(t *testing.T) {
	runs := pair(t)
	for _, f := range report.Formats() {
		if f.Doc == "" {
			t.Errorf("format %s has no doc", f.Name)
		}
		if err := f.Write(full{}, runs, report.Options{Histogram: "redis-gcra.response.ok"}); !errors.Is(err, errFull) {
			t.Errorf("%s on a full disk: error is %v; want %v", f.Name, err, errFull)
		}
	}
}

var errFull = errors.New("no space left")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestEveryFormatTakesNoRuns(t *testing.T) {
	for _, f := range report.Formats() {
		if err := f.Write(io.Discard, nil, report.Options{}); err != nil {
			t.Errorf("%s: %v", f.Name, err)
		}
	}
}

func TestBrokenHistogramIsAnError(t *testing.T) {
	for _, format := range []string{"table", "hlog", "hgrm"} {
		runs := runs(t, subject{name: "gcra", inProcess: true, admit: 50, took: 80}, 1)
		runs[0].Latency.Service["ok"].HDR = "HISTFAAAA"
		for _, f := range report.Formats() {
			if f.Name != format {
				continue
			}
			err := f.Write(io.Discard, runs, report.Options{Histogram: "service.ok"})
			if err == nil || !strings.Contains(err.Error(), "gcra") {
				t.Errorf("%s: error is %v; want one that names gcra", format, err)
			}
		}
	}
}

func TestDecisionTimeCountsEveryDecision(t *testing.T) {
	// A tenth admitted slowly, the rest refused quickly: the median of all
	// decisions is the refusals', the p99 the admissions'.
	r := runs(t, subject{name: "x", inProcess: true, admit: 50, took: 80}, 1)[0]
	quick, slow := histogram(t, 900, 50), histogram(t, 100, 900)
	r.Latency.Service = map[string]*results.Latency{"ok": slow, "rejected": quick, "failed": histogram(t, 5000, 7)}
	got := string(write(t, "gobench", []results.Run{r}, report.Options{}))
	if !strings.Contains(got, " 50 p50-ns 900 p99-ns") {
		t.Errorf("want p50 50 ns and p99 900 ns in\n%s", got)
	}
}

// histogram holds n equal values.
func histogram(t *testing.T, n, ns int) *results.Latency {
	t.Helper()
	options := results.Options{Window: time.Second}
	shard := results.NewShard(options)
	for range n {
		shard.Offer(0, 0, 0, 1)
		shard.Record(&results.Sample{Done: time.Duration(ns), Outcome: results.OK})
	}
	measured, err := results.Merge(options, shard)
	if err != nil {
		t.Fatal(err)
	}
	var r results.Run
	measured.Fill(&r, time.Second)
	return r.Latency.Service["ok"]
}

func TestGoBenchIsReadByBenchfmt(t *testing.T) {
	runs := pair(t)
	runs[0].Trial = "odd name/with-8"
	reader := benchfmt.NewReader(bytes.NewReader(write(t, "gobench", runs, report.Options{})), "test")
	var names []string
	for reader.Scan() {
		switch rec := reader.Result().(type) {
		case *benchfmt.SyntaxError:
			t.Error(rec)
		case *benchfmt.Result:
			names = append(names, string(rec.Name))
			if got := rec.GetConfig("digest"); got != digest {
				t.Errorf("digest is %q; want %q", got, digest)
			}
			if rec.Iters != arrivals {
				t.Errorf("iterations are %d; want %d", rec.Iters, arrivals)
			}
		}
	}
	if len(names) != len(runs) {
		t.Errorf("benchfmt reads %d results; want %d", len(names), len(runs))
	}
	if want := "BurstLimiters/trial=odd_name_with-8-2"; names[0] != want {
		t.Errorf("name is %s; want %s", names[0], want)
	}
	if better := reader.Units().Get("p99-ns", "better"); better == nil || better.Value != "lower" {
		t.Errorf("p99-ns is better %v; want lower", better)
	}
}

// benchstat cannot tell better from worse without a declaration, and one
// without values is a promise not kept.
func TestGoBenchDeclaresWhatItWrites(t *testing.T) {
	reader := benchfmt.NewReader(bytes.NewReader(write(t, "gobench", pair(t), report.Options{})), "test")
	written := map[string]bool{}
	for reader.Scan() {
		if res, ok := reader.Result().(*benchfmt.Result); ok {
			for _, v := range res.Values {
				written[cmp.Or(v.OrigUnit, v.Unit)] = true
			}
		}
	}
	declared := map[string]bool{}
	for _, u := range reader.Units() {
		declared[u.OrigUnit] = true
	}
	if !maps.Equal(written, declared) || !written["goodput/s"] {
		t.Errorf("units written are %v, declared %v; want the same", written, declared)
	}
}

// Logs outlive the tables beside them, so they must say themselves what they
// are of.
func TestLogsSayWhatIsSimulated(t *testing.T) {
	all := pair(t)
	for _, format := range []string{"hlog", "hgrm"} {
		before := write(t, format, all, report.Options{Histogram: "redis-gcra.response.ok"})
		all[2].Simulated, all[3].Simulated = true, true
		after := write(t, format, all, report.Options{Histogram: "redis-gcra.response.ok"})
		all[2].Simulated, all[3].Simulated = false, false
		var rest []string
		for line := range strings.Lines(string(after)) {
			if !strings.HasPrefix(line, "#[simulated: ") {
				rest = append(rest, line)
			}
		}
		if bytes.Equal(before, after) || strings.Join(rest, "") != string(before) {
			t.Errorf("%s: want the same log but for comments that say what is simulated:\n%s", format, after)
		}
	}
	all[2].Simulated = true
	if log := string(write(t, "hlog", all, report.Options{})); !strings.Contains(log, "#[simulated: redis-gcra on a stand-in") {
		t.Errorf("the log does not name what is simulated: %.200s", log)
	}
}

func TestGoBenchValuesSurvive(t *testing.T) {
	r := runs(t, subject{name: "redis-gcra", admit: 36, took: 58_900}, 1)
	reader := benchfmt.NewReader(bytes.NewReader(write(t, "gobench", r, report.Options{})), "test")
	for reader.Scan() {
		res, ok := reader.Result().(*benchfmt.Result)
		if !ok {
			continue
		}
		p99 := slices.IndexFunc(res.Values, func(v benchfmt.Value) bool { return v.OrigUnit == "p99-ns" })
		if p99 < 0 || res.Values[p99].OrigValue != float64(r[0].Latency.Response["ok"].P99NS) {
			t.Errorf("values are %v; want a p99 of %d ns", res.Values, r[0].Latency.Response["ok"].P99NS)
		}
	}
}

func TestHdrLogReadsBack(t *testing.T) {
	all := pair(t)
	all[0].Trial = ",odd name,"
	var want []string
	log := hdrhistogram.NewHistogramLogReader(bytes.NewReader(write(t, "hlog", all, report.Options{})))
	slices.SortStableFunc(all, func(a, b results.Run) int { return a.StartedAt.Compare(b.StartedAt) })
	for _, r := range all {
		trial := strings.NewReplacer(",", "_", " ", "_").Replace(r.Trial)
		for _, kind := range []string{"response", "service", "send_delay"} {
			for _, outcome := range []string{"ok", "rejected"} {
				want = append(want, trial+"."+kind+"."+outcome)
			}
		}
	}
	for i, tag := range want {
		h, err := log.NextIntervalHistogram()
		if err != nil || h == nil {
			t.Fatalf("histogram %d of %d: %v", i, len(want), err)
		}
		r := all[i/6]
		if h.Tag() != tag || h.StartTimeMs() != r.StartedAt.UnixMilli() || h.EndTimeMs() != r.StartedAt.UnixMilli()+10_000 {
			t.Errorf("histogram %d is %s from %d to %d; want %s from %d, for 10 s", i, h.Tag(), h.StartTimeMs(), h.EndTimeMs(), tag, r.StartedAt.UnixMilli())
		}
		outcome := tag[strings.LastIndex(tag, ".")+1:]
		if h.TotalCount() != int64(r.Outcomes[outcome]) {
			t.Errorf("%s has %d values; want %d", tag, h.TotalCount(), r.Outcomes[outcome])
		}
	}
	if h, err := log.NextIntervalHistogram(); h != nil || err != nil {
		t.Errorf("the log goes on with %v, %v", h, err)
	}
}

func TestHdrLogWantsAStart(t *testing.T) {
	r := runs(t, subject{name: "gcra", admit: 50, took: 80}, 1)
	r[0].StartedAt = time.Time{}
	if err := report.HdrLog(io.Discard, r, report.Options{}); err == nil {
		t.Error("a run without started_at gave no error; its interval would be lost in reading")
	}
}

// TestHdrLogStartsWhereTheWindowDoes: not where the warm-up did.
func TestHdrLogStartsWhereTheWindowDoes(t *testing.T) {
	r := runs(t, subject{name: "gcra", admit: 50, took: 80}, 2)
	r[0].Protocol.Warmup = units.Duration(3 * time.Second)
	text := write(t, "hlog", r, report.Options{})
	log := hdrhistogram.NewHistogramLogReader(bytes.NewReader(text))
	h, err := log.NextIntervalHistogram()
	if err != nil || h == nil {
		t.Fatal(err)
	}
	if want := r[0].StartedAt.Add(3 * time.Second).UnixMilli(); h.StartTimeMs() != want || h.EndTimeMs() != want+10_000 {
		t.Errorf("the interval is from %d to %d; want 10 s from %d", h.StartTimeMs(), h.EndTimeMs(), want)
	}
	if want := fmt.Sprintf("#[StartTime: %d ", r[0].StartedAt.Unix()+3); !strings.Contains(string(text), want) {
		t.Errorf("the log does not say %s: %.200s", want, text)
	}
}

// TestHgrmIsOneTable: plotters read no more.
func TestHgrmIsOneTable(t *testing.T) {
	all := pair(t)
	parts, err := report.HgrmParts(all)
	if err != nil || len(parts) != 2*6 {
		t.Fatalf("%d tables, %v; want one for each of 2 subjects, 3 kinds and 2 outcomes", len(parts), err)
	}
	names := map[string]bool{}
	for _, p := range parts {
		var table strings.Builder
		if err := p.Write(&table); err != nil || strings.Count(table.String(), "#[burst-limiters") != 1 {
			t.Errorf("%s: %v, %s; want one table", p.Name, err, &table)
		}
		names[p.Name] = true
	}
	if len(names) != len(parts) || !names["redis-gcra.send_delay.rejected"] {
		t.Errorf("names are %v", names)
	}
	for choice, want := range map[string]string{"service.rejected": "Total count    =         2560", "gcra.service.rejected": "gcra, service.rejected, n=2, µs"} {
		if one := string(write(t, "hgrm", all[:2], report.Options{Histogram: choice})); strings.Count(one, "#[burst-limiters") != 1 || !strings.Contains(one, want) {
			t.Errorf("%s: want one table with %q, got\n%s", choice, want, one)
		}
	}
	for _, choice := range []string{"", "response.ok", "gcra.response.shed", "ok"} {
		err := report.Hgrm(io.Discard, all, report.Options{Histogram: choice})
		if err == nil || !strings.Contains(err.Error(), "want hgrm:NAME=FILE with NAME one of gcra.response.ok, ") {
			t.Errorf("%q: error is %v; want one that names what there is", choice, err)
		}
	}
}

// TestHgrmNamesAreApart: of scenarios, and of one under several loads.
func TestHgrmNamesAreApart(t *testing.T) {
	first, second, third := pair(t)[0], pair(t)[0], pair(t)[0]
	second.Scenario, third.Load.MaxInFlight = "other", 7
	parts, err := report.HgrmParts([]results.Run{first, second, third})
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, p := range parts {
		names[p.Name] = true
	}
	for _, want := range []string{"burst-limiters.gcra.response.ok", "other.gcra.response.ok", "burst-limiters.gcra.response.ok-2"} {
		if !names[want] || len(names) != len(parts) {
			t.Errorf("names are %v; want %s among them, and all apart", names, want)
		}
	}
}

// TestHgrmRanks: of eleven answers, ten of them 3 ms, 91 % are no longer than that.
func TestHgrmRanks(t *testing.T) {
	r := runs(t, subject{name: "x", admit: 100, took: 80}, 1)[0]
	r.Latency.Response["ok"] = histogram(t, 10, 3e6)
	other := histogram(t, 1, 6e6)
	again := r
	again.Repeat = 2
	again.Latency.Response = map[string]*results.Latency{"ok": other}
	table := string(write(t, "hgrm", []results.Run{r, again}, report.Options{Histogram: "response.ok"}))
	for line := range strings.Lines(table) {
		var value, quantile float64
		if n, _ := fmt.Sscan(line, &value, &quantile); n == 2 && (quantile > 10./11) != (value > 5) {
			t.Errorf("%v ms stands at %v", value, quantile)
		}
	}
	if !strings.Contains(table, "Total count    =           11") {
		t.Errorf("want the eleven of both repeats:\n%s", table)
	}
}

func TestJSONHoldsTheResultFile(t *testing.T) {
	want := write(t, "jsonl", pair(t), report.Options{})
	var array []json.RawMessage
	if err := json.Unmarshal(write(t, "json", pair(t), report.Options{}), &array); err != nil {
		t.Fatal(err)
	}
	var lines bytes.Buffer
	for _, element := range array {
		if err := json.Compact(&lines, element); err != nil {
			t.Fatal(err)
		}
		lines.WriteByte('\n')
	}
	if !bytes.Equal(lines.Bytes(), want) {
		t.Error("the array's elements are not the lines of the result file")
	}
	runs, err := results.ReadRuns(bytes.NewReader(want), "test")
	if err != nil || len(runs) != 4 {
		t.Errorf("%d runs read back, %v; want 4", len(runs), err)
	}
}

func TestCSVHasEveryMetric(t *testing.T) {
	runs := pair(t)
	runs[1].Classes = map[string]results.ClassInfo{"noisy": {Offered: 7, Outcomes: map[string]uint64{"ok": 7}}}
	lines, err := csv.NewReader(bytes.NewReader(write(t, "csv", runs, report.Options{}))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(lines) != len(runs)+1 {
		t.Fatalf("there are %d lines; want a head and one for each of %d runs", len(lines), len(runs))
	}
	for column, head := range lines[0] {
		path, _, isMetric := strings.Cut(head, " (")
		if !isMetric {
			continue
		}
		for i := range runs {
			want, _, err := results.Value(&runs[i], path)
			checkCell(t, head, lines[i+1][column], want, err)
		}
	}
	for _, want := range []string{"response.rejected.p999 (ns)", "accuracy.rate_error (ratio)", "classes.noisy.outcomes.ok (count)", "cost.saturated.per_op (ns)"} {
		if !slices.Contains(lines[0], want) {
			t.Errorf("there is no column %q in %q", want, lines[0])
		}
	}
}

func checkCell(t *testing.T, head, cell string, want float64, missing error) {
	t.Helper()
	if missing != nil {
		if cell != "" {
			t.Errorf("%s is %q; want nothing, because the run lacks it", head, cell)
		}
		return
	}
	var got float64
	if err := json.Unmarshal([]byte(cell), &got); err != nil || math.Abs(got-want) > 1e-12*math.Abs(want) {
		t.Errorf("%s is %q; want %v", head, cell, want)
	}
}
