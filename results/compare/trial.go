package compare

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/fcbench/fcbench/results"
)

// trial is a subject of a scenario and its repeats.
type trial struct {
	results.Trial
	file  string // that it is of; "" where all are of one
	label string // what its side is called
}

// same reports whether two trials of different files are the same one.
func (t trial) same(other trial) bool { return t.Name == other.Name && t.Scenario == other.Scenario }

// combined reports whether two trials are of one combination of a sweep.
func (t trial) combined(other trial) bool {
	return t.Scenario == other.Scenario && string(t.Runs[0].Params) == string(other.Runs[0].Params)
}

// trials groups runs. The label of each is the file's name or, where there is
// but one, its own, with its scenario's where there are several.
func trials(runs []results.Run, file string) (all []trial) {
	several := len(distinct(runs, func(r results.Run) string { return r.Scenario })) > 1
	for _, t := range results.Trials(runs) {
		label := t.Name
		switch {
		case file != "":
			label = file
		case several:
			label = t.Scenario + "/" + t.Name
		}
		all = append(all, trial{t, file, label})
	}
	return all
}

func names(all []trial) string {
	var out []string
	for _, t := range all {
		out = append(out, t.label)
	}
	return strings.Join(out, ", ")
}

// requestsDigest is what two files agree on whose arrivals became the same requests.
const requestsDigest = "requests digest"

// checkComparable reports every reason against comparing two trials.
func checkComparable(base, other trial, o Options) []error {
	var reasons []error
	against := func(format string, args ...any) {
		reasons = append(reasons, fmt.Errorf("%w: "+format, append([]any{ErrNotComparable}, args...)...))
	}
	for _, must := range []struct {
		agree string
		of    func(results.Run) string
	}{
		{"schedule digest", func(r results.Run) string { return r.Schedule.Digest }},
		{requestsDigest, func(r results.Run) string { return cmp.Or(r.Schedule.Requests, "that of no mix") }},
		{"time", func(r results.Run) string { return string(r.Time) }},
		{"simulated", func(r results.Run) string { return fmt.Sprint(r.Simulated) }},
	} {
		if must.agree == requestsDigest && base.file == "" {
			continue // subjects of one file may differ in what they are sent, and are compared for it
		}
		ours, theirs := distinct(base.Runs, must.of), distinct(other.Runs, must.of)
		want := "the same in all runs"
		if must.agree == "time" && twins(base, other) {
			if ofPipelines(o.Metrics) {
				continue
			}
			want += ", or, of a pipeline that was simulated and run live, metrics of pipeline. and league. alone, such as pipeline.retention"
		}
		if len(ours) > 1 || len(theirs) > 1 || ours[0] != theirs[0] {
			against("%s: %s is %s (%s) and %s (%s); want %s", pairName(base, other), must.agree,
				strings.Join(ours, ", "), base.label, strings.Join(theirs, ", "), other.label, want)
		}
	}
	if !o.AllowInvalid {
		reasons = append(append(reasons, base.invalid()...), other.invalid()...)
	}
	return reasons
}

// invalid names the runs that call themselves invalid.
func (t trial) invalid() []error {
	var errs []error
	for _, r := range t.Runs {
		if r.Validity.Verdict == results.Invalid {
			errs = append(errs, fmt.Errorf("%w: %s", ErrNotComparable, t.doubt(r)))
		}
	}
	return errs
}

// doubts names the runs that do not call themselves valid.
func (t trial) doubts() []string {
	var notes []string
	for _, r := range t.Runs {
		if r.Validity.Verdict != results.Valid {
			notes = append(notes, t.doubt(r))
		}
	}
	return notes
}

func (t trial) doubt(r results.Run) string {
	where := fmt.Sprintf("%s, repeat %d", r.Trial, r.Repeat)
	if t.file != "" {
		where += " of " + t.file
	}
	return fmt.Sprintf("%s, is %s: %s", where, r.Validity.Verdict, strings.Join(r.Validity.Reasons, "; "))
}

// pairName is one name for two trials of one name, and both for others.
func pairName(base, other trial) string {
	if base.Name == other.Name {
		return base.Name
	}
	return base.Name + " and " + other.Name
}

// sharedScenario is the scenario of both, "" where they are of different ones.
func sharedScenario(base, other trial) string {
	if base.Scenario != other.Scenario {
		return ""
	}
	return base.Scenario
}

// distinct lists the values of a property, each once.
func distinct(runs []results.Run, of func(results.Run) string) []string {
	var values []string
	for _, r := range runs {
		if v := of(r); !slices.Contains(values, v) {
			values = append(values, v)
		}
	}
	return values
}
