package wire_test

import (
	"bufio"
	"context"
	"fmt"
	"hash/crc32"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/redistest"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
	"github.com/fcbench/fcbench/targets/wire"
)

// engines are those of this system, all of which every rule holds for.
var engines = map[bool][]wire.Engine{true: {wire.Event, wire.Portable}, false: {wire.Portable}}[runtime.GOOS == "linux"]

// real is the time of a lane that a test drives.
func real(inFlight int) targets.Env {
	start := time.Now()
	clock := func() time.Duration { return time.Since(start) }
	return targets.Env{
		Time: results.Real, Clock: clock, InFlight: inFlight,
		Wait: func(_, until time.Duration) time.Duration { time.Sleep(until - clock()); return clock() },
		Lead: func(time.Duration) time.Duration { return 0 }, Woke: func(time.Duration) {},
	}
}

// within is how long tests wait for an answer that must come.
const within = time.Minute

// send sends all requests, so many at once, as the runner does.
func send(t testing.TB, target targets.Target, atOnce int, requests ...targets.Request) []targets.Response {
	t.Helper()
	k := talking(t, target, atOnce)
	defer k.end()
	return k.ask(requests...)
}

// talk is a lane that is asked as the runner does, again and again.
type talk struct {
	testing.TB
	lane     targets.Async
	env      targets.Env
	atOnce   int
	all      []targets.Response // by token
	answered int
}

// talking begins one, with so many requests in flight at most.
func talking(t testing.TB, target targets.Target, atOnce int) *talk {
	t.Helper()
	k := &talk{TB: t, env: real(atOnce), atOnce: atOnce}
	var err error
	if k.lane, err = target.Lane(t.Context(), k.env, 0, 1); err != nil {
		t.Fatal(err)
	}
	return k
}

func (k *talk) end() {
	k.Helper()
	if err := k.lane.Close(context.Background()); err != nil {
		k.Error(err)
	}
}

func (k *talk) done(token uint32, at time.Duration, r *targets.Response) {
	if r.Started > at {
		k.Errorf("request %d is answered at %v and began at %v", token, at, r.Started)
	}
	if r.Own < 0 || r.Own > at || r.Own > 0 && !r.Watched {
		k.Errorf("of request %d, answered at %v, %v are the generator's own, watched: %v", token, at, r.Own, r.Watched)
	}
	k.all[token] = *r
	k.all[token].Started, k.all[token].Caller, k.all[token].Own, k.all[token].Watched = 0, 0, 0, false
	k.answered++
}

// ask sends all requests. A deadline is from when it is sent, within without one.
func (k *talk) ask(requests ...targets.Request) []targets.Response {
	k.Helper()
	k.all, k.answered = make([]targets.Response, len(requests)), 0
	for sent, begun := 0, k.env.Clock(); k.answered < len(requests); {
		now := k.env.Clock()
		if now > begun+within {
			k.Fatalf("%d of %d requests are answered after %v", k.answered, len(requests), now-begun)
		}
		for sent < len(requests) && sent-k.answered < k.atOnce {
			r := requests[sent]
			r.Token, r.Now, r.Intended = uint32(sent), now, now
			if r.Deadline == 0 {
				r.Deadline = within
			}
			r.Deadline += now
			sent++
			k.lane.Start(now, &r, k.done)
		}
		k.lane.Poll(now, now+10*time.Millisecond, k.done)
	}
	return k.all
}

// rest lets time pass, in which the lane looks and nothing is asked.
func (k *talk) rest(d time.Duration) {
	for now, until := k.env.Clock(), k.env.Clock()+d; now < until; {
		now = k.lane.Poll(now, until, k.done)
	}
}

// engined is the target of an address by an engine.
func engined(t testing.TB, engine wire.Engine, c wire.HTTPConfig) *wire.HTTP {
	t.Helper()
	c.Engine = engine
	h, err := wire.NewHTTP(c, guarded(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close(context.Background()) })
	return h
}

// saying is a service that reads a request and says something, over and over, until
// a word ends with the connection: closed, reset or half-closed.
func saying(t testing.TB, words string, end string) (addr string) {
	return serve(t, says(heard, words, end))
}

func heard(in *bufio.Reader) error {
	r, err := http.ReadRequest(in)
	if err == nil {
		_, err = io.Copy(io.Discard, r.Body)
	}
	return err
}

// replying is a service that says something whenever a request was read.
func replying(t testing.TB, read func(*bufio.Reader) error, words, end string) (addr string) {
	return serve(t, says(read, words, end))
}

func says(read func(*bufio.Reader) error, words, end string) func(net.Conn) {
	return func(conn net.Conn) {
		in := bufio.NewReader(conn)
		for read(in) == nil {
			io.WriteString(conn, words)
			switch end {
			case "close":
				return
			case "reset":
				cut(conn)
				return
			case "half-close":
				conn.(interface{ CloseWrite() error }).CloseWrite()
				in.Peek(1)
				return
			}
		}
	}
}

