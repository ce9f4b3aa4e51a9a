package wire_test

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/fcbench/fcbench/targets"
	"github.com/fcbench/fcbench/targets/wire"
)

// model reads replies as their specification is written: whole values, recursively.
type model struct {
	in  []byte
	bad bool // not of the protocol
	end bool // it ends within a value
}

func (m *model) line() string {
	i := bytes.IndexByte(m.in, '\n')
	if i < 0 {
		m.end = true
		return ""
	}
	line := string(m.in[:i])
	m.in = m.in[i+1:]
	if len(line) < 2 || line[len(line)-1] != '\r' {
		m.bad = true
		return ""
	}
	return line[:len(line)-1]
}

// value reads one and says "ok", "failed", or "pushed".
func (m *model) value(depth int) string {
	line := m.line()
	if m.bad || m.end {
		return ""
	}
	if strings.IndexByte("+:,#_(", line[0]) >= 0 {
		return "ok"
	}
	if line[0] == '-' {
		return "failed"
	}
	n, err := strconv.ParseInt(line[1:], 10, 32)
	if strings.IndexByte("$=!*~>%", line[0]) < 0 || err != nil || n < 0 && (n != -1 || line[0] != '$' && line[0] != '*') {
		m.bad = true
		return ""
	}
	switch line[0] {
	case '$', '=', '!':
		if n == -1 {
			return "ok"
		}
		if int64(len(m.in)) < n+2 {
			m.in, m.end = nil, true
			return ""
		}
		if string(m.in[n:n+2]) != "\r\n" {
			m.bad = true
			return ""
		}
		m.in = m.in[n+2:]
		if line[0] == '!' {
			return "failed"
		}
		return "ok"
	}
	if line[0] == '%' {
		n *= 2
	}
	if n > 0 && depth == 32 {
		m.bad = true
		return ""
	}
	for range n {
		if m.value(depth + 1); m.bad || m.end {
			return ""
		}
	}
	if line[0] == '>' {
		return "pushed"
	}
	return "ok"
}

func replies(stream []byte) string {
	var out strings.Builder
	m := model{in: stream}
	for len(m.in) > 0 {
		outcome := m.value(0)
		switch {
		case m.bad:
			return out.String() + "malformed"
		case m.end:
			return out.String()
		case outcome != "pushed":
			out.WriteString(outcome + " ")
		}
	}
	return out.String()
}

func decodedReplies(parts [][]byte) string {
	var out strings.Builder
	var in []byte
	d := wire.RESP(nil)
	for _, part := range parts {
		for in = append(in, part...); len(in) > 0; {
			var r targets.Response
			n, done, err := d.Decode(in, 0, &r)
			if in = in[n:]; err != nil {
				return out.String() + "malformed"
			}
			if !done {
				break
			}
			fmt.Fprint(&out, r.Outcome, " ")
		}
	}
	return out.String()
}

// FuzzRESP: replies are told apart as the specification has them, however they are cut.
func FuzzRESP(f *testing.F) {
	for _, s := range []string{
		"+OK\r\n-ERR no\r\n:1\r\n$2\r\nok\r\n$-1\r\n*-1\r\n*0\r\n$0\r\n\r\n",
		"*3\r\n:1\r\n*2\r\n$3\r\na\r\n\r\n-no\r\n*0\r\n+after\r\n",
		"%1\r\n+a\r\n~2\r\n#t\r\n_\r\n,1.5\r\n(12345\r\n=7\r\ntxt:abc\r\n!5\r\nERR x\r\n",
		">2\r\n+message\r\n+x\r\n+OK\r\n*1\r\n:1\r\n", "|1\r\n+ttl\r\n:3\r\n*1\r\n:1\r\n", "$3\r\nabcXY", "!1\r\nx\rY",
		"*1\r\n*1\r\n*1\r\n*1\r\n", strings.Repeat("*1\r\n", 33) + ":1\r\n", strings.Repeat("*1\r\n", 32) + ":1\r\n:2\r\n",
		"-" + strings.Repeat("\x9b", 81) + "\r\n", "$5\r\nab", "*9999999999\r\n", "$-2\r\n", "%-1\r\n", "?\r\n", "\r\n", "+OK\n", "$?\r\n", "HTTP/1.1 400 Bad Request\r\n",
	} {
		f.Add([]byte(s), uint64(1))
	}
	f.Fuzz(func(t *testing.T, stream []byte, seed uint64) {
		if len(stream) > 4000 {
			return
		}
		want := replies(stream)
		if got := decodedReplies(fragments(stream, seed)); got != want {
			t.Errorf("%q is %q; want %q", stream, got, want)
		}
	})
}

// TestRepliesOfNobody: what is no reply is malformed, however it is cut, and not taken
// for one that is ok.
func TestRepliesOfNobody(t *testing.T) {
	for stream, want := range map[string]string{
		"|1\r\n+a\r\n+b\r\n-ERR x\r\n":           "malformed", // an error with an attribute
		"|0\r\n+OK\r\n":                          "malformed",
		"*1\r\n|1\r\n+a\r\n+b\r\n:1\r\n":         "malformed",
		"+OK\r\n$3\r\nabcXY":                     "ok malformed",
		"$3\r\nabc\rX":                           "malformed",
		"$3\r\nabcX\n":                           "malformed",
		"$3\r\nabcd\r\n":                         "malformed",
		"$0\r\n+OK\r\n":                          "malformed",
		"*2\r\n$1\r\na:1\r\n":                    "malformed",
		"=7\r\ntxt:abcXY":                        "malformed",
		"!5\r\nERR xXY":                          "malformed",
		"$3\r\nabc\r\n!5\r\nERR x\r\n$0\r\n\r\n": "ok failed ok ",
		"$3\r\nabc\r":                            "", // there may be more
		"$3\r\nabcX":                             "",
	} {
		for cut := range len(stream) {
			if got := decodedReplies([][]byte{[]byte(stream[:cut]), []byte(stream[cut:])}); got != want {
				t.Errorf("%q cut at %d is %q; want %q", stream, cut, got, want)
			}
		}
		if got := decodedReplies(bytes.SplitAfter([]byte(stream), nil)); got != want {
			t.Errorf("%q byte by byte is %q; want %q", stream, got, want)
		}
	}
}
