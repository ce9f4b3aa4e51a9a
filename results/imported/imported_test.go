package imported

import (
	"bytes"
	"errors"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/fcbench/fcbench/results"
)

func tool(t testing.TB, name string) Tool {
	t.Helper()
	for _, one := range Tools() {
		if one.Name == name {
			return one
		}
	}
	t.Fatalf("%s is no tool", name)
	return Tool{}
}

func readFile(t testing.TB, name, file string, o Options) *results.Run {
	t.Helper()
	f, err := os.Open("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	run, err := tool(t, name).Read(f, file, o)
	if err != nil {
		t.Fatal(err)
	}
	return run
}

// unknown is no data.
var unknown = math.NaN()

// samples are files of every form, and what they say; the numbers of k6 and vegeta were
// counted in the files by other means.
func samples() []struct {
	tool, file string
	o          Options
	form       string
	want       map[string]float64
} {
	ms := 1e6
	of := Options{Histogram: "response.ok", Unit: time.Millisecond}
	return []struct {
		tool, file string
		o          Options
		form       string
		want       map[string]float64
	}{
		{"k6", "k6-ok-export.json", Options{}, "summary", map[string]float64{
			"offered": 51, "attempts": 51, "outcomes.ok": 51, "outcomes.rejected": 0, "outcomes.failed": 0, "outcomes.unsent": unknown, "outcomes.shed": unknown,
			"service.ok.p999": unknown, "service.ok.p99": unknown, "response.ok.p50": unknown, "service.ok.p97": unknown, "service.ok.count": 51, "offered.rate": 50.898923543356666,
		}},
		{"k6", "k6-mix-handle.json", Options{}, "summary", map[string]float64{
			"offered": 47, "outcomes.ok": 28, "outcomes.failed": unknown, "outcomes.rejected": unknown, "outcomes.timed_out": unknown,
			"service.ok.p50": 25020197, "service.ok.max": 46273952, "service.ok.count": 28, "throughput": 45.05469790827929, "goodput": 28 / 1.043176454,
		}},
		{"k6", "k6-mix-export.json", Options{}, "summary", map[string]float64{"offered": 47, "outcomes.ok": 28, "service.ok.p95": 48100010, "service.ok.min": 540213}},
		{"k6", "k6-ok.ndjson", Options{}, "requests", map[string]float64{"outcomes.rejected": 0, "outcomes.shed": unknown, "response.ok.p50": unknown, "send_delay.ok.p50": unknown}},
		{"k6", "k6-mix.ndjson", Options{}, "requests", map[string]float64{
			"offered": 47, "outcomes.ok": 28, "outcomes.rejected": 10, "outcomes.failed": 5, "outcomes.timed_out": 4, "outcomes.unsent": unknown, "statuses.429": 5, "statuses.503": 5, "statuses.500": 5, "service.timed_out.count": 4,
		}},
		{"vegeta", "vegeta-ok.json", Options{}, "summary", map[string]float64{
			"offered": 40, "outcomes.ok": 40, "outcomes.failed": 0, "service.ok.p50": 42735475, "service.ok.p99": 49100577, "service.ok.min": 550268, "service.ok.mean": 33268809, "service.ok.p999": unknown,
			"offered.rate": 102.50619208513865, "goodput": 92.31027465212175, "statuses.200": 40,
		}},
		{"vegeta", "vegeta-mix.json", Options{}, "summary", map[string]float64{
			"offered": 40, "outcomes.ok": 24, "outcomes.rejected": 8, "outcomes.failed": unknown, "outcomes.timed_out": unknown, "service.ok.p50": unknown, "goodput": 48.84815660022105,
		}},
		{"vegeta", "vegeta-mix.ndjson", Options{}, "requests", map[string]float64{
			"offered": 40, "outcomes.ok": 24, "outcomes.rejected": 8, "outcomes.failed": 4, "outcomes.timed_out": 4, "service.ok.count": 24, "service.rejected.count": 8, "response.ok.p99": unknown,
		}},
		{"ghz", "ghz.json", Options{}, "requests", map[string]float64{
			"offered": 20, "outcomes.ok": 16, "outcomes.rejected": 2, "outcomes.timed_out": 1, "outcomes.failed": 1, "service.ok.min": ms, "service.ok.max": 1.75 * ms,
		}},
		{"ghz", "ghz-summary.json", Options{}, "summary", map[string]float64{
			"offered": 20, "outcomes.ok": 20, "outcomes.rejected": 0, "service.ok.p50": 1.45 * ms, "service.ok.p99": 1.95 * ms, "service.ok.min": ms, "service.ok.p999": unknown, "throughput": 100,
		}},
		{"wrk2", "wrk2.txt", Options{}, "percentiles", map[string]float64{
			"offered": 60018, "outcomes.ok": 60018, "response.ok.p50": 1.405 * ms, "response.ok.p90": 2.411 * ms, "response.ok.p99": 3.001 * ms, "response.ok.p999": 6.431 * ms, "response.ok.max": 10.632 * ms,
			"response.ok.mean": 1.510 * ms, "response.ok.count": 40000, "service.ok.p50": unknown, "throughput": 2000.28, "offered.rate": unknown,
		}},
		{"wrk2", "wrk2-mix.txt", Options{}, "percentiles", map[string]float64{"offered": 60018, "outcomes.ok": 60000, "outcomes.failed": unknown, "response.ok.p50": unknown}},
		{"hgrm", "plain.hgrm", of, "percentiles", map[string]float64{"response.ok.p99": 3.001 * ms, "response.ok.count": 40000, "offered": unknown, "outcomes.ok": unknown, "throughput": unknown, "goodput": unknown}},
		{"hgrm", "fcbench.hgrm", Options{}, "percentiles", map[string]float64{"service.ok.p99": 3001, "service.ok.p50": 1405}},
	}
}

// TestSamples: what a file says is there, and what it does not say is no data and never
// 0, also when the run was written and read again; each is marked as imported, judged by
// nobody, and follows the schema.
func TestSamples(t *testing.T) {
	schema := published(t)
	for _, s := range samples() {
		run := readFile(t, s.tool, s.file, s.o)
		for again := range 2 {
			for path, want := range s.want {
				got, _, err := results.Value(run, path)
				switch {
				case math.IsNaN(want) && !errors.Is(err, results.ErrNoData):
					t.Errorf("%s: %s is %v, %v; want no data", s.file, path, got, err)
				case !math.IsNaN(want) && (err != nil || math.Abs(got-want) > 1e-3*math.Abs(want)):
					t.Errorf("%s: %s is %v, %v; want %v", s.file, path, got, err, want)
				}
			}
			if run.Imported == nil || run.Imported.From != s.tool || run.Imported.Form != s.form || run.Validity.Verdict != results.Suspect || !strings.HasPrefix(run.Validity.Reasons[0], "not judged") {
				t.Errorf("%s: imported is %+v, validity %+v", s.file, run.Imported, run.Validity)
			}
			var text bytes.Buffer
			if err := results.WriteRun(&text, run); err != nil {
				t.Fatal(err)
			}
			doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text.Bytes()))
			if err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(doc); err != nil {
				t.Errorf("%s, written %d: %v", s.file, again, err)
			}
			runs, err := results.ReadRuns(&text, "again")
			if err != nil {
				t.Fatal(err)
			}
			run = &runs[0]
		}
	}
}

