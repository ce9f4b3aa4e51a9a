package ci

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/fcbench/fcbench/results"
)

// BaselineSchema names the format of what is said of a baseline.
const BaselineSchema = "fcbench.baseline/v1"

// leastRuns is how many runs of each trial a baseline takes.
const leastRuns = 6

// Baseline is runs that later ones are held against. Its runs are in a result file
// beside it.
type Baseline struct {
	Schema   string    `json:"schema"`
	Name     string    `json:"name"`
	Saved    time.Time `json:"saved_at"`
	Revision string    `json:"revision"`
	Machine  string    `json:"machine"`
	Trials   []string  `json:"trials"` // scenario/trial
	Runs     int       `json:"runs"`
	Verified bool      `json:"verified"` // runs that were made later did not differ

	Kept []results.Run `json:"-"`
}

// NewBaseline is a baseline of runs, or everything that keeps it from being one.
func NewBaseline(name string, runs []results.Run, now time.Time) (*Baseline, error) {
	b := &Baseline{Schema: BaselineSchema, Name: name, Saved: now.UTC().Truncate(time.Second), Runs: len(runs), Kept: runs}
	var errs []error
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if !baselineName(name) {
		bad("name is %q; want letters, digits and . _ -, and none of the last first", name)
	}
	if len(runs) == 0 {
		bad("there are 0 runs; want at least %d of each trial", leastRuns)
	}
	for _, t := range results.Trials(runs) {
		called := t.Scenario + "/" + t.Name
		b.Trials = append(b.Trials, called)
		if len(t.Runs) < leastRuns {
			bad("%s has %d runs; want at least %d", called, len(t.Runs), leastRuns)
		}
		for _, r := range t.Runs {
			switch {
			case r.Validity.Verdict == results.Invalid:
				bad("%s, repeat %d, is invalid: %s; want valid runs", called, r.Repeat, first(r.Validity.Reasons))
			case r.Partial:
				bad("%s, repeat %d, was interrupted; want whole runs", called, r.Repeat)
			case r.Schedule.Digest != t.Runs[0].Schedule.Digest:
				bad("%s, repeat %d, has the schedule %s and another has %s; want the same work in all", called, r.Repeat, short(r.Schedule.Digest), short(t.Runs[0].Schedule.Digest))
			case r.Schedule.Requests != t.Runs[0].Schedule.Requests:
				bad("%s, repeat %d, has the mix of requests %q and another has %q; want the same work in all", called, r.Repeat, short(r.Schedule.Requests), short(t.Runs[0].Schedule.Requests))
			}
		}
	}
	for i, r := range runs {
		revision, machine := r.Environment.Revision, fingerprint(r.Environment)
		if i == 0 {
			b.Revision, b.Machine = revision, machine
		}
		switch {
		case strings.HasSuffix(revision, "+dirty"):
			bad("%s, repeat %d, was made by a build of changed files (%s); want those committed first", r.Trial, r.Repeat, revision)
		case revision != b.Revision:
			bad("%s, repeat %d, is of revision %s and others of %s; want one", r.Trial, r.Repeat, revision, b.Revision)
		case machine != b.Machine:
			bad("%s, repeat %d, was made on another machine: %s, and others on %s", r.Trial, r.Repeat, machine, b.Machine)
		}
	}
	return b, errors.Join(errs...)
}

// baselineName reports whether a name is that of a file.
func baselineName(name string) bool {
	return name != "" && plainName(name) == strings.ReplaceAll(name, "-", "_") && !strings.ContainsAny(name[:1], ".-") && !strings.Contains(name, "/")
}

func baselinePaths(dir, name string) (about, runs string) {
	return filepath.Join(dir, name+".json"), filepath.Join(dir, name+".jsonl")
}

// Save writes the baseline. An older one of its name is replaced only if that is wanted.
func (b *Baseline) Save(dir string, replace bool) error {
	about, lines := baselinePaths(dir, b.Name)
	if _, err := os.Stat(about); err == nil && !replace {
		return fmt.Errorf("baseline %s is there already (%s); want another name, or --replace", b.Name, about)
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	err := replaceFile(lines, func(w io.Writer) error {
		for i := range b.Kept {
			if err := results.WriteRun(w, &b.Kept[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return b.saveAbout(about)
}

// SaveVerified notes that runs which were made later did not differ. The runs of the
// baseline stay as they are.
func (b *Baseline) SaveVerified(dir string) error {
	about, _ := baselinePaths(dir, b.Name)
	b.Verified = true
	return b.saveAbout(about)
}

func (b *Baseline) saveAbout(path string) error {
	return replaceFile(path, func(w io.Writer) error {
		text, err := json.MarshalIndent(b, "", "  ")
		if err != nil {
			return err
		}
		_, err = w.Write(append(text, '\n'))
		return err
	})
}

// ReadBaseline reads a baseline and its runs.
func ReadBaseline(dir, name string) (*Baseline, error) {
	if !baselineName(name) {
		return nil, fmt.Errorf("baseline is %q, which is no name; want one of %s", name, said(Baselines(dir)))
	}
	about, lines := baselinePaths(dir, name)
	text, err := os.ReadFile(about)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("baseline %q is not in %s; want one of %s", name, dir, said(Baselines(dir)))
	}
	if err != nil {
		return nil, err
	}
	var b Baseline
	if err := json.Unmarshal(text, &b); err != nil || b.Schema != BaselineSchema {
		return nil, fmt.Errorf("%s is no baseline (schema %q, %v); want one that `fcbench baseline save` wrote", about, b.Schema, err)
	}
	f, err := os.Open(lines)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if b.Kept, err = results.ReadRuns(f, lines); err == nil && len(b.Kept) != b.Runs {
		err = fmt.Errorf("%s has %d runs and the baseline says %d; want it as it was saved", lines, len(b.Kept), b.Runs)
	}
	return &b, err
}

// Baselines are the names of those in a directory.
func Baselines(dir string) (names []string) {
	found, _ := filepath.Glob(filepath.Join(dir, "*.json")) // of a pattern that is one
	for _, path := range found {
		names = append(names, strings.TrimSuffix(filepath.Base(path), ".json"))
	}
	slices.Sort(names)
	return names
}

func said(names []string) string {
	if len(names) == 0 {
		return "none: there are no baselines yet"
	}
	return strings.Join(names, ", ")
}
