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
	var fields struct {
		T       json.RawMessage `json:"t"`
		TNS     json.RawMessage `json:"t_ns"`
		Key     *string         `json:"key"`
		Cost    json.RawMessage `json:"cost"`
		Attempt json.RawMessage `json:"attempt"`
		Trial   json.RawMessage `json:"trial"`
		Repeat  json.RawMessage `json:"repeat"`
	}
	if err := json.Unmarshal(line, &fields); err != nil {
		if line[0] == '[' {
			return record{}, errors.New("line begins a JSON array; want an object a line, such as by jq -c '.[]'")
		}
		return record{}, fmt.Errorf("line is not a JSON object of t, key and cost: %w", err)
	}
	if fields.T != nil && fields.TNS != nil {
		return record{}, errors.New("line has t and t_ns; want one of them")
	}
	if fields.T == nil && fields.TNS == nil || fields.Key == nil || *fields.Key == "" {
		return record{}, fmt.Errorf("line lacks t or key; want both%s", found(line))
	}
	rec := record{key: []byte(*fields.Key), unit: 1, zero: fields.TNS != nil}
	var err error
	if rec.zero {
		rec.at, err = traceNanos(fields.TNS)
		if err == nil && fields.Attempt != nil {
			err = checkAttempt(fields.Attempt)
			rec.trial, rec.repeat = fields.Trial, fields.Repeat
		}
	} else {
		rec.at, rec.unit, err = traceTime(bytes.Trim(fields.T, `"`))
	}
	if err != nil {
		return record{}, err
	}
	rec.cost, err = traceCost(fields.Cost)
	return rec, err
}

// found names the fields of an object that has others than are wanted.
func found(line []byte) string {
	var fields map[string]json.RawMessage
	if json.Unmarshal(line, &fields) != nil || len(fields) == 0 {
		return ""
	}
	names := slices.Sorted(maps.Keys(fields))
	return fmt.Sprintf("; it has %s", strings.Join(names[:min(len(names), 12)], ", "))
}
