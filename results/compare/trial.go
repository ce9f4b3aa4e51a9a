package compare

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/fcbench/fcbench/results"
)

// trial is a subject of a scenario and its repeats.
type trial []results.Run

func (t trial) name() string { return t[0].Trial }

// key is what makes two trials of different files the same one.
func (t trial) key() string { return t[0].Scenario + "\x00" + t[0].Trial }

// trials sorts runs by trial, in the order of first appearance.
func trials(runs []results.Run) []trial {
	var out []trial
	for _, r := range runs {
		one := trial{r}
		i := slices.IndexFunc(out, func(t trial) bool { return t.key() == one.key() })
		if i < 0 {
			out = append(out, one)
			continue
		}
		out[i] = append(out[i], r)
	}
	return out
}

func names(all []trial) string {
	var out []string
	for _, t := range all {
		out = append(out, t.name())
	}
	return strings.Join(out, ", ")
}

// comparable reports every reason against comparing two trials.
func comparable(base, other trial, o Options) error {
	var reasons []error
	against := func(format string, args ...any) {
		reason := fmt.Sprintf(format, args...)
		reasons = append(reasons, fmt.Errorf("%w: %s and %s: %s", ErrNotComparable, base.name(), other.name(), reason))
	}
	for _, must := range []struct {
		agree string
		of    func(results.Run) string
	}{
		{"schedule digest", func(r results.Run) string { return r.Schedule.Digest }},
		{"time", func(r results.Run) string { return r.Time }},
		{"simulated", func(r results.Run) string { return fmt.Sprint(r.Simulated) }},
	} {
		if values := distinct(base, other, must.of); len(values) > 1 {
			against("%s is %s; want the same in all runs", must.agree, strings.Join(values, " and "))
		}
	}
	for _, r := range append(slices.Clone(base), other...) {
		if r.Validity.Verdict == results.Invalid && !o.AllowInvalid {
			against("repeat %d of %s is invalid: %s", r.Repeat, r.Trial, strings.Join(r.Validity.Reasons, "; "))
		}
	}
	return errors.Join(reasons...)
}

// distinct lists the values of a property, each once.
func distinct(base, other trial, of func(results.Run) string) []string {
	var values []string
	for _, r := range append(slices.Clone(base), other...) {
		if v := of(r); !slices.Contains(values, v) {
			values = append(values, v)
		}
	}
	return values
}
