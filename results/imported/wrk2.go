package imported

import (
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/fcbench/fcbench/results"
)

// wrk2 is what of its output is read.
type wrk2 struct {
	summary
	t       *table
	reading bool // the table
	bad     uint64
}

// readWrk2 reads what wrk2 prints with --latency. Its times run from when a request was
// due by its plan, but for those that it calls uncorrected.
func readWrk2(in *input) (*results.Run, error) {
	w := &wrk2{summary: summary{outcome: "ok", outcomes: map[string]uint64{}}}
	for {
		line, err := in.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if err := w.add(in, line); err != nil {
			return nil, err
		}
	}
	switch {
	case w.t == nil:
		return nil, in.wrong("there is no table of percentiles; want what wrk2 prints with --latency, which wrk does not")
	case w.offered == nil:
		return nil, in.wrong("there is no line of how many requests were made; want the whole output of wrk2")
	case w.bad > *w.offered:
		return nil, in.wrong("%d answers of %d requests were neither 2xx nor 3xx; want no more than there are", w.bad, *w.offered)
	}
	if w.bad > 0 {
		w.outcomes["ok"] = *w.offered - w.bad
		w.warnings = append(w.warnings, mixed)
		return w.run(in, "percentiles")
	}
	w.onlyOK(*w.offered)
	if w.measured > 0 {
		w.goodputPerS = rate(float64(*w.offered) / w.measured.Seconds())
	}
	if err := w.t.fill(in, &w.summary); err != nil {
		return nil, err
	}
	return w.run(in, "percentiles")
}

var (
	wrk2Made   = regexp.MustCompile(`^(\d+) requests in ([0-9.]+)(us|ms|s|m|h), `)
	wrk2Bad    = regexp.MustCompile(`^Non-2xx or 3xx responses: (\d+)$`)
	wrk2Errors = regexp.MustCompile(`^Socket errors: (.*)$`)
	wrk2Rate   = regexp.MustCompile(`^Requests/sec:\s+([0-9.]+)$`)
)

// add reads one line. Of several tables the first counts: what follows it is uncorrected.
func (w *wrk2) add(in *input, line []byte) error {
	text := strings.TrimSpace(string(line))
	switch {
	case w.reading:
		done, err := w.t.add(in, line)
		w.reading = !done
		return err
	case strings.HasPrefix(text, "Latency Distribution (HdrHistogram") && w.t == nil:
		w.kind = "response"
		if strings.Contains(text, "Uncorrected") {
			w.kind = "service"
		}
		return nil
	case isTableHead(line) && w.t == nil:
		if w.kind == "" {
			return in.wrong("table comes before the line Latency Distribution; want what wrk2 prints with --latency")
		}
		w.t, w.reading = &table{unit: float64(time.Millisecond)}, true
		return nil
	}
	return w.total(in, text)
}

// total reads the lines below the tables.
func (w *wrk2) total(in *input, text string) (err error) {
	if m := wrk2Made.FindStringSubmatch(text); m != nil {
		n, err := strconv.ParseUint(m[1], 10, 53)
		if err != nil {
			return in.wrong("requests are %.40q; want a whole number below 2^53", m[1])
		}
		took, err := strconv.ParseFloat(m[2], 64)
		if took *= wrk2Unit(m[3]); err != nil || took > float64(mostSpan) {
			return in.wrong("time is %.40q; want at most %v", m[2]+m[3], mostSpan)
		}
		w.offered, w.measured = &n, time.Duration(took)
	}
	if m := wrk2Bad.FindStringSubmatch(text); m != nil {
		if w.bad, err = strconv.ParseUint(m[1], 10, 53); err != nil {
			return in.wrong("answers are %.40q; want a whole number below 2^53", m[1])
		}
	}
	if m := wrk2Errors.FindStringSubmatch(text); m != nil {
		w.warnings = append(w.warnings, "wrk2 had socket errors, which are in no number here: "+m[1])
	}
	if m := wrk2Rate.FindStringSubmatch(text); m != nil {
		per, err := strconv.ParseFloat(m[1], 64)
		if err != nil {
			return in.wrong("Requests/sec is %.40q; want a number", m[1])
		}
		w.throughputPerS = rate(per)
	}
	return nil
}

// wrk2Unit is a unit of time in ns.
func wrk2Unit(name string) float64 {
	return float64(map[string]time.Duration{"us": time.Microsecond, "ms": time.Millisecond, "s": time.Second, "m": time.Minute, "h": time.Hour}[name])
}
