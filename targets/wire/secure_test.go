package wire_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
	"github.com/fcbench/fcbench/targets/wire"
)

const fine = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

// TestRecords: however a service cuts up what it says, and whatever else TLS lets it say
// in between, both engines have the same answers, on one connection; and what it must not
// say has the same cause.
func TestRecords(t *testing.T) {
	errLast := errors.New("that was the last")
	last := func(h *byHand, bytes ...[]byte) error { return errors.Join(say(h, bytes...), errLast) }
	for name, c := range map[string]struct {
		say   func(h *byHand) error
		cause string
	}{
		"one":       {say: func(h *byHand) error { return say(h, h.data(fine)) }},
		"filled up": {say: func(h *byHand) error { return say(h, h.record(dataRecord, fine, 300)) }},
		"one each":  {say: func(h *byHand) error { return say(h, each(h, fine)...) }},
		"empty ones": {say: func(h *byHand) error {
			return say(h, h.data(""), h.data(fine[:9]), h.data(""), h.data(fine[9:]), h.data(""))
		}},
		"in two writes": {say: func(h *byHand) error { return errors.Join(say(h, h.data(fine[:20])), say(h, h.data(fine[20:]))) }},
		"cut in two": {say: func(h *byHand) error {
			all := h.data(fine)
			return errors.Join(say(h, all[:3]), say(h, all[3:30]), say(h, all[30:]))
		}},
		"head and body": {say: func(h *byHand) error { return say(h, h.data(fine[:len(fine)-2]), h.data("ok")) }},
		"the next begun": {say: func(h *byHand) error {
			answer, next := h.data(fine), h.record(handshakeRecord, ticket(), 0)
			return errors.Join(say(h, answer, next[:7]), say(h, next[7:]))
		}},
		"ticket before": {say: func(h *byHand) error { return say(h, h.record(handshakeRecord, ticket(), 0), h.data(fine)) }},
		"ticket after":  {say: func(h *byHand) error { return say(h, h.data(fine), h.record(handshakeRecord, ticket(), 0)) }},
		"ticket apart": {say: func(h *byHand) error {
			return errors.Join(say(h, h.data(fine)), say(h, h.record(handshakeRecord, ticket(), 0)))
		}},
		"ticket in two": {say: func(h *byHand) error {
			return errors.Join(say(h, h.record(handshakeRecord, ticket()[:11], 0)), say(h, h.record(handshakeRecord, ticket()[11:], 0), h.data(fine)))
		}},
		"keys":           {say: func(h *byHand) error { return say(h, h.keyUpdate(0), h.data(fine)) }},
		"keys asked":     {say: func(h *byHand) error { return say(h, h.keyUpdate(1), h.data(fine)) }},
		"keys between":   {say: func(h *byHand) error { return say(h, h.data(fine[:25]), h.keyUpdate(1), h.data(fine[25:])) }},
		"keys after":     {say: func(h *byHand) error { return say(h, h.data(fine), h.keyUpdate(1)) }},
		"closed":         {say: func(h *byHand) error { return last(h, h.record(alertRecord, "\x01\x00", 0)) }, cause: closed},
		"cut short":      {say: func(h *byHand) error { return last(h, h.data(fine)[:30]) }, cause: closed},
		"cut in header":  {say: func(h *byHand) error { return last(h, h.data(fine)[:3]) }, cause: closed},
		"half, closed":   {say: func(h *byHand) error { return last(h, h.data(fine[:30]), h.record(alertRecord, "\x01\x00", 0)) }, cause: closed},
		"given up":       {say: func(h *byHand) error { return say(h, h.record(alertRecord, "\x02\x50", 0)) }, cause: "tls: internal error"},
		"half, given up": {say: func(h *byHand) error { return say(h, h.data(fine[:30]), h.record(alertRecord, "\x02\x50", 0)) }, cause: "tls: internal error"},
		"not sealed":     {say: func(h *byHand) error { all := h.data(fine); all[20]++; return say(h, all) }, cause: "tls: bad record MAC"},
		"too large":      {say: func(h *byHand) error { return say(h, []byte("\x17\x03\x03\xff\xff")) }, cause: "tls: oversized record received with length …"},
		"in the clear":   {say: func(h *byHand) error { return say(h, []byte(fine)) }, cause: "tls: received record with version … when expecting version 303"},
		"no data":        {say: func(h *byHand) error { return say(h, h.record(99, fine, 0)) }, cause: "tls: unexpected message"},
		"for ever":       {say: func(h *byHand) error { return say(h, h.record(handshakeRecord, strings.Repeat(ticket(), 40), 0)) }, cause: "tls: too many non-advancing records"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, engine := range engines {
				var connections, updates atomic.Int64
				addr := servedByHand(t, func(h *byHand, before int) error {
					if before == 0 {
						connections.Add(1)
					}
					updates.Store(int64(h.updated))
					return c.say(h)
				})
				for i, r := range send(t, engined(t, engine, insecurely(addr)), 1, make([]targets.Request, 4)...) {
					if (r.Outcome == results.OK) != (c.cause == "") || r.Cause != c.cause {
						t.Errorf("by the %s engine request %d is %+v; want the cause %q", engine, i, r, c.cause)
					}
				}
				if n := connections.Load(); c.cause == "" && n != 1 {
					t.Errorf("by the %s engine %d connections were made; want one", engine, n)
				}
				// The service sees those before the last request.
				want := map[string]int64{"keys asked": 3, "keys between": 3, "keys after": 3}[name]
				if n := updates.Load(); n != want {
					t.Errorf("by the %s engine the client took new keys %d times; want %d", engine, n, want)
				}
			}
		})
	}
}

