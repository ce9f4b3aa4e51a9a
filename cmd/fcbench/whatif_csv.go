package main

import (
	"encoding/csv"
	"io"
	"strconv"
	"time"
)

// writePoints writes the grid, a line for each point, with what was observed of those that were
// run; durations in nanoseconds.
func writePoints(w io.Writer, f whatifFound) error {
	out := csv.NewWriter(w)
	_ = out.Write([]string{
		"trial", "kind", "params", "limit", "digest", "offered", "rejected", "share", "low", "high", "keys", "keys_rejected",
		"worst_key", "worst_key_offered", "worst_key_rejected", "streak_key", "streak_denials", "streak_from_ns", "streak_length_ns",
		"observed", "observed_of", "observed_time", "observed_verdict",
	})
	ran := map[string]validated{}
	for _, v := range f.Validated {
		ran[v.Trial] = v
	}
	for _, p := range f.Points {
		line := []string{
			p.Trial, p.Kind, string(p.Params), p.Limit, p.Digest, decimal(p.Offered), decimal(p.Rejected), fraction(p.Share), "", "",
			decimal(p.Keys), decimal(p.KeysRejected), "", "", "", "", "", "", "", "", "", "", "",
		}
		if p.Interval != nil {
			line[8], line[9] = fraction(p.Interval[0]), fraction(p.Interval[1])
		}
		if p.Worst != nil {
			copy(line[12:], []string{p.Worst.Key, decimal(p.Worst.Offered), decimal(p.Worst.Rejected), p.Streak.Key, decimal(p.Streak.Denials), nanoseconds(p.Streak.From), nanoseconds(p.Streak.Length)})
		}
		if v, ok := ran[p.Trial]; ok {
			copy(line[19:], []string{decimal(v.Observed), decimal(v.Offered), string(v.Time), string(v.Validity.Verdict)})
		}
		_ = out.Write(line)
	}
	out.Flush()
	return out.Error()
}

func decimal(n uint64) string            { return strconv.FormatUint(n, 10) }
func fraction(v float64) string          { return strconv.FormatFloat(v, 'g', -1, 64) }
func nanoseconds(d time.Duration) string { return strconv.FormatInt(int64(d), 10) }
