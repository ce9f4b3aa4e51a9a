package imported

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/fcbench/fcbench/results"
)

// readK6 tells points, of which each has a line, from a summary.
func readK6(in *input) (*results.Run, error) {
	head, _ := in.r.Peek(512) // what is wrong with it comes again
	first, _, _ := bytes.Cut(bytes.TrimSpace(head), []byte("\n"))
	if bytes.Contains(first, []byte(`"metric"`)) && bytes.Contains(first, []byte(`"type"`)) {
		return readK6Points(in)
	}
	return readK6Summary(in)
}

// k6Metric is one of either summary: the data of handleSummary has values apart.
type k6Metric struct {
	values map[string]float64
}

func (m *k6Metric) UnmarshalJSON(text []byte) error {
	var flat map[string]json.RawMessage
	if err := json.Unmarshal(text, &flat); err != nil {
		return err
	}
	if inner, ok := flat["values"]; ok {
		flat = nil
		if err := json.Unmarshal(inner, &flat); err != nil {
			return err
		}
	}
	m.values = map[string]float64{}
	for name, raw := range flat {
		var v float64
		if name != "thresholds" && json.Unmarshal(raw, &v) == nil {
			m.values[name] = v
		}
	}
	return nil
}

func readK6Summary(in *input) (*results.Run, error) {
	var doc struct {
		Metrics map[string]k6Metric `json:"metrics"`
		State   struct {
			TookMS float64 `json:"testRunDurationMs"`
		} `json:"state"`
	}
	if err := in.document(&doc); err != nil {
		return nil, err
	}
	requests, ok := doc.Metrics["http_reqs"]
	if !ok {
		return nil, in.wrong("summary has no metric http_reqs; want that of a k6 run that made HTTP requests")
	}
	n, err := in.count("http_reqs", requests.values, "count")
	if err != nil {
		return nil, err
	}
	s := &summary{offered: &n, kind: "service", outcome: "ok", outcomes: map[string]uint64{}}
	if per, ok := requests.values["rate"]; ok {
		s.offeredPerS, s.throughputPerS = rate(per), rate(per)
		if took := float64(n) / per * 1e9; per > 0 && took < float64(mostSpan) {
			s.measured = time.Duration(took)
		}
	}
	if ms := doc.State.TookMS; ms > 0 && ms < float64(mostSpan/time.Millisecond) {
		s.measured = time.Duration(ms * 1e6)
	}
	return s.k6(in, doc.Metrics, n)
}

// k6 adds what became of the requests, and what the ok ones took.
func (s *summary) k6(in *input, metrics map[string]k6Metric, n uint64) (*results.Run, error) {
	allOK := false
	failed, sorted := metrics["http_req_failed"] // of which passes are failures
	if sorted {
		bad, err := in.count("http_req_failed", failed.values, "passes")
		if err != nil {
			return nil, err
		}
		if bad > n {
			return nil, in.wrong("http_req_failed has %d passes of %d requests; want no more than there are", bad, n)
		}
		if allOK = bad == 0; allOK {
			s.onlyOK(n)
		} else {
			s.outcomes["ok"] = n - bad
		}
	}
	times, apart := metrics["http_req_duration{expected_response:true}"]
	if _, counted := times.values["count"]; counted && !sorted {
		good, err := in.count("http_req_duration{expected_response:true}", times.values, "count")
		if err != nil {
			return nil, err
		}
		s.outcomes["ok"] = good
	}
	if s.measured > 0 && s.outcomes["ok"] > 0 {
		s.goodputPerS = rate(float64(s.outcomes["ok"]) / s.measured.Seconds())
	}
	if dropped := metrics["dropped_iterations"].values["count"]; dropped > 0 {
		s.warnings = append(s.warnings, fmt.Sprintf("k6 left out %v iterations for lack of virtual users: they are in no number here", dropped))
	}
	switch {
	case apart:
	case allOK:
		times = metrics["http_req_duration"]
	case sorted:
		s.warnings = append(s.warnings, mixed)
	default:
		s.warnings = append(s.warnings, unsorted)
	}
	for name, ms := range times.values {
		key := k6Stat(name)
		if key == "" {
			continue
		}
		if err := s.stat(in, "http_req_duration: "+name, key, ms*1e6); err != nil {
			return nil, err
		}
	}
	if known, ok := s.outcomes["ok"]; ok && len(s.latency) > 0 {
		s.latency["count"] = known
	}
	return s.run(in, "summary")
}