func say(h *byHand, bytes ...[]byte) error {
	all := []byte{}
	for _, b := range bytes {
		all = append(all, b...)
	}
	_, err := h.conn.Write(all)
	return err
}

// each is text in records of one byte.
func each(h *byHand, text string) (all [][]byte) {
	for i := range len(text) {
		all = append(all, h.data(text[i:i+1]))
	}
	return all
}

// TestClosedAfterTheAnswer: a service that says with an answer, or after it, that it will
// send no more, in TLS alone, is asked on another connection.
func TestClosedAfterTheAnswer(t *testing.T) {
	const notify = "\x01\x00"
	for name, last := range map[string]func(h *byHand) error{
		"with it": func(h *byHand) error { return say(h, h.data(fine), h.record(alertRecord, notify, 0)) },
		"in its end": func(h *byHand) error {
			return say(h, h.data(fine[:9]), h.data(fine[9:]), h.record(alertRecord, notify, 0))
		},
		"after it": func(h *byHand) error {
			return errors.Join(say(h, h.data(fine)), say(h, h.record(alertRecord, notify, 0)))
		},
		"after a ticket": func(h *byHand) error {
			return say(h, h.data(fine), h.record(handshakeRecord, ticket(), 0), h.record(alertRecord, notify, 0))
		},
		"by an error":   func(h *byHand) error { return say(h, h.data(fine), h.record(alertRecord, "\x02\x50", 0)) },
		"and said more": func(h *byHand) error { return say(h, h.data(fine), h.data("HTTP/1.1 500 No\r\n\r\n")) },
		"and more later": func(h *byHand) error {
			return errors.Join(say(h, h.data(fine)), say(h, h.data("HTTP/1.1 500 No\r\n\r\n")))
		},
	} {
		for _, engine := range engines {
			said := make(chan error, 10)
			addr := servedByHand(t, func(h *byHand, _ int) error {
				err := last(h)
				said <- err
				return err
			})
			k := talking(t, engined(t, engine, insecurely(addr)), 1)
			for i := range 4 {
				if r := k.ask(targets.Request{})[0]; r.Outcome != results.OK {
					t.Errorf("%s: by the %s engine request %d is %+v; want it ok", name, engine, i, r)
				}
				if err := <-said; err != nil {
					t.Error(err)
				}
				k.rest(2 * time.Millisecond) // it is there
			}
			k.end()
		}
	}
}

// TestIdleBeyondTheDeadline: a connection that is not used for longer than requests may
// take is used again, whatever TLS had to say meanwhile.
func TestIdleBeyondTheDeadline(t *testing.T) {
	for _, by := range combined() {
		var connections atomic.Int64
		to := by.transport.serve(t, func(conn net.Conn) {
			connections.Add(1)
			says(heard, fine, "")(conn)
		})
		idle(t, engined(t, by.engine, to), &connections, by.String())
	}
	for _, engine := range engines {
		var connections atomic.Int64
		addr := servedByHand(t, func(h *byHand, before int) error {
			if before == 0 {
				connections.Add(1)
			}
			if h.updated != before {
				return fmt.Errorf("the client took new keys %d times; want %d", h.updated, before)
			}
			return say(h, h.data(fine), h.keyUpdate(1))
		})
		idle(t, engined(t, engine, insecurely(addr)), &connections, string(engine)+", of new keys")
	}
}

// idle asks now and then, with less time for each than passes between.
func idle(t *testing.T, h *wire.HTTP, connections *atomic.Int64, name string) {
	t.Helper()
	k := talking(t, h, 1)
	defer k.end()
	for i, deadline := range []time.Duration{within, soon, soon} {
		r := k.ask(targets.Request{Deadline: deadline})[0]
		switch r.Outcome {
		case results.OK:
		case results.TimedOut: // on a busy machine, and its connection is given up
			connections.Add(-1)
		default:
			t.Errorf("by %s request %d is %+v; want it ok", name, i, r)
		}
		if i == 1 {
			k.rest(soon + soon/6)
		}
	}
	if n := connections.Load(); n != 1 {
		t.Errorf("by %s %d connections were made; want one", name, n)
	}
}

// pieces is a connection on which so much is written at once.
type pieces struct {
	net.Conn
	size int
}

