package capacity

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Schema is that of a file of trials.
const Schema = "fcbench.capacity/v2"

// Header is the first line of a file of trials: all that decides the search but
// the target. Nothing in it is secret.
type Header struct {
	Schema   string          `json:"schema"`
	Plan     Plan            `json:"plan"`
	Scenario json.RawMessage `json:"scenario"`        // what is sent, and to whom, as files may show it
	Digest   string          `json:"digest"`          // of all that decides the trials, secrets too
	Redis    string          `json:"redis,omitempty"` // its address, where one was named
	Virtual  bool            `json:"virtual,omitempty"`
	// Side is that of a comparison, whose trials are those of a [Gauge]; "" for a search.
	Side string `json:"side,omitempty"`
}

// entry is every further line.
type entry struct {
	Trial
	Observation Observation `json:"observation"`
}

// Journal is the trials that were made, in their order.
type Journal struct {
	Header
	entries []entry
	next    int
	agreed  *Agreement // of a gauge; nil before there was one
}

// ReadJournal reads a file of trials. A last line that is not whole is left out,
// as a program leaves that was killed; length is that of what was read.
func ReadJournal(r io.Reader) (j *Journal, length int64, err error) {
	in := bufio.NewReader(r)
	j = &Journal{}
	for n := 1; ; n++ {
		line, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) && (n > 1 || len(line) == 0) {
			if n == 1 {
				return nil, 0, errors.New("it is empty; want a file of trials")
			}
			return j, length, nil
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, 0, err
		}
		if err := j.read(n, line); err != nil {
			return nil, 0, err
		}
		length += int64(len(line))
	}
}

func (j *Journal) read(n int, line []byte) error {
	if n == 1 {
		if err := json.Unmarshal(line, &j.Header); err != nil || j.Schema != Schema {
			return fmt.Errorf("line 1 is no header of trials; want {\"schema\":%q,…}", Schema)
		}
		if by := j.Plan.by(); by != Guarded && by != MLRsearch {
			return fmt.Errorf("line 1 has the strategy %q; want %s or %s", by, Guarded, MLRsearch)
		}
		return nil
	}
	var e struct {
		entry
		Agreed *Agreement `json:"agreed"`
	}
	if err := json.Unmarshal(line, &e); err != nil {
		return fmt.Errorf("line %d is no trial: %w", n, err)
	}
	if e.Agreed != nil {
		j.agreed = e.Agreed
		return nil
	}
	if e.Phase == Calibrate {
		if e.Observation.Calibration == nil && e.Observation.Invalid == "" {
			return fmt.Errorf("line %d is a calibration without what it found; want that, or why there is none", n)
		}
		j.entries = append(j.entries, e.entry)
		return nil
	}
	if len(e.Observation.Goals) != len(j.Plan.Goals) {
		return fmt.Errorf("line %d has %d goals; want %d, as the plan", n, len(e.Observation.Goals), len(j.Plan.Goals))
	}
	j.entries = append(j.entries, e.entry)
	return nil
}

// Trials is how many there are, without calibrations.
func (j *Journal) Trials() (n int) {
	for _, e := range j.entries {
		if e.Phase != Calibrate {
			n++
		}
	}
	return n
}

// ErrOver says that a search was interrupted: there are no more trials.
var ErrOver = errors.New("the trials end before the search does")

// ErrOther says that trials are not those that the search makes.
var ErrOther = errors.New("its trials are not those of its plan")

// Same reports whether the other header makes the same search.
func (h Header) Same(other Header) bool {
	a, errA := json.Marshal(h)
	b, errB := json.Marshal(other)
	return errA == nil && errB == nil && bytes.Equal(a, b)
}

// Measure gives the trials back, and asks then for more; for none with a nil one.
func (j *Journal) Measure(then Measure) Measure {
	return func(ctx context.Context, t Trial) (Observation, error) {
		if j.next < len(j.entries) {
			e := j.entries[j.next]
			j.next++
			if e.Trial != t {
				return Observation{}, fmt.Errorf("%w: number %d is %+v; want %+v", ErrOther, j.next, e.Trial, t)
			}
			return e.Observation, nil
		}
		if then == nil {
			return Observation{}, ErrOver
		}
		return then(ctx, t)
	}
}

// WriteHeader and WriteTrial append a line.
func WriteHeader(w io.Writer, h Header) error { return writeLine(w, h) }

// WriteTrial appends the line of a trial that ended.
func WriteTrial(w io.Writer, t Trial, o Observation) error { return writeLine(w, entry{t, o}) }

// WriteAgreement appends the line of what a gauge estimates by, behind the trials of [Gauge.Find].
func WriteAgreement(w io.Writer, a Agreement) error {
	return writeLine(w, struct {
		Agreed Agreement `json:"agreed"`
	}{a})
}

// Estimates computes again what a gauge found by the trials, and each estimate that it made.
// Where the trials end within one, the error is [ErrOver].
func (j *Journal) Estimates(ctx context.Context) (found Answer, all []Answer, err error) {
	g := NewGauge(j.Plan)
	measure := j.Measure(nil)
	found, err = g.Find(ctx, measure)
	switch {
	case err != nil:
		return found, nil, err
	case j.next == len(j.entries):
		return found, nil, nil
	case j.agreed == nil || j.agreed.Steep != nil && len(j.agreed.Steep) != len(j.Plan.Goals):
		return found, nil, fmt.Errorf("%w: by what they are estimates is not said of its %d goals", ErrOther, len(j.Plan.Goals))
	}
	g.hold(*j.agreed)
	for j.next < len(j.entries) {
		a, err := g.Estimate(ctx, measure)
		if err != nil {
			return found, all, err
		}
		all = append(all, a)
	}
	return found, all, nil
}

func writeLine(w io.Writer, v any) error {
	b, err := json.Marshal(v)
	if err == nil {
		_, err = w.Write(append(b, '\n'))
	}
	return err
}
