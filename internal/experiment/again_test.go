package experiment

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
)

// TestSentAgainOnlyWhereAsked: a request on a kept-alive connection that dies under it is
// failed, and is sent once more where retries of what failed were asked for.
func TestSentAgainOnlyWhereAsked(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	var heard atomic.Uint64
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() { // one is answered, and the next one finds the connection dead
				defer conn.Close()
				in := bufio.NewReader(conn)
				for answered := false; ; answered = true {
					if _, err := http.ReadRequest(in); err != nil {
						return
					}
					if heard.Add(1); answered {
						return
					}
					io.WriteString(conn, "HTTP/1.1 204 No Content\r\n\r\n")
				}
			}()
		}
	}()
	for retry, c := range map[string]struct{ ok, attempts uint64 }{"": {10, 20}, ", retry: {on: [failed], attempts: 2, wait: 1ms}": {20, 39}} {
		for _, engine := range []string{"event", "portable"} {
			heard.Store(0)
			r := collect(t, planOf(t, `name: again
subjects: [{target: {kind: http, url: 'http://`+listener.Addr().String()+`', connections: 1, engine: `+engine+`}}]
load: {model: closed, clients: 1`+retry+`}
count: 20
`))["http"]
			if r.Outcomes["ok"] != c.ok || r.Outcomes["ok"]+r.Outcomes["failed"] != 20 || heard.Load() != r.Attempts || r.Attempts != c.attempts {
				t.Errorf("%q by the %s engine: %v in %d attempts, %d of them heard: %v; want %d ok", retry, engine, r.Outcomes, r.Attempts, heard.Load(), r.Causes, c.ok)
			}
		}
	}
}