func (p pieces) Write(b []byte) (n int, err error) {
	for n < len(b) && err == nil {
		var some int
		some, err = p.Conn.Write(b[n:min(len(b), n+p.size)])
		n += some
	}
	return n, err
}

// TestFragments: records that come in pieces of whatever size, those of the handshake
// too, are the same answers.
func TestFragments(t *testing.T) {
	config, body := certified(t), strings.Repeat("x", 100)
	for _, size := range []int{1, 2, 3, 4, 5, 6, 7, 21, 22, 23, 80, 81, 517, 518, 1460} {
		addr := serve(t, func(conn net.Conn) {
			secure := tls.Server(pieces{conn, size}, config)
			defer secure.Close()
			for in := bufio.NewReader(secure); heard(in) == nil; {
				io.WriteString(secure, "HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\n"+body)
				io.WriteString(secure, body)
			}
		})
		for _, engine := range engines {
			for i, r := range send(t, engined(t, engine, insecurely(addr)), 2, make([]targets.Request, 6)...) {
				if r.Outcome != results.OK {
					t.Errorf("in pieces of %d by the %s engine request %d is %+v", size, engine, i, r)
				}
			}
		}
	}
}

// TestVersions: answers of 64 KiB and bodies of requests go over either version of TLS,
// in records of whatever size.
func TestVersions(t *testing.T) {
	const size = 64 << 10
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		for _, fixed := range []bool{false, true} {
			config := certified(t)
			config.MinVersion, config.MaxVersion, config.DynamicRecordSizingDisabled = version, version, fixed
			addr := serve(t, func(conn net.Conn) {
				secure := tls.Server(conn, config)
				defer secure.Close()
				in := bufio.NewReader(secure)
				for {
					r, err := http.ReadRequest(in)
					if err != nil {
						return
					}
					if n, _ := io.Copy(io.Discard, r.Body); n != size {
						return
					}
					io.WriteString(secure, "HTTP/1.1 200 OK\r\nContent-Length: 65536\r\n\r\n"+strings.Repeat("x", size))
				}
			})
			for _, engine := range engines {
				for i, r := range send(t, engined(t, engine, insecurely(addr)), 4, repeated(40, targets.Request{Size: size})...) {
					if r.Outcome != results.OK {
						t.Fatalf("over %s by the %s engine request %d is %+v", tls.VersionName(version), engine, i, r)
					}
				}
			}
		}
	}
}

func repeated(n int, r targets.Request) (all []targets.Request) {
	for range n {
		all = append(all, r)
	}
	return all
}

// TestNoHandshake: a service that lets connections in and says nothing holds nobody longer
// than the deadline, and is left in peace afterwards; who is answered is not held at all.
func TestNoHandshake(t *testing.T) {
	config := certified(t)
	for _, engine := range engines {
		var speaks atomic.Bool
		addr := serve(t, func(conn net.Conn) {
			if !speaks.Load() {
				_, _ = io.Copy(io.Discard, conn)
				return
			}
			secure := tls.Server(conn, config)
			defer secure.Close()
			says(heard, fine, "")(secure)
		})
		h := engined(t, engine, insecurely(addr))
		for i, r := range send(t, h, 3, repeated(3, targets.Request{Deadline: soon})...) {
			if r.Outcome != results.TimedOut || r.Cause != "timeout" {
				t.Errorf("by the %s engine request %d is %+v; want it timed out", engine, i, r)
			}
		}
		speaks.Store(true)
		for i, r := range send(t, h, 3, make([]targets.Request, 6)...) {
			if r.Outcome != results.OK {
				t.Errorf("by the %s engine request %d is %+v; want it ok", engine, i, r)
			}
		}
	}
}

// TestClosedWhileShaking: a lane that is closed leaves no handshake behind, nor a
// connection that came of one and was not fetched any more.
func TestClosedWhileShaking(t *testing.T) {
	const atOnce = 8
	config, ended := certified(t), make(chan error, 2*atOnce)
	for _, shakes := range []bool{false, true} {
		var shaken atomic.Int64
		addr := serve(t, func(conn net.Conn) {
			if shakes {
				secure := tls.Server(conn, config)
				_ = secure.Handshake()
				shaken.Add(1)
				conn = secure
			}
			_, err := io.Copy(io.Discard, conn)
			ended <- err
		})
		env := real(atOnce)
		lane, err := engined(t, wire.Auto, insecurely(addr)).Lane(t.Context(), env, 0, 1)
		if err != nil {
			t.Fatal(err)
		}
		for token := range uint32(atOnce) {
			lane.Start(0, &targets.Request{Token: token, Deadline: within}, func(uint32, time.Duration, *targets.Response) {})
		}
		for shakes && shaken.Load() < atOnce {
			runtime.Gosched()
		}
		if err := lane.Close(context.Background()); err != nil {
			t.Error(err)
		}
		for range shaken.Load() {
			if err := <-ended; err != nil {
				t.Errorf("the service saw %v; want the end", err)
			}
		}
	}
}
