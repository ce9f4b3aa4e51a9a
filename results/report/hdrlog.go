package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"github.com/fcbench/fcbench/results"
)

// HdrLog writes an HdrHistogram interval log, V2: one line per run and
// histogram, spanning the measured window, which begins after the warm-up. Values are nanoseconds; the column
// Interval_Max is in milliseconds, as the format's readers expect. Tags are
// trial, kind and outcome, as in "gcra.response.ok".
func HdrLog(w io.Writer, runs []results.Run, _ Options) error {
	runs = slices.SortedStableFunc(slices.Values(runs), func(a, b results.Run) int { return windowStart(a).Compare(windowStart(b)) })
	log := hdrhistogram.NewHistogramLogWriter(w)
	if err := writeLogHead(log, runs); err != nil {
		return err
	}
	for _, r := range runs {
		for _, h := range histograms(r) {
			if err := writeInterval(log, r, h); err != nil {
				return fmt.Errorf("%s of %s, repeat %d: %w", h.path, r.Trial, r.Repeat, err)
			}
		}
	}
	return nil
}

// windowStart is when the measured window of r began.
func windowStart(r results.Run) time.Time { return r.StartedAt.Add(r.Protocol.Warmup.Std()) }

func writeLogHead(log *hdrhistogram.HistogramLogWriter, runs []results.Run) error {
	var start int64
	if len(runs) > 0 {
		start = windowStart(runs[0]).UnixMilli()
	}
	return cmp.Or(
		log.OutputComment("[fcbench: values in ns, Interval_Max in ms]"),
		writeSimulated(log, runs),
		log.OutputLogFormatVersion(),
		log.OutputStartTime(start),
		log.OutputLegend(),
	)
}

// writeSimulated names the trials that were not measured on the real thing, in
// a comment, which readers of the format skip.
func writeSimulated(log *hdrhistogram.HistogramLogWriter, runs []results.Run) error {
	var names []string
	for _, r := range runs {
		if r.Simulated {
			names = append(names, Plain(r.Trial))
		}
	}
	if len(names) == 0 {
		return nil
	}
	return log.OutputComment("[simulated: " + strings.Join(distinct(names), ", ") + " " + noClaim + "]")
}

func writeInterval(log *hdrhistogram.HistogramLogWriter, r results.Run, n named) error {
	start := windowStart(r).UnixMilli()
	if r.StartedAt.UnixMilli() < 0 {
		return fmt.Errorf("started_at is %s; want a time since 1970, which is all the log can hold", r.StartedAt.Format(time.RFC3339))
	}
	h, err := n.latency.Histogram()
	if err != nil {
		return err
	}
	h.SetTag(logTag(r.Trial + "." + n.path))
	h.SetStartTimeMs(start)
	h.SetEndTimeMs(start + time.Duration(r.MeasuredNS).Milliseconds())
	return log.OutputIntervalHistogram(h)
}

// logTag replaces what would end a tag early; the writer's own check misses
// the first and the last character.
func logTag(s string) string {
	return strings.NewReplacer(",", "_", " ", "_", "\r", "_", "\n", "_").Replace(s)
}
