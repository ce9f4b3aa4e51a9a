package generators

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// csv parses lines of t,key,cost, or of the columns that the first line names.
// Any field may be quoted as usual in CSV.
type csv struct {
	columns  []string // as the first line names them; nil without names
	fields   [][]byte // of a line
	unquoted []byte   // room for those that were quoted
}

const (
	columnTime    = "t"
	columnNanos   = "t_ns"
	columnKey     = "key"
	columnCost    = "cost"
	columnAttempt = "attempt"
	columnTrial   = "trial"
	columnRepeat  = "repeat"
)

// header reads the names of the columns, if these are what the first line holds.
func (f *csv) header(first []byte) (is bool, err error) {
	if f.split(first) != nil {
		return false, nil // as a line it is refused
	}
	names := make([]string, len(f.fields))
	words := len(names) > 1
	for i, field := range f.fields {
		names[i] = strings.ToLower(string(bytes.TrimSpace(field)))
		words = words && isName(names[i])
	}
	if !words && !slices.Contains(names, columnTime) && !slices.Contains(names, columnNanos) {
		return false, nil
	}
	f.columns = names
	return true, checkColumns(names)
}

// isName reports whether a field looks like the name of a column.
func isName(field string) bool {
	const letters = "abcdefghijklmnopqrstuvwxyz_@#"
	return field != "" && strings.Trim(field, letters+"0123456789-.") == "" && strings.Contains(letters, field[:1])
}

// checkColumns reports all that is wrong with the columns. An event log may say
// more of an arrival than is asked for here.
func checkColumns(names []string) error {
	known := []string{columnTime, columnNanos, columnKey, columnCost}
	events := slices.Contains(names, columnNanos) && slices.Contains(names, columnAttempt)
	var unknown, twice []string
	for i, name := range names {
		switch {
		case slices.Contains(names[:i], name):
			twice = append(twice, name)
		case !events && !slices.Contains(known, name):
			unknown = append(unknown, name)
		}
	}
	var problems []error
	if len(unknown) > 0 {
		problems = append(problems, fmt.Errorf("columns %s are unknown; want t, key and cost, of which cost may be left out, or those of an event log, with t_ns, attempt and key among them",
			strings.Join(unknown, ", ")))
	}
	if len(twice) > 0 {
		problems = append(problems, fmt.Errorf("columns %s are there twice; want them once", strings.Join(twice, ", ")))
	}
	if len(unknown) == 0 && (slices.Contains(names, columnTime) == slices.Contains(names, columnNanos) || !slices.Contains(names, columnKey)) {
		problems = append(problems, fmt.Errorf("columns are %s; want key, and one of t and t_ns", strings.Join(names, ", ")))
	}
	return errors.Join(problems...)
}

func (f *csv) parse(line []byte) (record, error) {
	if err := f.split(line); err != nil {
		return record{}, err
	}
	switch {
	case len(f.fields) == 1:
		return record{}, fmt.Errorf("line has no comma; want %s%s", f.shape(), separator(line))
	case len(f.fields) > f.most():
		return record{}, fmt.Errorf("line has %d fields; want %s", len(f.fields), f.shape())
	}
	rec := record{cost: 1}
	for i, field := range f.fields {
		if err := rec.set(f.column(i), field); err != nil {
			return record{}, err
		}
	}
	switch {
	case len(rec.key) == 0:
		return record{}, fmt.Errorf("line has no key; want %s", f.shape())
	case rec.unit == 0:
		return record{}, fmt.Errorf("line has no time; want %s", f.shape())
	}
	return rec, nil
}

// set fills in what a column says.
func (rec *record) set(column string, field []byte) (err error) {
	switch column {
	case columnTime:
		rec.at, rec.unit, err = traceTime(field)
	case columnNanos:
		rec.unit, rec.zero = 1, true
		rec.at, err = traceNanos(field)
	case columnKey:
		rec.key = field
	case columnCost:
		rec.cost, err = traceCost(field)
	case columnAttempt:
		err = checkAttempt(field)
	case columnTrial:
		rec.trial = field
	case columnRepeat:
		rec.repeat = field
	}
	return err
}

// column names column i.
func (f *csv) column(i int) string {
	switch {
	case f.columns != nil:
		return f.columns[min(i, len(f.columns)-1)]
	case i == 0:
		return columnTime
	case i == 1:
		return columnKey
	}
	return columnCost
}

// most is how many fields a line may have.
func (f *csv) most() int {
	if f.columns != nil {
		return len(f.columns)
	}
	return 3
}

// shape is what a line should look like.
func (f *csv) shape() string {
	if f.columns != nil {
		return strings.Join(f.columns, ",")
	}
	return "t,key,cost"
}

// separator says what stands between fields where commas should.
func separator(line []byte) string {
	for i, name := range []string{"semicolons", "tabs", "bars"} {
		if bytes.IndexByte(line, ";\t|"[i]) >= 0 {
			return ", not " + name
		}
	}
	return ""
}

// split takes a line apart.
func (f *csv) split(line []byte) error {
	f.fields, f.unquoted = f.fields[:0], f.unquoted[:0]
	for {
		field, rest, more := line, []byte(nil), false
		if len(line) > 0 && line[0] == '"' {
			var err error
			if field, rest, more, err = f.unquote(line); err != nil {
				return fmt.Errorf("%s is %q; want %w", f.column(len(f.fields)), line, err)
			}
		} else if field, rest, more = bytes.Cut(line, []byte(",")); bytes.IndexByte(field, '"') >= 0 {
			return fmt.Errorf("%s is %q; want quotes around all of it, and those inside twice", f.column(len(f.fields)), field)
		}
		f.fields = append(f.fields, field)
		if line = rest; !more {
			return nil
		}
	}
}

// unquote takes a quoted field off the start of a line; more says that another
// one follows.
func (f *csv) unquote(line []byte) (field, rest []byte, more bool, err error) {
	start := len(f.unquoted)
	for i := 1; i < len(line); i++ {
		switch {
		case line[i] != '"':
		case i+1 == len(line):
			return f.unquoted[start:], nil, false, nil
		case line[i+1] == '"':
			i++
		case line[i+1] == ',':
			return f.unquoted[start:], line[i+2:], true, nil
		default:
			return nil, nil, false, errors.New("a comma after the closing quote")
		}
		f.unquoted = append(f.unquoted, line[i])
	}
	return nil, nil, false, errors.New("a closing quote")
}
