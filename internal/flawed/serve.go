package flawed

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/fcbench/fcbench/limiters"
)

var errUnsupported = errors.ErrUnsupported

// longest is more than any line is long.
const longest = 4 << 20

// Serve answers lines as a program for exec: does, until there are no more.
func (p Program) Serve(in io.Reader, out io.Writer) error {
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, longest)
	limit, err := readHello(lines)
	if err != nil {
		return err
	}
	if err := p.objection(limit, Request{}); err != nil {
		_, err = fmt.Fprintf(out, `{"error":%q}`+"\n", err)
		return err
	}
	_, err = fmt.Fprintf(out, `{"hello":"fcbench.limiter/v1"%s}`+"\n", p.introduction())
	for decide := p.decider(limit); err == nil && lines.Scan(); {
		var r Request
		if r, err = readRequest(lines.Bytes()); err != nil {
			return err
		}
		answer := ""
		if refused := p.objection(limit, r); refused != nil {
			answer = fmt.Sprintf(`{"error":%q}`, refused)
		} else {
			answer = answerOf(decide(r))
		}
		_, err = fmt.Fprintln(out, answer)
	}
	return errors.Join(err, lines.Err())
}

func (p Program) introduction() (members string) {
	add := func(is bool, member string) {
		if is {
			members += "," + member
		}
	}
	add(p.Windows != "", fmt.Sprintf(`"windows":%q`, p.Windows))
	add(p.Clock, `"time":"clock"`)
	add(p.Unweighted, `"unweighted":true`)
	add(p.Resolution > 0, fmt.Sprintf(`"resolution_ns":%d`, int64(p.Resolution)))
	return members
}

func readHello(lines *bufio.Scanner) (limiters.Limit, error) {
	var hello struct {
		Rate   int64         `json:"rate"`
		Period time.Duration `json:"period_ns"`
		Burst  int64         `json:"burst"`
	}
	if !lines.Scan() {
		return limiters.Limit{}, io.ErrUnexpectedEOF
	}
	err := json.Unmarshal(lines.Bytes(), &hello)
	return limiters.Limit{Rate: hello.Rate, Period: hello.Period, Burst: hello.Burst}, err
}

func readRequest(line []byte) (Request, error) {
	var r struct {
		Now    time.Duration `json:"now_ns"`
		Key    string        `json:"key"`
		Binary *string       `json:"key_base64"`
		N      int64         `json:"n"`
	}
	err := json.Unmarshal(line, &r)
	if r.Binary != nil {
		key, bad := base64.StdEncoding.DecodeString(*r.Binary)
		r.Key, err = string(key), errors.Join(err, bad)
	}
	return Request{r.Now, r.Key, r.N}, err
}

// answerOf has what d says, and leaves out what it does not.
func answerOf(d limiters.Decision) string {
	line := fmt.Sprintf(`{"allowed":%t`, d.Allowed)
	for _, member := range []struct {
		name  string
		value int64
	}{
		{"retry_after_ns", int64(d.RetryAfter)}, {"remaining", d.Remaining}, {"reset_after_ns", int64(d.ResetAfter)}, {"at_ns", int64(d.At)},
	} {
		if member.value >= 0 {
			line += fmt.Sprintf(`,"%s":%d`, member.name, member.value)
		}
	}
	return line + "}"
}
