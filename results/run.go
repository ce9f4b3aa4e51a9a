package results

import (
	"encoding/json"
	"time"
)

// Schema names the version of the result file's line.
const Schema = "fcbench.run/v1"

// Run is one repeat of one trial: one line of a result file. Units stand in the keys.
type Run struct {
	Schema   string `json:"schema"`
	Scenario string `json:"scenario"`
	Trial    string `json:"trial"`
	Place    int    `json:"place,omitempty"` // of its subject in the scenario, or of its trial among all of a sweep, from 1; 0 where that was not noted
	// Params are what this combination of a sweep has otherwise than others, as text,
	// by path; nil where there is no sweep.
	Params    json.RawMessage `json:"params,omitempty"`
	Repeat    int             `json:"repeat"` // from 1
	Order     int             `json:"order"`  // position in which the run was made, from 1
	Time      Time            `json:"time"`
	Simulated bool            `json:"simulated"`
	InProcess bool            `json:"in_process"` // the subject is called in the runner's own loop; tables show its decision time

	Subject  json.RawMessage `json:"subject"`  // {"kind": …, "scope": …, …} as in the scenario, defaults filled in, secrets redacted
	Workload json.RawMessage `json:"workload"` // likewise
	Schedule ScheduleInfo    `json:"schedule"`
	Load     Load            `json:"load"`
	Protocol Protocol        `json:"protocol"`

	StartedAt  time.Time `json:"started_at"`
	MeasuredNS int64     `json:"measured_ns"` // length of the measured window
	Partial    bool      `json:"partial"`
	Aborted    string    `json:"aborted,omitempty"` // why it was given up, with the condition that held

	Offered  uint64 `json:"offered"`
	Attempts uint64 `json:"attempts"`
	// RetriesDenied are those that were wanted, and not made for lack of budget or of
	// room in flight.
	RetriesDenied uint64 `json:"retries_denied,omitempty"`

	Outcomes  map[string]uint64 `json:"outcomes"`           // every outcome, by name
	Causes    map[string]uint64 `json:"causes"`             // "failed: connection refused" → count; outcomes other than ok
	Statuses  map[string]uint64 `json:"statuses,omitempty"` // of a service's answers, "200" → count: of each arrival the last one
	Decisions map[string]uint64 `json:"decisions,omitempty"`

	// Rates are of the arrivals of the window. Throughput counts those that
	// were answered before it ended, in any way (ok, rejected, shed or failed),
	// per second of it; goodput those of them that were ok within the slo.
	// Answers that came later, in the drain, are outcomes alone: with them a
	// target that falls behind would seem to keep up. So a response time that
	// is not short against the window lowers both rates.
	//
	// A window whose end was not known beforehand, because a count or a signal
	// ended it, closes with the last answer: all answers count, over the time
	// from the window's start until then, or measured_ns if that is longer.
	//
	// GoodputPerS is nil where there is an slo and times are not known.
	OfferedPerS    float64  `json:"offered_per_s"`
	ThroughputPerS float64  `json:"throughput_per_s"`
	GoodputPerS    *float64 `json:"goodput_per_s,omitempty"`

	Latency   Latencies            `json:"latency"`
	Accuracy  *Accuracy            `json:"accuracy,omitempty"`
	Pipeline  *Pipeline            `json:"pipeline,omitempty"`
	League    *League              `json:"league,omitempty"` // only of pipelines
	Keys      *KeyShares           `json:"keys,omitempty"`
	Classes   map[string]ClassInfo `json:"classes,omitempty"`  // only when the workload has several streams
	Requests  map[string]ClassInfo `json:"requests,omitempty"` // the same arrivals by kind of request, only where the target sends several
	Intervals []Interval           `json:"intervals"`
	Faults    []Fault              `json:"faults,omitempty"` // only where Redis was broken on purpose, in the order of time
	Cost      Cost                 `json:"cost,omitzero"`    // not there where others were made at the same time
	Target    *TargetCost          `json:"target,omitempty"` // only where the processes under load were observed

	Generator *Generator `json:"generator,omitempty"` // only in real time

	Goroutines *Goroutines `json:"goroutines,omitempty"` // likewise, of pipelines and of runs with faults

	Imported    *Imported   `json:"imported,omitempty"` // only where another tool made the run
	Environment Environment `json:"environment"`
	Validity    Validity    `json:"validity"`
	Warnings    []string    `json:"warnings"`

	// ResultDigest is the [Digest] of the run; "" in real time, where no two are the same.
	ResultDigest string `json:"result_digest,omitempty"`

	absent absences
}

// Virtual reports whether time was not the world's: whatever takes time by
// itself took none.
func (r *Run) Virtual() bool { return r.Time.Simulated() }

