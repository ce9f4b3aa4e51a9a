package generators

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"
)

// The formats of traces and the fields of access logs that may be keys.
const (
	formatCLF   = "clf"
	formatCSV   = "csv"
	formatJSONL = "jsonl"

	keyClient = "client"
	keyPath   = "path"
	keyUser   = "user"
)

// begin chooses the parser, by the first line if the format was not given.
func (r *reader) begin(first []byte) error {
	if r.format == "" {
		r.format, r.guessed = detect(first), true
	}
	switch r.format {
	case formatCLF:
		r.parse = clf{r.key}.parse
	case formatCSV:
		r.parse = new(csv).parse
	case formatJSONL:
		r.parse = parseJSON
	}
	if r.key != "" && r.format != formatCLF {
		return fmt.Errorf("key is %q, but %s is in format %s; want key for access logs alone%s", r.key, r.file, r.format, r.doubt())
	}
	return nil
}

func detect(first []byte) string {
	if first[0] == '{' {
		return formatJSONL
	}
	if bytes.Contains(first, []byte(" [")) && bytes.Contains(first, []byte("] ")) {
		return formatCLF
	}
	return formatCSV
}

// isHeader reports whether the first line of CSV names the columns.
func (r *reader) isHeader(first []byte) bool {
	name, _, _ := bytes.Cut(first, []byte(","))
	return r.format == formatCSV && string(bytes.TrimSpace(name)) == "t"
}

// csv parses lines of t,key,cost. A key may be quoted as usual in CSV.
type csv struct{ unquoted []byte }

func (f *csv) parse(line []byte) (record, error) {
	t, rest, ok := bytes.Cut(line, []byte(","))
	if !ok {
		return record{}, errors.New("line has no comma; want t,key,cost")
	}
	at, err := traceTime(t)
	if err != nil {
		return record{}, err
	}
	key, cost, err := f.cutKey(rest)
	if err != nil {
		return record{}, err
	}
	if len(key) == 0 {
		return record{}, errors.New("line has no key; want t,key,cost")
	}
	n, err := traceCost(cost)
	return record{at, key, n}, err
}

// cutKey splits "key,cost" or "key".
func (f *csv) cutKey(rest []byte) (key, cost []byte, err error) {
	if len(rest) == 0 || rest[0] != '"' {
		key, cost, _ = bytes.Cut(rest, []byte(","))
		return key, cost, nil
	}
	f.unquoted = f.unquoted[:0]
	for i := 1; i < len(rest); i++ {
		switch {
		case rest[i] != '"':
		case i+1 == len(rest):
			return f.unquoted, nil, nil
		case rest[i+1] == '"':
			i++
		case rest[i+1] == ',':
			return f.unquoted, rest[i+2:], nil
		default:
			return nil, nil, fmt.Errorf("key is %q; want a comma after the closing quote", rest)
		}
		f.unquoted = append(f.unquoted, rest[i])
	}
	return nil, nil, fmt.Errorf("key is %q; want a closing quote", rest)
}

// parseJSON parses lines of {"t":1.5,"key":"a","cost":2}. Other fields are ignored.
func parseJSON(line []byte) (record, error) {
	var fields struct {
		T    json.RawMessage `json:"t"`
		Key  *string         `json:"key"`
		Cost json.RawMessage `json:"cost"`
	}
	if err := json.Unmarshal(line, &fields); err != nil {
		return record{}, fmt.Errorf("line is not a JSON object of t, key and cost: %w", err)
	}
	if fields.T == nil || fields.Key == nil || *fields.Key == "" {
		return record{}, errors.New("line lacks t or key; want both")
	}
	at, err := traceTime(bytes.Trim(fields.T, `"`))
	if err != nil {
		return record{}, err
	}
	cost, err := traceCost(fields.Cost)
	return record{at, []byte(*fields.Key), cost}, err
}

// traceTime reads seconds, rounded down to the nanosecond, or an RFC 3339 time.
func traceTime(text []byte) (int64, error) {
	text = bytes.TrimSpace(text)
	whole, fraction, dotted := bytes.Cut(text, []byte("."))
	seconds, ok := digits(whole)
	if ok && seconds < 9.2e9 {
		nanos, ok := nanoseconds(fraction)
		if ok || !dotted {
			return seconds*1e9 + nanos, nil
		}
	}
	if at, err := time.Parse(time.RFC3339, string(text)); err == nil && at.Year() >= 1970 && at.Year() <= 2200 {
		return at.UnixNano(), nil
	}
	return 0, fmt.Errorf("t is %q; want seconds below 9.2e9, such as 1.25, or an RFC 3339 time", text)
}

// nanoseconds reads the digits after the point of a number of seconds.
func nanoseconds(fraction []byte) (n int64, ok bool) {
	n, ok = digits(fraction[:min(len(fraction), 9)])
	for range 9 - len(fraction) {
		n *= 10
	}
	if len(fraction) > 9 {
		_, ok = digits(fraction[9:min(len(fraction), 27)])
	}
	return n, ok
}

func traceCost(text []byte) (int64, error) {
	text = bytes.TrimSpace(text)
	if len(text) == 0 {
		return 1, nil
	}
	n, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil || n < 1 || n > maxAmount {
		return 0, fmt.Errorf("cost is %q; want a whole number from 1 to 2^53-1", text)
	}
	return n, nil
}

// digits reads a number of at most 18 digits.
func digits(text []byte) (n int64, ok bool) {
	if len(text) == 0 || len(text) > 18 {
		return 0, false
	}
	for _, c := range text {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = 10*n + int64(c-'0')
	}
	return n, true
}
