package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/fcbench/fcbench/internal/capacity/whatif"
	"github.com/fcbench/fcbench/results"
)

// print prints what was found, as was asked for.
func (o *whatifOptions) print(s streams, f whatifFound) error {
	switch {
	case o.json:
		e := json.NewEncoder(s.out)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		return e.Encode(f)
	case o.csv:
		return writePoints(s.out, f.Points)
	}
	printPoints(s.out, f)
	printAnswers(s.out, f.Answers)
	printValidated(s.out, f.Validated)
	return nil // stdout remembers
}

func printPoints(w io.Writer, f whatifFound) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "trial\tlimit\toffered\trejected\tshare\t%.3g %% interval\tkeys\tof them rejected\tworst key\tlongest streak\n", 100*f.Confidence)
	for _, p := range f.Points {
		interval, worst, streak := "–", "–", "–"
		if p.Interval != nil {
			interval = fmt.Sprintf("%s to %s", share(p.Interval[0]), share(p.Interval[1]))
		}
		if p.Worst != nil {
			worst = fmt.Sprintf("%s (%d of %d)", shownKey(p.Worst.Key), p.Worst.Rejected, p.Worst.Offered)
			streak = fmt.Sprintf("%d in %s of %s", p.Streak.Denials, results.Short(p.Streak.Length), shownKey(p.Streak.Key))
		}
		fmt.Fprintf(t, "%s\t%s\t%d\t%d\t%s\t%s\t%d\t%d\t%s\t%s\n", p.Trial, p.Limit, p.Offered, p.Rejected, share(p.Share), interval, p.Keys, p.KeysRejected, worst, streak)
	}
	_ = t.Flush()
}

// share writes one in percent.
func share(v float64) string { return strconv.FormatFloat(100*v, 'g', 4, 64) + " %" }

// shownKey is a key in a table: short, and without what would break a line.
func shownKey(key string) string {
	text := []rune(strconv.Quote(key))
	text = text[1 : len(text)-1]
	const most = 40
	if len(text) > most {
		return string(text[:most-1]) + "…"
	}
	if len(text) == 0 {
		return `""`
	}
	return string(text)
}

func printAnswers(w io.Writer, answers []whatif.Answer) {
	for _, a := range answers {
		if a.Rate == "" {
			fmt.Fprintf(w, "%s: %s; at the highest %s are rejected\n", a.Trial, a.Why, share(a.Share))
			continue
		}
		fmt.Fprintf(w, "%s: %s rejects %s, at most the %s that was asked for; the lowest such rate of %d looked at\n", a.Trial, a.Rate, share(a.Share), share(a.Wanted), a.Looked)
		if r := a.Rises; r != nil {
			fmt.Fprintf(w, "%s: a higher rate may reject more: %s rejects %s, %s %s\n", a.Trial, r.Lower, share(r.LowerShare), r.Rate, share(r.Share))
		}
	}
}

func printValidated(w io.Writer, done []validated) {
	if len(done) == 0 {
		return
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "validated\tpredicted\tobserved\tof\tdifference\ttime\tverdict")
	for _, v := range done {
		difference := "none"
		if v.Predicted != v.Observed {
			difference = fmt.Sprintf("%+.3g points", v.Points)
		}
		fmt.Fprintf(t, "%s\t%d\t%d\t%d\t%s\t%s\t%s\n", v.Trial, v.Predicted, v.Observed, v.Offered, difference, v.Time, v.Validity.Verdict)
	}
	_ = t.Flush()
}

// writePoints writes the grid, a line for each point; durations in nanoseconds.
func writePoints(w io.Writer, points []whatif.Point) error {
	out := csv.NewWriter(w)
	_ = out.Write([]string{
		"trial", "kind", "params", "limit", "digest", "offered", "rejected", "share", "low", "high", "keys", "keys_rejected",
		"worst_key", "worst_key_offered", "worst_key_rejected", "streak_key", "streak_denials", "streak_from_ns", "streak_length_ns",
	})
	for _, p := range points {
		line := []string{
			p.Trial, p.Kind, string(p.Params), p.Limit, p.Digest, decimal(p.Offered), decimal(p.Rejected), fraction(p.Share), "", "",
			decimal(p.Keys), decimal(p.KeysRejected), "", "", "", "", "", "", "",
		}
		if p.Interval != nil {
			line[8], line[9] = fraction(p.Interval[0]), fraction(p.Interval[1])
		}
		if p.Worst != nil {
			copy(line[12:], []string{p.Worst.Key, decimal(p.Worst.Offered), decimal(p.Worst.Rejected), p.Streak.Key, decimal(p.Streak.Denials), nanoseconds(p.Streak.From), nanoseconds(p.Streak.Length)})
		}
		_ = out.Write(line)
	}
	out.Flush()
	return out.Error()
}

func decimal(n uint64) string            { return strconv.FormatUint(n, 10) }
func fraction(v float64) string          { return strconv.FormatFloat(v, 'g', -1, 64) }
func nanoseconds(d time.Duration) string { return strconv.FormatInt(int64(d), 10) }
