package eventlog

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/fcbench/fcbench/internal/runner"
)

// header names the columns of a CSV log; a line of JSON has members of the same names.
const header = "t_ns,released_ns,trial,repeat,key,cost,class,attempt,outcome,cause,retry_after_ns,response_ns,service_ns\n"

// appendJSON appends a line of JSON. Bytes of a key that are no UTF-8 come as U+FFFD.
func appendJSON(line []byte, r *Run, a *runner.Attempt) []byte {
	line = appendInt(line, `{"t_ns":`, int64(a.Intended-r.Warmup))
	line = appendInt(line, `,"released_ns":`, int64(a.Released-r.Warmup))
	line = appendText(line, `,"trial":`, r.Trial)
	line = appendInt(line, `,"repeat":`, int64(r.Repeat))
	line = appendText(line, `,"key":`, a.Key)
	line = appendInt(line, `,"cost":`, a.Cost)
	line = appendText(line, `,"class":`, r.class(a.Class))
	line = appendInt(line, `,"attempt":`, int64(a.Number))
	line = appendText(line, `,"outcome":`, a.Outcome.String())
	line = appendText(line, `,"cause":`, a.Cause)
	line = appendInt(line, `,"retry_after_ns":`, int64(a.RetryAfter))
	line = appendInt(line, `,"response_ns":`, int64(a.Returned-a.Intended))
	line = appendInt(line, `,"service_ns":`, int64(a.Returned-a.Called))
	return append(line, "}\n"...)
}

func appendInt(line []byte, name string, value int64) []byte {
	return strconv.AppendInt(append(line, name...), value, 10)
}

func appendText(line []byte, name, value string) []byte {
	line = append(line, name...)
	if plain(value) {
		return append(append(append(line, '"'), value...), '"')
	}
	var text bytes.Buffer
	e := json.NewEncoder(&text)
	e.SetEscapeHTML(false)
	_ = e.Encode(value) // a string has no errors
	return append(line, bytes.TrimSuffix(text.Bytes(), []byte("\n"))...)
}

// plain reports whether text stands for itself in JSON.
func plain(text string) bool {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

func appendCSV(line []byte, r *Run, a *runner.Attempt) []byte {
	line = appendInt(line, "", int64(a.Intended-r.Warmup))
	line = appendInt(line, ",", int64(a.Released-r.Warmup))
	line = appendField(line, r.Trial)
	line = appendInt(line, ",", int64(r.Repeat))
	line = appendField(line, a.Key)
	line = appendInt(line, ",", a.Cost)
	line = appendField(line, r.class(a.Class))
	line = appendInt(line, ",", int64(a.Number))
	line = appendField(line, a.Outcome.String())
	line = appendField(line, a.Cause)
	line = appendInt(line, ",", int64(a.RetryAfter))
	line = appendInt(line, ",", int64(a.Returned-a.Intended))
	line = appendInt(line, ",", int64(a.Returned-a.Called))
	return append(line, '\n')
}

// appendField appends a field as RFC 4180 has it.
func appendField(line []byte, text string) []byte {
	line = append(line, ',')
	if !strings.ContainsAny(text, ",\"\r\n") && text == strings.TrimSpace(text) {
		return append(line, text...)
	}
	line = append(line, '"')
	line = append(line, strings.ReplaceAll(text, `"`, `""`)...)
	return append(line, '"')
}

// class is the name of a class; none where there is one alone.
func (r *Run) class(number uint8) string {
	if int(number) < len(r.Classes) && len(r.Classes) > 1 {
		return r.Classes[number]
	}
	return ""
}