// k6Stat is what a statistic of a trend is called here; "" of others.
func k6Stat(name string) string {
	switch name {
	case "min", "max":
		return name + "_ns"
	case "avg":
		return "mean_ns"
	case "med":
		return "p50_ns"
	}
	share, ok := strings.CutPrefix(strings.TrimSuffix(name, ")"), "p(")
	known := []string{"50", "90", "95", "99", "99.9", "99.99"}
	if !ok || !slices.Contains(known, share) {
		return ""
	}
	return "p" + strings.ReplaceAll(share, ".", "") + "_ns"
}

// count is a number of requests of a metric.
func (in *input) count(metric string, values map[string]float64, key string) (uint64, error) {
	v, ok := values[key]
	if !ok {
		return 0, in.wrong("%s has no %s; want how many there were", metric, key)
	}
	if v < 0 || v > 1<<53 || v != math.Trunc(v) {
		return 0, in.wrong("%s: %s is %v; want a whole number from 0 on", metric, key, v)
	}
	return uint64(v), nil
}

// k6Line is one of --out json. Lines that are no points say what a metric is.
type k6Line struct {
	Type   string `json:"type"`
	Metric string `json:"metric"`
	Data   struct {
		Time  time.Time `json:"time"`
		Value float64   `json:"value"`
		Tags  struct {
			Status    string `json:"status"`
			Expected  string `json:"expected_response"`
			ErrorCode string `json:"error_code"`
			Error     string `json:"error"`
		} `json:"tags"`
	} `json:"data"`
}

// k6TimedOut is the error code of a request that its timeout ended.
const k6TimedOut = "1050"

// readK6Points reads the duration of every request, whose time is that of its end.
func readK6Points(in *input) (*results.Run, error) {
	var q requests
	dropped := 0.0
	for {
		text, err := in.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if len(bytes.TrimSpace(text)) == 0 {
			continue
		}
		var line k6Line
		if err := json.Unmarshal(text, &line); err != nil {
			return nil, in.wrong("line is none of k6's --out json: %w", err)
		}
		if line.Type == "Point" && line.Metric == "dropped_iterations" {
			dropped += line.Data.Value
		}
		if line.Type != "Point" || line.Metric != "http_req_duration" {
			continue
		}
		if err := q.point(in, &line); err != nil {
			return nil, err
		}
	}
	run, err := q.run(in, "requests")
	if err == nil && dropped > 0 {
		run.Warnings = append(run.Warnings, fmt.Sprintf("k6 left out %v iterations for lack of virtual users: they are in no number here", dropped))
	}
	return run, err
}

func (q *requests) point(in *input, line *k6Line) error {
	d := &line.Data
	status, err := strconv.Atoi(d.Tags.Status)
	switch {
	case err != nil:
		return in.wrong("tag status is %q; want a number, so that answers can be told apart", d.Tags.Status)
	case d.Time.IsZero():
		return in.wrong("point has no time; want when the request ended")
	case !(d.Value >= 0 && d.Value <= float64(mostTook/time.Millisecond)):
		return in.wrong("http_req_duration is %v ms; want 0 to %v", d.Value, mostTook)
	}
	took := time.Duration(math.Round(d.Value * 1e6))
	outcome, cause := httpOutcome(status, d.Tags.Error, d.Tags.ErrorCode == k6TimedOut)
	return q.add(in, d.Time.Add(-took), took, outcome, status, cause)
}
