package headroom

import (
	"errors"
	"fmt"
	"io"
	"strconv"
)

// ReadScale reads CSV whose first line names the columns instances and capacity (of all of
// them together, in requests per second), and, in both or neither, lo and hi, its interval.
// All lines that are wrong are named, up to ten.
func ReadScale(r io.Reader) ([]Measured, error) {
	t, wrong, err := readTable(r)
	if err != nil {
		return nil, err
	}
	if len(t.names) == 0 {
		return nil, errors.New("file is empty; want a first line such as instances,capacity,lo,hi and a line for every number of instances")
	}
	at, err := t.scaleColumns()
	if err != nil {
		return nil, err
	}
	if len(t.rows) == 0 && len(wrong) == 0 {
		return nil, errors.New("file has a first line alone; want a line for every number of instances")
	}
	var all []Measured
	for _, row := range t.rows {
		m, problems := row.measured(t.names, at)
		for _, problem := range problems {
			wrong.add(row.line, "%w", problem)
		}
		all = append(all, m)
	}
	return all, wrong.err()
}

// scaleColumns are where instances, capacity, lo and hi stand; -1 for what is not there.
func (t table) scaleColumns() (at [4]int, err error) {
	for i, names := range [4][]string{{"instances"}, {"capacity", "capacity_per_s"}, {"lo", "low", "low_per_s"}, {"hi", "high", "high_per_s"}} {
		var problem error
		at[i], problem = t.column("", names...)
		if at[i] < 0 && i < 2 {
			problem = fmt.Errorf("line 1: column %s is missing from %s; want instances,capacity, and lo,hi where there are intervals", names[0], t.shown())
		}
		err = errors.Join(err, problem)
	}
	if err == nil && (at[2] < 0) != (at[3] < 0) {
		err = errors.New("line 1: only one of lo and hi is there; want both, or neither")
	}
	return at, err
}

// measured reads a line.
func (r row) measured(names []string, at [4]int) (m Measured, wrong []error) {
	n, err := strconv.Atoi(r.fields[at[0]])
	if err != nil || n < 1 || n > mostInstances {
		wrong = append(wrong, fmt.Errorf("%s is %q; want a whole number from 1 to %d", names[at[0]], r.fields[at[0]], mostInstances))
	}
	m.Instances = n
	for i, into := range []*float64{&m.Capacity, &m.Low, &m.High} {
		if at[i+1] < 0 {
			continue
		}
		text := r.fields[at[i+1]]
		v, ok := quantity(text)
		if !ok || v < leastRate {
			wrong = append(wrong, fmt.Errorf("%s is %q; want a number from %g to %g", names[at[i+1]], text, leastRate, mostRate))
		}
		*into = v
	}
	if len(wrong) == 0 {
		if err := m.check(at[3] >= 0); err != nil {
			wrong = append(wrong, err)
		}
	}
	return m, wrong
}
