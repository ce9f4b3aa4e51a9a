package main

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/fcbench/fcbench/internal/capacity"
)

// strategyOptions are the flags that say how a capacity is searched.
type strategyOptions struct {
	name                string
	exceed              string
	initial, final, sum string
}

// flagsOfMLRsearch have no effect on another strategy.
var flagsOfMLRsearch = [...]string{"exceed-ratio", "initial-trial", "final-trial", "duration-sum"}

func (o *strategyOptions) addFlags(f *pflag.FlagSet) {
	f.StringVar(&o.name, "strategy", string(capacity.Guarded), "how it is searched: guarded, for a confidence interval, or mlrsearch (RFC 9971), for two loads that are classified")
	f.StringVar(&o.exceed, "exceed-ratio", "50%", "of --strategy mlrsearch: how much of the time at a load trials may miss a goal")
	f.StringVar(&o.initial, "initial-trial", "", "of --strategy mlrsearch: length of the first trials (default 2s or more, as the goals need)")
	f.StringVar(&o.final, "final-trial", "", "of --strategy mlrsearch: length of the trials that decide (default as the budget allows, 10s at most)")
	f.StringVar(&o.sum, "duration-sum", "", "of --strategy mlrsearch: length of all trials that decide about a load (default 5 of them)")
}

// into writes the strategy into a plan.
func (o *strategyOptions) into(p *capacity.Plan, f *pflag.FlagSet) error {
	by, err := strategyOf(o.name)
	if err != nil {
		return err
	}
	if by == capacity.Guarded {
		for _, name := range flagsOfMLRsearch {
			if f.Changed(name) {
				err = errors.Join(err, fmt.Errorf("--%s has no effect here; want it with --strategy mlrsearch", name))
			}
		}
		return err
	}
	if f.Changed("confidence") {
		err = errors.New("--confidence has no effect here; want it left out, since the bounds of --strategy mlrsearch are classified, and have none")
	}
	p.Strategy = by
	var problems [4]error
	p.Terms.Exceed, problems[0] = exceedOf(o.exceed)
	p.Terms.Initial, problems[1] = lengthIf("--initial-trial", o.initial)
	p.Terms.Final, problems[2] = lengthIf("--final-trial", o.final)
	p.Terms.Sum, problems[3] = lengthIf("--duration-sum", o.sum)
	return errors.Join(append(problems[:], err)...)
}

// exceedOf reads a share, of which 0 is one.
func exceedOf(text string) (float64, error) {
	if v, err := strconv.ParseFloat(strings.TrimSuffix(text, "%"), 64); err == nil && v == 0 {
		return 0, nil
	}
	return percentOf("--exceed-ratio", text)
}

// lengthIf is a duration, or 0 where none is given.
func lengthIf(flag, text string) (time.Duration, error) {
	if text == "" {
		return 0, nil
	}
	return lengthOf(flag, text)
}

func strategyOf(name string) (capacity.Strategy, error) {
	switch by := capacity.Strategy(name); by {
	case capacity.Guarded, capacity.MLRsearch:
		return by, nil
	}
	return "", fmt.Errorf("--strategy is %q; want %s or %s", name, capacity.Guarded, capacity.MLRsearch)
}

// announceClassification is what of a plan is MLRsearch's.
func announceClassification(w io.Writer, p capacity.Plan, about string) {
	t := p.Resolved()
	fmt.Fprintf(w, "strategy  mlrsearch: trials of %v to %v; %v of them decide about a load, of which %.3g %% may miss a goal\n", t.Initial, t.Final, t.Sum, 100*t.Exceed)
	fmt.Fprintf(w, "expected  bounds at most %.3g %% apart, which are no confidence interval, %s %v of at most %v\n", 200*p.Precision, about, p.Expect().Round(time.Second), p.Budget)
}

// writeResults prints the results of MLRsearch.
func writeResults(w io.Writer, p capacity.Plan, a capacity.Answer) {
	if a.Value > 0 && a.High > 0 {
		fmt.Fprintf(w, "  %-10s %.6g   classified between bounds [%.6g, %.6g], no confidence interval\n", p.Over, a.Value, a.Low, a.High)
		fmt.Fprintf(w, "  binding    %s\n", a.Goal)
	}
	for _, r := range a.Goals {
		fmt.Fprintf(w, "  goal       %s   %s\n", r.Goal, resultWords(r))
	}
}

// resultWords say what was found of a goal, and whether it is regular.
func resultWords(r capacity.GoalResult) string {
	word := "irregular"
	if r.Regular {
		word = "regular"
	}
	text := word + ": "
	switch {
	case r.Lower > 0 && r.Upper > 0:
		text += fmt.Sprintf("relevant bounds %.6g and %.6g", r.Lower, r.Upper)
	case r.Lower > 0:
		text += fmt.Sprintf("kept at %.6g, no upper bound", r.Lower)
	case r.Upper > 0:
		text += fmt.Sprintf("missed at %.6g, no lower bound", r.Upper)
	default:
		text += "no bounds"
	}
	if r.Lower > 0 {
		text += fmt.Sprintf(", conditional throughput %.6g", r.Throughput)
	}
	return text
}
