package generators

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// parseJSON parses lines of {"t":1.5,"key":"a","cost":2}, and those of an event
// log, which have t_ns for t and number the attempts of an arrival. Other fields
// are ignored.
func parseJSON(line []byte) (record, error) {
	fields, err := fieldsOf(line)
	if err != nil {
		return record{}, err
	}
	key, err := keyOf(fields[columnKey])
	t, nanos := fields[columnTime], fields[columnNanos]
	switch {
	case err != nil:
		return record{}, err
	case t != nil && nanos != nil:
		return record{}, errors.New("line has t and t_ns; want one of them")
	case t == nil && nanos == nil || key == "":
		return record{}, fmt.Errorf("line lacks t or key; want both%s", found(fields))
	}
	rec := record{key: []byte(key), unit: 1, zero: nanos != nil}
	if rec.zero {
		rec.at, err = traceNanos(nanos)
		if attempt := fields[columnAttempt]; err == nil && attempt != nil {
			err = checkAttempt(attempt)
			rec.trial, rec.repeat = fields[columnTrial], fields[columnRepeat]
		}
	} else {
		rec.at, rec.unit, err = traceTime(bytes.Trim(t, `"`))
	}
	if err != nil {
		return record{}, err
	}
	rec.cost, err = traceCost(fields[columnCost])
	return rec, err
}

// fieldsOf is what an object has, by names that are told apart by their case too.
func fieldsOf(line []byte) (fields map[string]json.RawMessage, err error) {
	switch err := json.Unmarshal(line, &fields); {
	case err != nil && line[0] == '[':
		return nil, errors.New("line begins a JSON array; want an object a line, such as by jq -c '.[]'")
	case err != nil:
		return nil, fmt.Errorf("line is not a JSON object of t, key and cost: %w", err)
	case members(line) > len(fields):
		return nil, errors.New("line has a field twice; want each once")
	}
	return fields, nil
}

// members counts those of an object, whatever they are called.
func members(object []byte) (n int) {
	depth, quoted := 0, false
	for i := 0; i < len(object); i++ {
		switch c := object[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			depth--
		case c == ':' && depth == 1:
			n++
		}
	}
	return n
}

// keyOf reads the key, which must be text; "" where there is none.
func keyOf(value json.RawMessage) (key string, err error) {
	if value == nil {
		return "", nil
	}
	if json.Unmarshal(value, &key) != nil {
		return "", fmt.Errorf("key is %.40s; want text, such as %[1]q", value)
	}
	return key, nil
}

// found names the fields of an object that has others than are wanted.
func found(fields map[string]json.RawMessage) string {
	if len(fields) == 0 {
		return ""
	}
	names := slices.Sorted(maps.Keys(fields))
	return fmt.Sprintf("; it has %s", strings.Join(names[:min(len(names), 12)], ", "))
}