// timed reports whether response times mean anything. In virtual time a call of a
// subject in the runner's own loop takes none; only waiting does, of the subject or
// of a caller before a retry.
func (r *Run) timed() bool {
	if !r.Virtual() || !r.InProcess || r.Load.Retry != nil {
		return true
	}
	for _, h := range r.Latency.all() {
		if h.MaxNS > 0 {
			return true
		}
	}
	return false
}

// ScheduleInfo identifies the arrivals. Arrivals counts the measured window;
// Digest covers the warm-up too.
type ScheduleInfo struct {
	Seed     uint64 `json:"seed"`
	Digest   string `json:"digest"`
	Arrivals uint64 `json:"arrivals"`
	// Requests is of what a target that sends several kinds of requests makes of the
	// arrivals: which is which, and what they are. Empty for others.
	Requests string `json:"requests,omitempty"`
}

// Latencies are histograms by kind of duration, then by outcome.
type Latencies struct {
	Response  map[string]*Latency `json:"response"`
	Service   map[string]*Latency `json:"service"`
	SendDelay map[string]*Latency `json:"send_delay"`
	// Phases are the parts of answers over a network, by name, over all outcomes: connect,
	// tls and first_byte. Only where they were asked for.
	Phases map[string]*Latency `json:"phases,omitempty"`
}

// Latency summarises one histogram and carries it whole.
// Min, mean and max are exact; percentiles are within the histogram's three digits.
type Latency struct {
	Count   int64   `json:"count"`
	MinNS   int64   `json:"min_ns"`
	MeanNS  float64 `json:"mean_ns"`
	P50NS   int64   `json:"p50_ns"`
	P90NS   int64   `json:"p90_ns"`
	P95NS   int64   `json:"p95_ns"`
	P99NS   int64   `json:"p99_ns"`
	P999NS  int64   `json:"p999_ns"`
	P9999NS int64   `json:"p9999_ns"`
	MaxNS   int64   `json:"max_ns"`
	Clipped int64   `json:"clipped,omitempty"` // values beyond the histogram's range, recorded at its end
	HDR     string  `json:"hdr"`               // HdrHistogram V2, compressed, base64
}

// Accuracy compares a limiter's decisions with an exact model on the same
// arrivals, warm-up included. False admits and denials are against the algorithm's own model; what
// is Compared, against the rate and burst that the user asked for: nil where
// those change, so that there is none to compare with. With an ObservedShare of 0 nothing was judged, and the
// numbers mean nothing.
type Accuracy struct {
	Oracle        string  `json:"oracle"`
	ObservedShare float64 `json:"observed_share"` // of all decisions of the run, those of the warm-up too
	FalseAdmits   uint64  `json:"false_admits"`
	FalseDenials  uint64  `json:"false_denials"`
	*Compared
	WorstWindow *WorstWindow `json:"worst_window,omitempty"`
	// MostPerPeriod compares like with like, buckets and windows: none where nothing was
	// admitted, or no single limit was asked for.
	MostPerPeriod *MostPerPeriod `json:"most_per_period,omitempty"`
	MostHeld      uint64         `json:"most_held,omitempty"`  // tokens of one key at once; only of limits on what is held
	Starvation    *Starvation    `json:"starvation,omitempty"` // the longest; none when no key waited for what was due
	Jitter        *Jitter        `json:"jitter,omitempty"`     // none where fewer than two gaps were seen
	CallersJain   float64        `json:"callers_jain,omitempty"`
}

// Compared is how a limiter compares with the limit that was asked for.
type Compared struct {
	RateError   float64 `json:"rate_error"`   // admitted / entitled − 1
	BurstExcess float64 `json:"burst_excess"` // tokens admitted beyond the burst, over the worst window; exactly 0 when none
	Admitted    int64   `json:"admitted"`     // tokens, over the decisions that were judged
	Entitled    int64   `json:"entitled"`     // tokens that an exact token bucket admits of the same arrivals; a window's burst is what one window may admit
}

// Starvation is the longest time in which a key was only denied, although an
// exact token bucket would have admitted.
type Starvation struct {
	Key       string  `json:"key"`
	StartNS   int64   `json:"start_ns"`
	EndNS     int64   `json:"end_ns"`
	Intervals float64 `json:"intervals"` // its length in emission intervals: the mean time that one token takes
}

// Jitter says how even the gaps between admissions of one key were.
type Jitter struct {
	CV           float64 `json:"cv"`            // standard deviation over mean
	P99Intervals float64 `json:"p99_intervals"` // in emission intervals
}

// WorstWindow is the window in which one key got the most beyond its limit.
type WorstWindow struct {
	Key      string `json:"key"`
	StartNS  int64  `json:"start_ns"`
	EndNS    int64  `json:"end_ns"`
	Admitted int64  `json:"admitted"`
	Bound    int64  `json:"bound"` // burst + rate × length
}