// TestEnginesAgree: whatever a service says, both engines have it that it said the same.
func TestEnginesAgree(t *testing.T) {
	ok, peer := targets.Response{Outcome: results.OK, Status: 200}, targets.Response{Outcome: results.Failed, Cause: "connection closed by the other side"}
	failed := func(cause string) targets.Response { return targets.Response{Outcome: results.Failed, Cause: cause} }
	late := targets.Response{Outcome: results.TimedOut, Cause: "timeout"}
	for name, c := range map[string]struct {
		words, end string
		method     string
		deadline   time.Duration
		want       targets.Response
	}{
		"length":               {words: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", want: ok},
		"large":                {words: "HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n" + strings.Repeat("x", 3_000_000), want: ok},
		"chunked":              {words: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX: y\r\n\r\n", want: ok},
		"informed":             {words: "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", want: ok},
		"head":                 {words: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", method: "HEAD", want: ok},
		"204":                  {words: "HTTP/1.1 204 No Content\r\n\r\n", want: targets.Response{Outcome: results.OK, Status: 204}},
		"304":                  {words: "HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n", want: targets.Response{Outcome: results.OK, Status: 304}},
		"refused":              {words: "HTTP/1.1 429 Too Many\r\nRetry-After: 2\r\nContent-Length: 0\r\n\r\n", want: targets.Response{Outcome: results.Rejected, Cause: "429", Status: 429, RetryAfter: 2 * time.Second}},
		"to the end":           {words: "HTTP/1.0 200 OK\r\n\r\nok", end: "close", want: ok},
		"last":                 {words: "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", end: "close", want: ok},
		"last, and kept open":  {words: "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", want: ok},
		"half-closed":          {words: "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok", end: "half-close", want: ok},
		"half-closed too soon": {words: "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok", end: "half-close", want: peer},
		"silent":               {end: "close", want: peer},
		"truncated":            {words: "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok", end: "close", want: peer},
		"truncated header":     {words: "HTTP/1.1 200 OK\r\nContent-Le", end: "close", want: peer},
		"truncated chunk":      {words: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nok", end: "close", want: peer},
		"reset":                {words: "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok", end: "reset", want: failed("connection reset by peer")},
		"no HTTP":              {words: "220 mail.example ESMTP\r\n", want: failed("malformed response: status line")},
		"no header":            {words: "HTTP/1.1 200 OK\r\nwhat\r\n\r\n", want: failed("malformed response: header")},
		"no length":            {words: "HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n", want: failed("malformed response: length")},
		"no chunk":             {words: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nmany\r\n", want: failed("malformed response: chunk")},
		"other coding":         {words: "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", want: failed("malformed response: transfer encoding")},
		"large header":         {words: "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 300<<10), want: failed("malformed response: header too large")},
		"many headers":         {words: "HTTP/1.1 200 OK\r\n" + strings.Repeat("X: x\r\n", 50<<10), want: failed("malformed response: header too large")},
		"informed for ever":    {words: strings.Repeat("HTTP/1.1 103 Early Hints\r\nX: x\r\n\r\n", 8<<10), want: failed("malformed response: header too large")},
		"long chunk line":      {words: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;" + strings.Repeat("x", 5000), want: failed("malformed response: chunk")},
		"long trailer":         {words: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + strings.Repeat("X: x\r\n", 5000), want: failed("malformed response: chunk")},
		"never":                {deadline: 30 * time.Millisecond, want: late},
		"not all":              {words: "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok", deadline: 30 * time.Millisecond, want: late},
	} {
		t.Run(name, func(t *testing.T) {
			for _, over := range transports {
				to := over.serve(t, says(heard, c.words, c.end))
				for _, engine := range engines {
					to.Method = c.method
					r := targets.Request{Deadline: c.deadline}
					for i, got := range send(t, engined(t, engine, to), 2, r, r, r, r) {
						if got != c.want {
							t.Errorf("by the %s engine over %s request %d is %+v; want %+v", engine, over, i, got, c.want)
						}
					}
				}
			}
		})
	}
}

// TestEnginesAgreeOnNobody: nobody listens, or nobody by that name.
func TestEnginesAgreeOnNobody(t *testing.T) {
	nobody := "127.0.0.1:" + redistest.FreePort(t)
	for url, cause := range map[string]string{
		"http://" + nobody:             "connection refused",
		"https://" + nobody:            "connection refused",
		"https://192.0.2.1":            "… is not a loopback address; allow it with --allow-host …",
		"http://192.0.2.1":             "… is not a loopback address; allow it with --allow-host …",
		"http://" + nobody + "/{path}": "key is no request; want keys such as GET /path for {path}",
	} {
		for _, engine := range engines {
			for _, connections := range []int{0, 1} {
				for i, got := range send(t, engined(t, engine, wire.HTTPConfig{URL: url, Connections: connections}), 4, make([]targets.Request, 6)...) {
					if got.Outcome != results.Failed || got.Cause != cause {
						t.Errorf("%s by the %s engine: request %d is %+v; want failed: %s", url, engine, i, got, cause)
					}
				}
			}
		}
	}
}

// TestEnginesOnADoorThatShuts: who lets connections in and closes them at once, or
// after every third answer, leaves nobody without an outcome, and sees no request twice.
func TestEnginesOnADoorThatShuts(t *testing.T) {
	for _, c := range combined() {
		for _, answers := range []int{0, 3} {
			var heard atomic.Int64
			to := c.transport.serve(t, func(conn net.Conn) {
				in := bufio.NewReader(conn)
				for range answers {
					if _, err := http.ReadRequest(in); err != nil {
						return
					}
					heard.Add(1)
					io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
				}
			})
			ok := int64(0)
			for i, r := range send(t, engined(t, c.engine, to), 4, make([]targets.Request, 60)...) {
				switch {
				case r.Outcome == results.OK:
					ok++
				case r.Outcome != results.Failed || r.Cause != closed && r.Cause != reset && r.Cause != "tls: handshake cut short by the other side":
					t.Errorf("by %s request %d is %+v", c, i, r)
				}
			}
			if ok != heard.Load() || answers > 0 && ok < 40 {
				t.Errorf("by %s %d of 60 requests were ok; the service answered %d, %d on each connection", c, ok, heard.Load(), answers)
			}
		}
	}
}

// TestEnginesEndlessAnswers: an answer without an end holds nobody longer than the
// deadline, and others not at all.
func TestEnginesEndlessAnswers(t *testing.T) {
	service := func(conn net.Conn) {
		r, err := http.ReadRequest(bufio.NewReader(conn))
		if err != nil {
			return
		}
		if r.URL.Path == "/short" {
			io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
			io.Copy(io.Discard, conn)
			return
		}
		for _, err := io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n"); err == nil; {
			_, err = conn.Write(make([]byte, 64<<10))
		}
	}
	for _, c := range combined() {
		to := c.transport.serve(t, service)
		to.URL += "/{key}"
		got := send(t, engined(t, c.engine, to), 2, targets.Request{Key: "endless", Deadline: 50 * time.Millisecond}, targets.Request{Key: "short"})
		if got[0].Outcome != results.TimedOut || got[1].Outcome != results.OK {
			t.Errorf("by %s: %+v; want timed_out beside ok", c, got)
		}
	}
}

// TestEnginesTakeEarlyAnswers: an answer counts that comes before the request was
// sent in full, and the connection takes no other.
func TestEnginesTakeEarlyAnswers(t *testing.T) {
	for _, reads := range []bool{false, true} {
		over := make(chan struct{})
		service := func(conn net.Conn) {
			in := bufio.NewReaderSize(conn, 16)
			if _, err := http.ReadRequest(in); err != nil {
				return
			}
			io.WriteString(conn, "HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
			if reads {
				io.Copy(io.Discard, io.LimitReader(in, 50<<20))
			}
			<-over
		}
		for _, c := range combined() {
			h := engined(t, c.engine, c.transport.serve(t, service))
			r := targets.Request{Size: 100 << 20}
			for i, got := range send(t, h, 1, r, r) {
				if want := (targets.Response{Outcome: results.Failed, Cause: "status 413", Status: 413}); got != want {
					t.Errorf("by %s request %d is %+v; want %+v", c, i, got, want)
				}
			}
		}
		close(over)
	}
}

// TestEnginesSendTheSame: the service sees the same requests by sequence number,
// whichever engine sends them, and however many at once.
func TestEnginesSendTheSame(t *testing.T) {
	var mu sync.Mutex
	seen := map[string]string{}
	service := func(conn net.Conn) {
		in := bufio.NewReader(conn)
		for {
			r, err := read(in)
			if err != nil {
				return
			}
			text := fmt.Sprintf("%s %q %d %x", r.line, r.headers, len(r.body), crc32.ChecksumIEEE([]byte(r.body)))
			mu.Lock()
			seen[r.values("X-Seq")[0]] = text
			mu.Unlock()
			io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
		}
	}
	requests := make([]targets.Request, 300)
	for i := range requests {
		requests[i] = targets.Request{Seq: uint64(i), Key: fmt.Sprint("k ", i), Size: i % 7 * i * 10}
	}
	for _, c := range []wire.HTTPConfig{
		{URL: "/a/{key}?q={key}"},
		{URL: "/a", Method: "PUT", Body: "<{key}>"},
	} {
		c.Headers = texts("X-Seq", "{key}", "Cookie", "a", "Host", "a.example")
		var before map[string]string
		path := c.URL
		for _, by := range combined() {
			to := by.transport.serve(t, service)
			c.URL, c.TLS = to.URL+path, to.TLS
			for _, atOnce := range []int{1, 32} {
				mu.Lock()
				seen = map[string]string{}
				mu.Unlock()
				c.Connections = atOnce / 2
				for i, r := range send(t, engined(t, by.engine, c), atOnce, requests...) {
					if r.Outcome != results.OK {
						t.Fatalf("by %s request %d is %+v", by, i, r)
					}
				}
				mu.Lock()
				if len(seen) != len(requests) {
					t.Fatalf("by %s the service saw %d requests of %d", by, len(seen), len(requests))
				}
				for key, now := range seen {
					if before != nil && before[key] != now {
						t.Fatalf("by %s the service saw %.300s; before %.300s", by, now, before[key])
					}
				}
				before = seen
				mu.Unlock()
			}
		}
	}
}

// TestEnginesAnswerThoseWhoWait: a request for which no connection becomes free is
// answered all the same when its deadline has passed, and the others go on.
func TestEnginesAnswerThoseWhoWait(t *testing.T) {
	over := make(chan struct{})
	defer close(over)
	service := func(conn net.Conn) {
		in := bufio.NewReader(conn)
		for {
			r, err := http.ReadRequest(in)
			if err != nil {
				return
			}
			if r.URL.Path == "/hold" {
				<-over
				return
			}
			io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
		}
	}
	const soon = 100 * time.Millisecond
	for _, c := range combined() {
		to := c.transport.serve(t, service)
		to.URL, to.Connections = to.URL+"/{key}", 1
		h := engined(t, c.engine, to)
		got := send(t, h, 3, targets.Request{Key: "hold", Deadline: soon}, targets.Request{Deadline: soon - time.Millisecond}, targets.Request{}, targets.Request{})
		want := []results.Outcome{results.TimedOut, results.TimedOut, results.OK, results.OK}
		for i, r := range got {
			if r.Outcome != want[i] {
				t.Errorf("by %s request %d is %+v; want %v", c, i, r, want[i])
			}
		}
	}
}

// table is where all connections meet before any of them is answered.
type table struct {
	mu     sync.Mutex
	counts []int         // of requests, by connection
	seated int           // of the present round
	served chan struct{} // closed when all are seated
}

// sit waits until a request has come on each of so many connections, or ctx ends.
func (b *table) sit(ctx context.Context, me, all int) {
	b.mu.Lock()
	b.counts[me]++
	served := b.served
	if b.seated++; b.seated == all {
		b.seated, b.served = 0, make(chan struct{})
		close(served)
	}
	b.mu.Unlock()
	select {
	case <-served:
	case <-ctx.Done():
	}
}

// TestEnginesShareTheWork: while nobody is answered until every connection has a request,
// each gets one, round after round, and there are no more connections than there may be.
func TestEnginesShareTheWork(t *testing.T) {
	const connections, rounds = 4, 200
	for _, c := range combined() {
		b := &table{served: make(chan struct{})}
		to := c.transport.serve(t, func(conn net.Conn) {
			b.mu.Lock()
			me := len(b.counts)
			b.counts = append(b.counts, 0)
			b.mu.Unlock()
			in := bufio.NewReader(conn)
			for {
				if _, err := read(in); err != nil {
					return
				}
				b.sit(t.Context(), me, connections)
				io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
			}
		})
		to.Connections = connections
		send(t, engined(t, c.engine, to), 4*connections, make([]targets.Request, connections*rounds)...)
		b.mu.Lock()
		if !slices.Equal(b.counts, slices.Repeat([]int{rounds}, connections)) {
			t.Errorf("by %s connections served %v; want %d, each with %d", c, b.counts, connections, rounds)
		}
		b.mu.Unlock()
	}
}

// TestTLSBesidePlain: TLS to a port without it, the reverse, and a certificate that
// nobody vouches for are failures of a few causes.
func TestTLSBesidePlain(t *testing.T) {
	secure := httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	defer secure.Close()
	bare := httptest.NewServer(http.NotFoundHandler())
	defer bare.Close()
	tls, plain := secure.Listener.Addr().String(), bare.Listener.Addr().String()
	for url, cause := range map[string]string{
		"http://" + tls:    "status 400",
		"https://" + plain: "tls: the service does not speak it",
		"https://" + tls:   "tls: certificate signed by unknown authority",
	} {
		for _, engine := range engines {
			for i, r := range send(t, engined(t, engine, wire.HTTPConfig{URL: url}), 2, make([]targets.Request, 3)...) {
				if r.Outcome != results.Failed || r.Cause != cause {
					t.Errorf("%s by the %s engine: request %d is %+v; want failed: %s", url, engine, i, r, cause)
				}
			}
		}
	}
}
