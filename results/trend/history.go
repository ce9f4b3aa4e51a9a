package trend

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fcbench/fcbench/results"
)

// File is a result file.
type File struct {
	Name string
	Runs []results.Run
}

// Series is one metric of a trial over time.
type Series struct {
	Scenario, Trial string
	Metric          results.Metric
	Points          []Stored
	Dropped         int // runs that were invalid or partial
}

// Stored is a point of a series: the median over the repeats that one file has of it.
type Stored struct {
	Point
	At      time.Time // of the first repeat
	File    string
	Repeats int
}

// Collect makes a series of each trial that has the metric, in the order of time; those of
// invalid runs have no place in it. A repeat that is there once more begins a new point.
// The error is about the path, or says that no run has it ([results.ErrNoData]).
func Collect(files []File, path string) ([]Series, error) {
	m, err := results.MetricOf(path)
	if err != nil {
		return nil, err
	}
	type stored struct {
		results.Run
		file string
	}
	var all []stored
	for _, f := range files {
		for _, r := range f.Runs {
			all = append(all, stored{r, f.Name})
		}
	}
	slices.SortStableFunc(all, func(a, b stored) int {
		return cmp.Or(cmp.Compare(a.Scenario, b.Scenario), cmp.Compare(a.Trial, b.Trial), a.StartedAt.Compare(b.StartedAt))
	})
	var list []Series
	for len(all) > 0 {
		n := slices.IndexFunc(all, func(r stored) bool { return r.Scenario != all[0].Scenario || r.Trial != all[0].Trial })
		if n < 0 {
			n = len(all)
		}
		s := Series{Scenario: all[0].Scenario, Trial: all[0].Trial, Metric: m}
		var values []float64
		last := 0
		for i := range all[:n] {
			r := &all[i]
			if i > 0 && !r.StartedAt.IsZero() && r.StartedAt.Equal(all[i-1].StartedAt) && r.Repeat == all[i-1].Repeat {
				continue // the same run, in another file as well
			}
			v, _, err := results.Value(&r.Run, path)
			switch {
			case errors.Is(err, results.ErrNoData):
				continue
			case r.Partial || r.Validity.Verdict == results.Invalid:
				s.Dropped++
				continue
			}
			conditions := conditions(&r.Run)
			if k := len(s.Points); k == 0 || r.Repeat <= last || s.Points[k-1].File != r.file || s.Points[k-1].Conditions != conditions {
				values = nil
				s.Points = append(s.Points, Stored{Point: Point{Conditions: conditions}, At: r.StartedAt, File: r.file})
			}
			last, values = r.Repeat, append(values, v)
			p := &s.Points[len(s.Points)-1]
			p.Value, p.Repeats = median(values), len(values)
		}
		if len(s.Points)+s.Dropped > 0 {
			list = append(list, s)
		}
		all = all[n:]
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%s: %w in %d files", path, results.ErrNoData, len(files))
	}
	return list, nil
}

// conditions are what a number depends on beside the code: one line each.
func conditions(r *results.Run) string {
	e := r.Environment
	var work map[string]json.RawMessage // in the order of names, whatever that of the file
	text := string(r.Workload)
	if json.Unmarshal(r.Workload, &work) == nil && work != nil {
		if sorted, err := json.Marshal(work); err == nil {
			text = string(sorted)
		}
	}
	return strings.Join([]string{
		"os " + e.OS, "arch " + e.Arch, "cpu " + e.CPU, fmt.Sprintf("cores %d", e.Cores), fmt.Sprintf("gomaxprocs %d", e.GOMAXPROCS),
		fmt.Sprintf("quota %.3g", e.QuotaCores), "kernel " + e.Kernel, "go " + e.Go, "redis " + e.Redis, "time " + string(r.Time), "workload " + text,
	}, "\n")
}

// Differ says in words what changed from one point to the next.
func Differ(before, after Point) string {
	a, b := strings.Split(before.Conditions, "\n"), strings.Split(after.Conditions, "\n")
	var parts []string
	for i := range min(len(a), len(b)) {
		name, was, _ := strings.Cut(a[i], " ")
		_, is, _ := strings.Cut(b[i], " ")
		switch {
		case was == is:
		case name == "workload":
			parts = append(parts, "another workload")
		default:
			parts = append(parts, fmt.Sprintf("%s %s to %s", name, cmp.Or(was, "unknown"), cmp.Or(is, "unknown")))
		}
	}
	return strings.Join(parts, ", ")
}

// Find looks for changes of a series; the places are those of its points.
func (s Series) Find(root uint64) (Found, error) {
	points := make([]Point, len(s.Points))
	for i, p := range s.Points {
		points[i] = p.Point
	}
	return Find(points, root)
}

// Fewest is how many points under the same conditions there must be for a change to be found.
// Of fewer, too many orders of the values have two levels as clear: of 12 points one of
// 462, which is too close to what may be chance for a test that counts 1,000 of them.
const Fewest = 13
