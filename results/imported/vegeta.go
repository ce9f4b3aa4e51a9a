package imported

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/fcbench/fcbench/results"
)

// readVegeta tells results, of which each has a line, from a report.
func readVegeta(in *input) (*results.Run, error) {
	head, _ := in.r.Peek(512) // what is wrong with it comes again
	if bytes.Contains(head, []byte(`"latencies"`)) {
		return readVegetaReport(in)
	}
	return readVegetaResults(in)
}

// vegetaResult is a line of encode.
type vegetaResult struct {
	Code      int       `json:"code"`
	Timestamp time.Time `json:"timestamp"` // when it was sent
	Latency   *int64    `json:"latency"`   // ns
	Error     string    `json:"error"`
}

func readVegetaResults(in *input) (*results.Run, error) {
	var q requests
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
		var one vegetaResult
		if err := json.Unmarshal(text, &one); err != nil {
			return nil, in.wrong("line is no result of vegeta in JSON: %w; want what `vegeta encode --to json` writes", err)
		}
		if one.Latency == nil || one.Timestamp.IsZero() {
			return nil, in.wrong("line has no timestamp and latency; want what `vegeta encode --to json` writes")
		}
		outcome, cause := httpOutcome(one.Code, one.Error, one.Code == 0 && timeout(one.Error))
		if err := q.add(in, one.Timestamp, time.Duration(*one.Latency), outcome, one.Code, cause); err != nil {
			return nil, err
		}
	}
	return q.run(in, "requests")
}

// timeout reports whether a client of Go gave up waiting.
func timeout(why string) bool {
	return strings.Contains(why, "Client.Timeout exceeded") || strings.Contains(why, "context deadline exceeded") || strings.HasSuffix(why, "i/o timeout")
}

// vegetaReport is that of report --type json; times are in ns.
type vegetaReport struct {
	Latencies map[string]float64 `json:"latencies"`
	Earliest  time.Time          `json:"earliest"`
	Duration  float64            `json:"duration"` // between the first and the last that were sent
	Wait      float64            `json:"wait"`     // for the last answer after that
	Requests  *uint64            `json:"requests"`
	Rate      *float64           `json:"rate"`       // that were sent, per second
	Success   *float64           `json:"throughput"` // that succeeded, per second
	Codes     map[string]uint64  `json:"status_codes"`
}

func readVegetaReport(in *input) (*results.Run, error) {
	var doc vegetaReport
	if err := in.document(&doc); err != nil {
		return nil, err
	}
	if doc.Requests == nil || doc.Codes == nil {
		return nil, in.wrong("report has no requests and status_codes; want what `vegeta report --type json` writes")
	}
	s := &summary{started: doc.Earliest, offered: doc.Requests, kind: "service", outcome: "ok", outcomes: map[string]uint64{}, statuses: map[string]uint64{}}
	if took := doc.Duration + doc.Wait; took > 0 && took < float64(mostSpan) {
		s.measured = time.Duration(took)
		s.throughputPerS = rate(float64(*doc.Requests-min(*doc.Requests, doc.Codes["0"])) / s.measured.Seconds())
	}
	if doc.Rate != nil {
		s.offeredPerS = rate(*doc.Rate)
	}
	if doc.Success != nil {
		s.goodputPerS = rate(*doc.Success)
	}
	if err := s.vegeta(in, &doc); err != nil {
		return nil, err
	}
	return s.run(in, "summary")
}

// vegeta adds what became of the requests, and what they took, where that is of one kind.
func (s *summary) vegeta(in *input, doc *vegetaReport) error {
	var total uint64
	for text, n := range doc.Codes {
		status, err := strconv.Atoi(text)
		if err != nil || status < 0 || status > 999 {
			return in.wrong("status_codes has %q; want statuses from 0 to 999", text)
		}
		if total += n; n > *doc.Requests || total > *doc.Requests {
			return in.wrong("status_codes are of more requests than %d; want no more than there are", *doc.Requests)
		}
		if status > 0 {
			s.statuses[text] = n
		}
		outcome, _ := httpOutcome(status, "", false)
		s.outcomes[outcome.String()] += n
	}
	if total != *doc.Requests {
		return in.wrong("status_codes are of %d requests of %d; want all", total, *doc.Requests)
	}
	for _, o := range []results.Outcome{results.OK, results.Rejected} {
		s.outcomes[o.String()] += 0
	}
	if doc.Codes["0"] > 0 {
		delete(s.outcomes, results.Failed.String()) // of which some may have timed out
	} else {
		s.outcomes[results.Failed.String()] += 0
		s.outcomes[results.TimedOut.String()] = 0
	}
	if s.outcomes["ok"] != total {
		s.warnings = append(s.warnings, mixed+"; `vegeta encode --to json` has each")
		return nil
	}
	for name, key := range map[string]string{"mean": "mean_ns", "50th": "p50_ns", "90th": "p90_ns", "95th": "p95_ns", "99th": "p99_ns", "max": "max_ns", "min": "min_ns"} {
		v, ok := doc.Latencies[name]
		if !ok {
			continue
		}
		if err := s.stat(in, "latencies: "+name, key, v); err != nil {
			return err
		}
	}
	if len(s.latency) > 0 && total > 0 {
		s.latency["count"] = total
	}
	return nil
}