func published(t *testing.T) *jsonschema.Schema {
	t.Helper()
	f, err := os.Open("../../docs/result.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	doc, err := jsonschema.UnmarshalJSON(f)
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestRequestsAndSummaryAgree: both forms of one run of vegeta say the same.
func TestRequestsAndSummaryAgree(t *testing.T) {
	one, all := readFile(t, "vegeta", "vegeta-ok.json", Options{}), readFile(t, "vegeta", "vegeta-ok.ndjson", Options{})
	for path, within := range map[string]float64{"offered": 0, "outcomes.ok": 0, "service.ok.min": 0, "service.ok.max": 0, "service.ok.mean": 1e-6, "throughput": 1e-6, "service.ok.p99": 0.001} {
		a, _, errA := results.Value(one, path)
		b, _, errB := results.Value(all, path)
		if errA != nil || errB != nil || math.Abs(a-b) > within*math.Abs(a) {
			t.Errorf("%s is %v (%v) of the summary and %v (%v) of the requests", path, a, errA, b, errB)
		}
	}
	if !one.StartedAt.Equal(all.StartedAt) {
		t.Errorf("it started at %v and %v", one.StartedAt, all.StartedAt)
	}
}

// TestWarnings: what is left out is said.
func TestWarnings(t *testing.T) {
	for file, want := range map[string]string{
		"k6-mix-export.json": "k6 left out 4 iterations", "k6-mix.ndjson": "k6 left out 4 iterations", "vegeta-mix.json": "times are left out",
		"wrk2-mix.txt": "socket errors, which are in no number here: connect 0, read 3, write 0, timeout 1", "wrk2.txt": "percentiles are those of the next row",
	} {
		name, _, _ := strings.Cut(file, ".")
		name, _, _ = strings.Cut(name, "-")
		run := readFile(t, name, file, Options{})
		if !slices.ContainsFunc(run.Warnings, func(w string) bool { return strings.Contains(w, want) }) {
			t.Errorf("%s: warnings are %q; want %q", file, run.Warnings, want)
		}
	}
}

// TestUncounted: times of which nobody says how many they are, or of which answers, are
// left out, which is said; and nothing that is not in the file becomes 0.
func TestUncounted(t *testing.T) {
	const all, good = `"http_req_duration":{"avg":1,"p(95)":3}`, `"http_req_duration{expected_response:true}":{"avg":1,"p(95)":2}`
	for name, c := range map[string]struct {
		metrics, warning string
		p95              float64
	}{
		"of all":            {all, "how many of them were ok the file does not say", unknown},
		"of the good":       {all + "," + good, "the file does not say of how many answers they are", unknown},
		"of the good alone": {good, "the file does not say of how many answers they are", unknown},
		"counted":           {strings.Replace(good, "{\"avg", `{"count":18,"avg`, 1), "", 2e6},
		"failures counted":  {`"http_req_failed":{"passes":2},` + good, "", 2e6},
		"of all, some bad":  {`"http_req_failed":{"passes":2},` + all, mixed, unknown},
	} {
		run, err := Tools()[0].Read(strings.NewReader(`{"metrics":{"http_reqs":{"count":20,"rate":10},`+c.metrics+`}}`), "f", Options{})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got, _, err := results.Value(run, "service.ok.p95"); (err != nil) != math.IsNaN(c.p95) || err == nil && got != c.p95 {
			t.Errorf("%s: p95 is %v (%v); want %v", name, got, err, c.p95)
		}
		if (len(run.Warnings) > 0) != (c.warning != "") || c.warning != "" && !strings.Contains(run.Warnings[0], c.warning) {
			t.Errorf("%s: warnings are %q; want %q", name, run.Warnings, c.warning)
		}
		var line bytes.Buffer
		if err := results.WriteRun(&line, run); err != nil || strings.Contains(line.String(), `"p50_ns":0`) || !strings.Contains(line.String(), `"protocol":{"drain":null}`) {
			t.Errorf("%s: line is %s (%v); want null for what is not known", name, line.String(), err)
		}
	}
}

// TestBadFiles: each its own error, with the file, the line, what is wrong and what would
// be right.
func TestBadFiles(t *testing.T) {
	for _, c := range []struct{ tool, text, want string }{
		{"k6", "", "f: file is empty; want k6's --summary-export"},
		{"k6", " \n\n", "f: file is empty"},
		{"vegeta", "\x1f\x8babc", "compressed with gzip; want it unpacked"},
		{"vegeta", "\x0a\xff\x00gob", "file is binary; want vegeta's encode --to json"},
		{"k6", "{\n \"metrics\": {,}}", "f:2: file is not what k6 writes"},
		{"k6", "{}", "f: summary has no metric http_reqs"},
		{"k6", `{"metrics":{"http_reqs":{"rate":1}}}`, "http_reqs has no count"},
		{"k6", `{"metrics":{"http_reqs":{"count":1.5}}}`, "http_reqs: count is 1.5; want a whole number"},
		{"k6", `{"metrics":{"http_reqs":{"count":-1}}}`, "http_reqs: count is -1"},
		{"k6", `{"metrics":{"http_reqs":{"count":2},"http_req_failed":{"passes":3}}}`, "3 passes of 2 requests"},
		{"k6", `{"metrics":{"http_reqs":{"count":2},"http_req_failed":{"passes":0},"http_req_duration":{"avg":-1}}}`, "http_req_duration: avg is -1e+06 ns; want a duration"},
		{"k6", `{"metrics":{"http_reqs":{"count":2},"http_req_failed":{"passes":0},"http_req_duration":{"max":1e300}}}`, "want a duration of 0 to 1h0m0s"},
		{"k6", `{"type":"Point","metric":"http_reqs","data":{}}`, "there is no request"},
		{"k6", `{"type":"Point","metric":"http_reqs","data":{}}` + "\n{", "f:2: line is none of k6's --out json"},
		{"k6", `{"type":"Point","metric":"http_req_duration","data":{"time":"2026-01-02T03:04:05Z","value":1,"tags":{"status":"x"}}}`, `tag status is "x"; want a number`},
		{"k6", `{"type":"Point","metric":"http_req_duration","data":{"value":1,"tags":{"status":"200"}}}`, "point has no time"},
		{"k6", `{"type":"Point","metric":"http_req_duration","data":{"time":"2026-01-02T03:04:05Z","value":-1,"tags":{"status":"200"}}}`, "http_req_duration is -1 ms; want 0 to 1h0m0s"},
		{"vegeta", "{}\n", "f:1: line has no timestamp and latency"},
		{"vegeta", `{"code":200,"timestamp":"2026-01-02T03:04:05Z","latency":1}` + "\n" + `{"code":200,"timestamp":"2027-01-02T03:04:05Z","latency":1}`, "f:2: a request was sent at 2027-01-02T03:04:05Z"},
		{"vegeta", `{"code":2000,"timestamp":"2026-01-02T03:04:05Z","latency":1}`, "status is 2000; want 0 to 999"},
		{"vegeta", `{"code":200,"timestamp":"2026-01-02T03:04:05Z","latency":-1}`, "a request took -1ns"},
		{"vegeta", `{"latencies":{}}`, "report has no requests and status_codes"},
		{"vegeta", `{"latencies":{},"requests":3,"status_codes":{"200":2}}`, "status_codes are of 2 requests of 3; want all"},
		{"vegeta", `{"latencies":{},"requests":3,"status_codes":{"200":2,"500":18446744073709551615}}`, "of more requests than 3"},
		{"vegeta", `{"latencies":{},"requests":3,"status_codes":{"ok":3}}`, `status_codes has "ok"`},
		{"vegeta", "Requests      [total, rate, throughput]  40, 102", "line is no result of vegeta in JSON"},
		{"ghz", "{}", "report has no count and statusCodeDistribution"},
		{"ghz", `{"count":2,"statusCodeDistribution":{"OK":1}}`, "of 1 requests of 2; want all"},
		{"ghz", `{"count":1,"statusCodeDistribution":{"OK":1},"details":[{}]}`, "details[0] has no timestamp and latency"},
		{"ghz", "[1]", "f:1: file is not what ghz writes"},
		{"wrk2", "Requests/sec: 5", "there is no table of percentiles; want what wrk2 prints with --latency, which wrk does not"},
		{"wrk2", "Value Percentile TotalCount", "table comes before the line Latency Distribution"},
		{"hgrm", "1 0.5 1", "want a table of percentiles, which begins with Value"},
		{"hgrm", "Value Percentile TotalCount\n", "unit is not known, as a table of percentiles does not say it; want --unit ms"},
		{"hgrm", "#[a b, response.ok, n=1, ms]\nValue Percentile TotalCount\n1 x 1", `f:3: percentile is "x"; want 0 to 1`},
		{"hgrm", "#[a b, response.ok, n=1, ms]\nValue Percentile TotalCount\n1 0.5 1\n0.5 0.6 2", "f:4: row is"},
		{"hgrm", "#[a b, response.ok, n=1, ms]\nValue Percentile TotalCount\n1 0.5\n", "is no row of a table of percentiles"},
		{"hgrm", "#[a b, response.ok, n=1, ms]\nValue Percentile TotalCount\n1 0.5 1\n#[Max = 1, Total count = 5]", "the table ends at 1 of 5 values; want it whole"},
		{"hgrm", "#[a b, response.ok, n=1, ms]\nValue Percentile TotalCount\n", "there is no row of a table"},
		{"hgrm", "#[a b, responses, n=1, ms]\nValue Percentile TotalCount\n1 0.5 1", `histogram is "responses"; want --histogram response.ok`},
		{"k6", strings.Repeat(`{"metric":"m","type":"Metric"}`, 1) + "\n" + strings.Repeat("x", mostLine+1), "f:2: line is longer than 1048576 bytes"},
	} {
		run, err := tool(t, c.tool).Read(strings.NewReader(c.text), "f", Options{})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s of %.80q: %+v, %v; want %q", c.tool, c.text, run, err, c.want)
		}
	}
}

// TestTooLarge: a file that does not end is refused, and not read into memory first.
func TestTooLarge(t *testing.T) {
	l := &limited{endless{}, 1000}
	n, err := io.Copy(io.Discard, l)
	if err == nil || n > 1000 || !strings.Contains(err.Error(), "file is larger than 2048 MiB") {
		t.Errorf("%d bytes and %v", n, err)
	}
}

type endless struct{}

func (endless) Read(b []byte) (int, error) { return min(len(b), 64), nil }
