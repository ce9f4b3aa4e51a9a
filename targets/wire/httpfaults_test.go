package wire_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
	"github.com/fcbench/fcbench/targets/wire"
)

// TestEnginesTakeNoAnswerForAnother: what follows an answer that nobody asked for, of
// a Content-Length that is too short or to a HEAD, ends the connection, and is never
// taken for the answer to the next request.
func TestEnginesTakeNoAnswerForAnother(t *testing.T) {
	const refusal = "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"
	for name, c := range map[string]struct {
		words, method string
		status        uint16
	}{
		"too short":     {words: "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nokay", status: 200},
		"two answers":   {words: "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx" + refusal, status: 200},
		"HEAD and body": {words: "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nokay", method: "HEAD", status: 200},
		"204 and body":  {words: "HTTP/1.1 204 No Content\r\n\r\n" + refusal, status: 204},
		"304 and body":  {words: "HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\nokay", status: 304},
		"after chunks":  {words: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n" + refusal, status: 200},
	} {
		addr := saying(t, c.words, "")
		for _, engine := range engines {
			h := engined(t, engine, wire.HTTPConfig{URL: "http://" + addr, Method: c.method, Connections: 1})
			for i, got := range send(t, h, 4, make([]targets.Request, 8)...) {
				if want := (targets.Response{Outcome: results.OK, Status: c.status}); got != want {
					t.Errorf("%s: by the %s engine answer %d is %+v; want %+v", name, engine, i, got, want)
				}
			}
		}
	}
}

// TestEnginesTakeDrops: an answer that comes byte by byte is one like others, and one
// that goes on like that for ever is timed out.
func TestEnginesTakeDrops(t *testing.T) {
	addr := serve(t, func(conn net.Conn) {
		for in := bufio.NewReader(conn); ; {
			r, err := http.ReadRequest(in)
			if err != nil {
				return
			}
			for _, b := range []byte("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nX: y\r\n\r\n3\r\nabc\r\n") {
				conn.Write([]byte{b})
			}
			for err := error(nil); r.URL.Path == "/endless" && err == nil; {
				_, err = conn.Write([]byte("1\r\nx\r\n"))
			}
			io.WriteString(conn, "0\r\n\r\n")
		}
	})
	for _, engine := range engines {
		h := engined(t, engine, wire.HTTPConfig{URL: "http://" + addr + "/{key}", Check: wanting("abc", "3")})
		requests := []targets.Request{{}, {Key: "endless", Deadline: 50 * time.Millisecond}, {}, {}}
		for i, got := range send(t, h, 2, requests...) {
			if want := results.OK; i != 1 && got.Outcome != want || i == 1 && got.Outcome != results.TimedOut {
				t.Errorf("by the %s engine answer %d is %+v", engine, i, got)
			}
		}
	}
}

// TestEnginesAfterAnIdleTime: a connection that the service closed while it was not
// used takes no request; another one does.
func TestEnginesAfterAnIdleTime(t *testing.T) {
	for _, engine := range engines {
		closed, tired := make(chan struct{}), make(chan struct{})
		addr := serve(t, func(conn net.Conn) {
			if _, err := http.ReadRequest(bufio.NewReader(conn)); err != nil {
				return
			}
			io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
			<-tired
			conn.Close()
			closed <- struct{}{}
		})
		env := real(1)
		lane, err := engined(t, engine, wire.HTTPConfig{URL: "http://" + addr, Connections: 1}).Lane(t.Context(), env, 0, 1)
		if err != nil {
			t.Fatal(err)
		}
		var got []results.Outcome
		done := func(_ uint32, _ time.Duration, r *targets.Response) { got = append(got, r.Outcome) }
		for range 3 {
			now, before := env.Clock(), len(got)
			lane.Start(now, &targets.Request{Now: now, Intended: now, Deadline: now + within}, done)
			for len(got) == before {
				now = lane.Poll(now, now+10*time.Millisecond, done)
			}
			if got[before] != results.OK {
				t.Errorf("by the %s engine requests end %v; want all of them ok", engine, got)
			}
			tired <- struct{}{}
			<-closed
			lane.Poll(env.Clock(), env.Clock()+time.Millisecond, done)
		}
		if err := lane.Close(context.Background()); err != nil {
			t.Error(err)
		}
	}
}

// TestEnginesAgreeOnWhatCutsRequests: a service that resets the connection, or ends it,
// while a request is still being sent has one cause each, whether it is writing or reading
// that is told first.
func TestEnginesAgreeOnWhatCutsRequests(t *testing.T) {
	for _, by := range combined() {
		for range 5 {
			to := by.transport.serve(t, func(conn net.Conn) {
				_, _ = io.CopyN(io.Discard, conn, 1<<20)
				cut(conn)
			})
			r := send(t, engined(t, by.engine, to), 1, targets.Request{Size: 64 << 20})[0]
			if want := (targets.Response{Outcome: results.Failed, Cause: reset}); r != want {
				t.Errorf("by %s a request that is cut is %+v; want %+v", by, r, want)
			}
		}
	}
}