// MostPerPeriod is the most of one key that was admitted within any one period of the
// limit, from an instant on and before the same instant of the next period.
type MostPerPeriod struct {
	Key      string `json:"key"`
	EndNS    int64  `json:"end_ns"` // of the last admission of that period, on the limiter's clock
	PeriodNS int64  `json:"period_ns"`
	Admitted int64  `json:"admitted"`
	Asked    int64  `json:"asked"`              // per period
	Burst    int64  `json:"burst,omitempty"`    // at once beside that; a window has none
	AtLeast  bool   `json:"at_least,omitempty"` // it may have been more: instants are uncertain, or too many to remember
}

// KeyShares says how offered and admitted tokens spread over keys. Where some
// arrivals had keys that were not tracked there are neither TopShare nor Jain, and
// Distinct counts the tracked keys alone.
type KeyShares struct {
	Distinct  uint64             `json:"distinct"`
	TopShare  map[string]float64 `json:"top_share,omitempty"` // share of offered that the busiest "1", "10", "100" keys had
	Jain      float64            `json:"jain,omitempty"`      // fairness of admitted / entitled over keys; never 0 where known
	Untracked uint64             `json:"untracked,omitempty"` // arrivals whose keys are not numbered
}

// ClassInfo is the part of one stream.
type ClassInfo struct {
	Offered  uint64            `json:"offered"`
	Outcomes map[string]uint64 `json:"outcomes"`
	Response *Latency          `json:"response_ok,omitempty"`
}

// Interval is a slice of the measured window or of the drain after it. Offered
// and unsent arrivals are counted by when they were due, the rest by when they
// were answered. Percentiles are within 1 %.
type Interval struct {
	TNS      int64  `json:"t_ns"` // start, offset from the start of the window
	WidthNS  int64  `json:"width_ns"`
	Offered  uint64 `json:"offered"`
	OK       uint64 `json:"ok"`
	Rejected uint64 `json:"rejected"`
	Other    uint64 `json:"other"`
	P50NS    *int64 `json:"p50_ns,omitempty"` // response time of ok; nil where there was none, or none was timed
	P99NS    *int64 `json:"p99_ns,omitempty"`
	InFlight int64  `json:"in_flight"` // the most at once
}

// Cost is what the measured window cost this process.
type Cost struct {
	CPUNSPerOp   float64    `json:"cpu_ns_per_op"`
	CPUShare     float64    `json:"cpu_share"` // of one core
	AllocsPerOp  float64    `json:"allocs_per_op"`
	GCCycles     uint64     `json:"gc_cycles"`
	GCPauseNS    int64      `json:"gc_pause_ns"`
	PeakRSSBytes uint64     `json:"peak_rss_bytes"`
	Saturated    *Saturated `json:"saturated,omitempty"`
}

// Generator says how far the generator itself was from being where it was needed.
type Generator struct {
	// Receive delay is how late the process took what was there: an instant that the
	// kernel announced on a file as it does an answer on a socket, some two hundred
	// times a second.
	ReceiveCount uint64 `json:"receive_count"`
	ReceiveP50NS int64  `json:"receive_p50_ns"`
	ReceiveP99NS int64  `json:"receive_p99_ns"`
	ReceiveMaxNS int64  `json:"receive_max_ns"`
	// Undelayed are the response times of ok without what of them was the generator's
	// own: from the first byte that was written to the kernel's having the last of the
	// answer. Of services over TCP alone, where the system tells.
	UndelayedCount uint64 `json:"undelayed_count,omitempty"` // of how many it is known
	UndelayedP50NS int64  `json:"undelayed_p50_ns,omitempty"`
	UndelayedP99NS int64  `json:"undelayed_p99_ns,omitempty"`
	// RunQueueShare is the part of the window in which that thread of the process
	// which had to wait longest could have run, and had no core.
	RunQueueShare float64 `json:"run_queue_share"`
}

// Saturated is a short closed-loop pass over the same keys, on fresh state.
type Saturated struct {
	Ops        uint64  `json:"ops"`
	NSPerOp    float64 `json:"ns_per_op"`
	CPUNSPerOp float64 `json:"cpu_ns_per_op"`
}

// Imported says that another tool made the run, of which what it wrote is all that is
// known.
type Imported struct {
	From string `json:"from"` // the tool
	Form string `json:"form"` // what was read: "requests", each of them; a "summary"; or a table of "percentiles"
}

// Verdict says whether the measurement can be trusted.
type Verdict string

// The verdicts, from best to worst.
const (
	Valid   Verdict = "valid"
	Suspect Verdict = "suspect"
	Invalid Verdict = "invalid"
)

// Validity is the run's verdict on itself.
type Validity struct {
	Verdict Verdict  `json:"verdict"`
	Reasons []string `json:"reasons"`
}
