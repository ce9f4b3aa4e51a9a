package headroom

import (
	"bufio"
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
)

// table is what a file of CSV says: its first line names the columns.
type table struct {
	names []string
	rows  []row
}

// row is a further line, with as many fields as there are columns.
type row struct {
	line   int
	fields []string
}

// mostProblems is how many are told; of a file of another kind every line is one.
const mostProblems = 10

// problem is what is wrong with a line; 0 is none.
type problem struct {
	line int
	err  error
}

// problems collects what is wrong.
type problems []problem

func (p *problems) add(line int, format string, args ...any) {
	err := fmt.Errorf(format, args...)
	if line > 0 {
		err = fmt.Errorf("line %d: %w", line, err)
	}
	*p = append(*p, problem{line, err})
}

// err is the first of them, and how many there are beside them.
func (p problems) err() error {
	slices.SortStableFunc(p, func(a, b problem) int { return cmp.Compare(a.line, b.line) })
	var first []error
	for _, one := range p[:min(len(p), mostProblems)] {
		first = append(first, one.err)
	}
	if n := len(p); n > mostProblems {
		first = append(first, fmt.Errorf("and %d more like these", n-mostProblems))
	}
	return errors.Join(first...)
}

// readTable reads all lines. Those with more or fewer fields than there are columns are
// left out, and are problems.
func readTable(r io.Reader) (t table, wrong problems, err error) {
	in := csv.NewReader(withoutMark(r))
	in.TrimLeadingSpace = true
	in.FieldsPerRecord = -1
	for {
		fields, err := in.Read()
		if errors.Is(err, io.EOF) {
			return t, wrong, nil
		}
		if err != nil {
			return t, wrong, wrong.unread(err, len(t.names) == 0)
		}
		line, _ := in.FieldPos(0)
		for i := range fields {
			fields[i] = strings.TrimSpace(fields[i])
		}
		switch {
		case t.names == nil:
			t.names = fields
		case len(fields) != len(t.names):
			wrong.add(line, "%d fields; want %d, as line 1 has", len(fields), len(t.names))
		default:
			t.rows = append(t.rows, row{line, fields})
		}
	}
}

// unread adds why a file cannot be read on, so that what is wrong until then is said as
// well. It is an error where there is nothing until then.
func (p *problems) unread(err error, first bool) error {
	var bad *csv.ParseError
	if !errors.As(err, &bad) {
		return err
	}
	p.add(bad.StartLine, "%w; want CSV", bad.Err)
	if first {
		return p.err()
	}
	return nil
}

// withoutMark is a file without the mark that some programs begin text with.
func withoutMark(r io.Reader) io.Reader {
	b := bufio.NewReader(r)
	if mark, _ := b.Peek(3); string(mark) == "\ufeff" {
		_, _ = b.Discard(3)
	}
	return b
}

// column is the one that was asked for, or else that of one of the names; -1 where there is
// none.
func (t table) column(asked string, names ...string) (at int, err error) {
	if asked != "" {
		names = []string{asked}
	}
	var found []string
	at = -1
	for i, name := range t.names {
		if slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name) }) {
			found, at = append(found, name), i
		}
	}
	if len(found) > 1 {
		return at, fmt.Errorf("line 1: columns are %s; want one of them", strings.Join(found, " and "))
	}
	if at < 0 && asked != "" {
		return at, fmt.Errorf("line 1: column %s is missing; want one of %s", asked, t.shown())
	}
	return at, nil
}

// shown is the first line as messages say it, cut where it is long.
func (t table) shown() string { return fmt.Sprintf("%.60q", strings.Join(t.names, ",")) }

// quantity reads a number of 0 or more.
func quantity(text string) (float64, bool) {
	v, err := strconv.ParseFloat(text, 64)
	return v, err == nil && v >= 0 && v <= mostRate && !math.IsNaN(v)
}

// Rates are between a request in thirty years and more than any service takes in a second.
const (
	leastRate = 1e-9
	mostRate  = 1e12
)
