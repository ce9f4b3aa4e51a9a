package wire_test

import (
	"bufio"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/redisproc"
	"github.com/fcbench/fcbench/internal/redisproc/redisproctest"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
	"github.com/fcbench/fcbench/targets/wire"
)

// soon is when callers leave whom nobody answers.
const soon = 30 * time.Millisecond

// fault is what a service says, and what becomes of requests.
type fault struct {
	words, end string
	deadline   time.Duration
	outcome    results.Outcome
	cause      string
}

func (f fault) check(t *testing.T, name string, all []targets.Response) {
	t.Helper()
	for i, r := range all {
		if r.Outcome != f.outcome || r.Cause != f.cause {
			t.Errorf("%s: request %d is %+v; want %v: %s", name, i, r, f.outcome, f.cause)
		}
	}
}

const (
	closed = "connection closed by the other side"
	reset  = "connection reset by peer"
)

// TestRepliesBadly: a Redis that breaks off, falls silent or talks too much leaves every
// decision with an outcome, by either engine alike, and no reply is taken for another's.
func TestRepliesBadly(t *testing.T) {
	s := redisproctest.Start(t)
	const none = "reply of the script is []; want 5 integers"
	for name, f := range map[string]fault{
		"silent":           {end: "close", outcome: results.Failed, cause: closed},
		"truncated":        {words: "*5\r\n:1\r\n:2\r\n:3", end: "close", outcome: results.Failed, cause: closed},
		"half-closed":      {words: "*5\r\n:1\r\n", end: "half-close", outcome: results.Failed, cause: closed},
		"reset":            {words: "$9\r\nabc", end: "reset", outcome: results.Failed, cause: reset},
		"never":            {deadline: soon, outcome: results.TimedOut, cause: "timeout"},
		"not all":          {words: "$3000000\r\n", deadline: soon, outcome: results.TimedOut, cause: "timeout"},
		"large":            {words: "$3000000\r\n" + strings.Repeat("x", 3_000_000) + "\r\n", outcome: results.Failed, cause: none},
		"too deep":         {words: strings.Repeat("*1\r\n", 40) + ":1\r\n", outcome: results.Failed, cause: "malformed reply: nested too deeply"},
		"too long":         {words: "*99999999999999999999\r\n", outcome: results.Failed, cause: "malformed reply"},
		"no line":          {words: strings.Repeat("x", 100_000), outcome: results.Failed, cause: "malformed reply"},
		"HTTP":             {words: "HTTP/1.1 400 Bad Request\r\n\r\n", outcome: results.Failed, cause: "malformed reply"},
		"unasked":          {words: "-FIRST a\r\n-SECOND b\r\n", outcome: results.Failed, cause: "FIRST a"},
		"pushed":           {words: ">2\r\n+invalidate\r\n*0\r\n-ERR a\r\n", outcome: results.Failed, cause: "ERR a"},
		"nested":           {words: "*2\r\n%1\r\n+a\r\n~1\r\n:1\r\n*1\r\n*0\r\n", outcome: results.Failed, cause: none},
		"errors within":    {words: "*1\r\n-ERR within\r\n", outcome: results.Failed, cause: none},
		"nothing, of RESP": {words: "_\r\n", outcome: results.Failed, cause: none},
	} {
		addr := replying(t, func(in *bufio.Reader) error { _, err := readCommand(in); return err }, f.words, f.end)
		for _, engine := range engines {
			d := decisions(t, s, "run:", 7, engine, 2, 1)
			d.Redis, d.Dialer = redisproc.Direct{Network: "tcp", Address: addr}, guarded(t)
			requests := asks(6, 1)
			for i := range requests {
				requests[i].Deadline = f.deadline
			}
			f.check(t, name+" by the "+string(engine)+" engine", send(t, d, 2, requests...))
		}
	}
}

// TestMessagesBadly: the same of services of messages, also with several on a connection.
func TestMessagesBadly(t *testing.T) {
	for _, framing := range []wire.Framing{wire.Line, wire.U32} {
		part, whole := "fi", string(frame(framing, "fine"))
		if framing == wire.U32 {
			part = whole[:6]
		}
		for name, f := range map[string]fault{
			"silent":      {end: "close", outcome: results.Failed, cause: closed},
			"truncated":   {words: part, end: "close", outcome: results.Failed, cause: closed},
			"half-closed": {words: part, end: "half-close", outcome: results.Failed, cause: closed},
			"reset":       {words: part, end: "reset", outcome: results.Failed, cause: reset},
			"never":       {deadline: soon, outcome: results.TimedOut, cause: "timeout"},
			"not all":     {words: part, deadline: soon, outcome: results.TimedOut, cause: "timeout"},
			"large":       {words: string(frame(framing, strings.Repeat("x", 3_000_000))), outcome: results.OK},
			"unasked":     {words: whole + string(frame(framing, "no")), outcome: results.OK},
		} {
			addr := replying(t, func(in *bufio.Reader) error { _, err := readFrame(in, framing); return err }, f.words, f.end)
			for _, engine := range engines {
				tcp, err := wire.NewTCP(wire.TCPConfig{Address: addr, Framing: framing, Message: "m", Refusal: "no", Engine: engine}, guarded(t))
				if err != nil {
					t.Fatal(err)
				}
				requests := make([]targets.Request, 6)
				for i := range requests {
					requests[i].Deadline = f.deadline
				}
				f.check(t, string(framing)+", "+name+" by the "+string(engine)+" engine", send(t, tcp, 2, requests...))
				tcp.Close(t.Context())
			}
		}
	}
}

// TestDeepConnectionsBreak: of several messages on a connection that ends, or never
// does, each has its own outcome: ok are those that were answered.
func TestDeepConnectionsBreak(t *testing.T) {
	for _, end := range []string{"closed", "reset", "endless"} {
		over := make(chan struct{})
		addr := serve(t, func(conn net.Conn) {
			in := bufio.NewReader(conn)
			for range 3 {
				if _, err := in.ReadString('\n'); err != nil {
					return
				}
				io.WriteString(conn, "fine\n")
			}
			switch end {
			case "reset":
				conn.(*net.TCPConn).SetLinger(0)
			case "endless":
				for _, err := io.WriteString(conn, "and so on"); err == nil; {
					_, err = conn.Write(make([]byte, 1<<16))
				}
				<-over
			}
		})
		c := wire.TCPConfig{Address: addr, Message: "m", Connections: 2, Depth: 8}
		if len(engines) == 1 {
			c.Depth = 1
		}
		tcp, err := wire.NewTCP(c, guarded(t))
		if err != nil {
			t.Fatal(err)
		}
		requests := make([]targets.Request, 60)
		for i := range requests {
			if end == "endless" {
				requests[i].Deadline = 200 * time.Millisecond
			}
		}
		ok := 0
		for i, r := range send(t, tcp, 16, requests...) {
			switch {
			case r.Outcome == results.OK:
				ok++
			case end == "endless" && r.Outcome == results.TimedOut:
			case r.Outcome != results.Failed || !strings.HasPrefix(r.Cause, "connection ") && r.Cause != "broken pipe":
				t.Errorf("%s: request %d is %+v", end, i, r)
			}
		}
		if ok == 0 || ok == len(requests) {
			t.Errorf("%s: %d of %d are ok; want some", end, ok, len(requests))
		}
		tcp.Close(t.Context())
		close(over)
	}
}
