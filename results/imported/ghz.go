package imported

import (
	"maps"
	"slices"
	"time"

	"github.com/fcbench/fcbench/results"
)

// ghzReport is that of --format json; times are in ns.
type ghzReport struct {
	Date    time.Time         `json:"date"` // when it was written
	Count   *uint64           `json:"count"`
	Total   float64           `json:"total"`
	Average *float64          `json:"average"`
	Fastest *float64          `json:"fastest"`
	Slowest *float64          `json:"slowest"`
	Rate    *float64          `json:"rps"`
	Codes   map[string]uint64 `json:"statusCodeDistribution"`
	Shares  []struct {
		Percentage int     `json:"percentage"`
		Latency    float64 `json:"latency"`
	} `json:"latencyDistribution"`
	Details []struct {
		Timestamp time.Time `json:"timestamp"` // when it ended
		Latency   *int64    `json:"latency"`
		Error     string    `json:"error"`
		Status    string    `json:"status"`
	} `json:"details"`
}

func readGhz(in *input) (*results.Run, error) {
	var doc ghzReport
	if err := in.document(&doc); err != nil {
		return nil, err
	}
	if doc.Count == nil || doc.Codes == nil {
		return nil, in.wrong("report has no count and statusCodeDistribution; want what `ghz --format json` writes")
	}
	if uint64(len(doc.Details)) == *doc.Count && *doc.Count > 0 {
		return doc.requests(in)
	}
	return doc.summary(in)
}

// requests has each, as ghz writes them unless it was told not to.
func (doc *ghzReport) requests(in *input) (*results.Run, error) {
	var q requests
	for i, d := range doc.Details {
		if d.Latency == nil || d.Timestamp.IsZero() {
			return nil, in.wrong("details[%d] has no timestamp and latency; want both", i)
		}
		took := time.Duration(*d.Latency)
		if took < 0 || took > mostTook {
			return nil, in.wrong("details[%d] took %v; want 0 to %v", i, took, mostTook)
		}
		outcome, cause := grpcOutcome(d.Status)
		if err := q.add(in, d.Timestamp.Add(-took), took, outcome, 0, cause); err != nil {
			return nil, err
		}
	}
	return q.run(in, "requests")
}

// grpcOutcome is what a status of gRPC means here.
func grpcOutcome(status string) (results.Outcome, string) {
	switch status {
	case "OK":
		return results.OK, ""
	case "ResourceExhausted":
		return results.Rejected, status
	case "DeadlineExceeded":
		return results.TimedOut, "timeout"
	}
	return results.Failed, "status " + status
}

func (doc *ghzReport) summary(in *input) (*results.Run, error) {
	s := &summary{offered: doc.Count, kind: "service", outcome: "ok", outcomes: map[string]uint64{"ok": 0, "rejected": 0, "timed_out": 0, "failed": 0}}
	var total uint64
	for status, n := range doc.Codes {
		if total += n; n > *doc.Count || total > *doc.Count {
			return nil, in.wrong("statusCodeDistribution is of more requests than %d; want no more than there are", *doc.Count)
		}
		outcome, _ := grpcOutcome(status)
		s.outcomes[outcome.String()] += n
	}
	if total != *doc.Count {
		return nil, in.wrong("statusCodeDistribution is of %d requests of %d; want all", total, *doc.Count)
	}
	if doc.Total > 0 && doc.Total < float64(mostSpan) {
		s.measured = time.Duration(doc.Total)
		s.goodputPerS = rate(float64(s.outcomes["ok"]) / s.measured.Seconds())
	}
	if doc.Rate != nil {
		s.offeredPerS, s.throughputPerS = rate(*doc.Rate), rate(*doc.Rate)
	}
	if s.outcomes["ok"] != total || total == 0 {
		s.warnings = append(s.warnings, mixed)
		return s.run(in, "summary")
	}
	keys := map[int]string{50: "p50_ns", 90: "p90_ns", 95: "p95_ns", 99: "p99_ns"}
	all := map[string]*float64{"min_ns": doc.Fastest, "mean_ns": doc.Average, "max_ns": doc.Slowest}
	for _, one := range doc.Shares {
		if key := keys[one.Percentage]; key != "" {
			all[key] = &one.Latency
		}
	}
	for _, key := range slices.Sorted(maps.Keys(all)) {
		if all[key] == nil {
			continue
		}
		if err := s.stat(in, "latency", key, *all[key]); err != nil {
			return nil, err
		}
	}
	if len(s.latency) > 0 {
		s.latency["count"] = total
	}
	return s.run(in, "summary")
}
