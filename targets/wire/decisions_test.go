package wire_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/fcbench/fcbench/internal/redisproc"
	"github.com/fcbench/fcbench/internal/redisproc/redisproctest"
	"github.com/fcbench/fcbench/internal/redistest"
	"github.com/fcbench/fcbench/internal/units"
	"github.com/fcbench/fcbench/limiters"
	"github.com/fcbench/fcbench/limiters/redislua"
	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
	"github.com/fcbench/fcbench/targets/wire"
)

// decided asks a limiter on a Redis by its calls.
type decided struct {
	targets.Target
	wire.Decisions
}

func (d decided) Lane(ctx context.Context, env targets.Env, i, n int) (targets.Async, error) {
	return d.Decisions.Lane(ctx, env, i, n)
}

// decisions are those of a GCRA that has no more than its burst within a test.
func decisions(t testing.TB, s *redisproc.Server, prefix string, burst int64, engine wire.Engine, connections, depth int) decided {
	t.Helper()
	l, err := redislua.NewGCRA(redisproctest.Connect(t, s, 1), redislua.Config{
		Config: limiters.Config{Rate: units.Rate{Count: 1, Per: time.Hour}, Burst: units.Count(burst)}, Prefix: prefix,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Open(t.Context()); err != nil {
		t.Fatal(err)
	}
	calls, err := l.Calls()
	if err != nil {
		t.Fatal(err)
	}
	direct, err := s.Direct()
	if err != nil {
		t.Fatal(err)
	}
	return decided{Decisions: wire.Decisions{Calls: calls, Redis: direct, Engine: engine, Connections: connections, Depth: depth}}
}

// asks are requests for 1 of a key, and then of the others in turn.
func asks(n, keys int) []targets.Request {
	all := make([]targets.Request, n)
	for i := range all {
		all[i] = targets.Request{Key: fmt.Sprint("k", i%keys), Cost: 1}
	}
	return all
}

// TestDecisions are exact, by either engine, on as many connections and as deep, and
// also where the server has forgotten the script.
func TestDecisions(t *testing.T) {
	s := redisproctest.Start(t)
	client := redisproctest.Connect(t, s, 1)
	for _, engine := range engines {
		for _, depth := range []int{1, 16} {
			if engine == wire.Portable && depth > 1 {
				continue
			}
			for _, connections := range []int{1, 8} {
				prefix := fmt.Sprintf("run:%s:%d:%d:", engine, depth, connections)
				d := decisions(t, s, prefix, 7, engine, connections, depth)
				ok := map[string]int{}
				for round := range 3 {
					if round == 1 {
						client.ScriptFlush(t.Context())
					}
					requests := asks(100, 5)
					for i, r := range send(t, d, 16, requests...) {
						if r.Outcome > results.Rejected || !r.Judged || r.Decided <= 0 || (r.RetryAfter > 0) != (r.Outcome == results.Rejected) {
							t.Fatalf("%s round %d: request %d is %+v", prefix, round, i, r)
						}
						if r.Outcome == results.OK {
							ok[requests[i].Key]++
						}
					}
				}
				for key, n := range ok {
					if n != 7 || len(ok) != 5 {
						t.Errorf("%s: %s got %d of 7, of %d keys", prefix, key, n, len(ok))
					}
				}
			}
		}
	}
}

// TestDecisionsLogIn on every connection, to the database that was named.
func TestDecisionsLogIn(t *testing.T) {
	node := redistest.Server(t, "--requirepass", "secret")
	_, port, _ := net.SplitHostPort(node.Addr)
	at := func(password string) (*redisproc.Server, error) {
		return redisproc.Start(t.Context(), redisproc.Options{Addr: "redis://:" + password + "@127.0.0.1:" + port + "/3"})
	}
	s, err := at("secret")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, engine := range engines {
		prefix := fmt.Sprintf("run:%s:", engine)
		d := decisions(t, s, prefix, 7, engine, 3, 1)
		for i, r := range send(t, d, 3, asks(12, 3)...) {
			if r.Outcome != results.OK {
				t.Errorf("by the %s engine request %d is %+v", engine, i, r)
			}
		}
		third := redis.NewClient(&redis.Options{Addr: node.Addr, Password: "secret", DB: 3})
		if n := third.Exists(t.Context(), prefix+"k0", prefix+"k1", prefix+"k2").Val(); n != 3 {
			t.Errorf("by the %s engine %d keys are in the database that was named; want 3", engine, n)
		}
		third.Close()
		d.Redis.Password = "wrong"
		for i, r := range send(t, d, 3, asks(6, 3)...) {
			if want := "WRONGPASS invalid username-password pair or user is disabled."; r.Outcome != results.Failed || r.Cause != want {
				t.Errorf("by the %s engine request %d is %+v; want it failed: %s", engine, i, r, want)
			}
		}
	}
}

// TestDecisionsOverTLS are those of others, by either engine and as deep.
func TestDecisionsOverTLS(t *testing.T) {
	cert, key := issue(t, "limits.example", time.Now().Add(time.Hour))
	port := redistest.FreePort(t)
	redistest.Server(t, "--requirepass", "secret", "--tls-port", port, "--tls-cert-file", cert, "--tls-key-file", key, "--tls-ca-cert-file", cert, "--tls-auth-clients", "no")
	s, err := redisproc.Start(t.Context(), redisproc.Options{Addr: "rediss://:secret@127.0.0.1:" + port + "/3?server_name=limits.example&ca_file=" + url.QueryEscape(cert)})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, engine := range engines {
		for _, depth := range []int{1, 16} {
			if engine == wire.Portable && depth > 1 {
				continue
			}
			ok := 0
			for _, r := range send(t, decisions(t, s, fmt.Sprintf("run:%s:%d:", engine, depth), 7, engine, 3, depth), 16, asks(100, 5)...) {
				if r.Outcome == results.OK {
					ok++
				} else if r.Outcome != results.Rejected || !r.Judged {
					t.Errorf("by the %s engine at depth %d a decision is %+v", engine, depth, r)
				}
			}
			if ok != 35 {
				t.Errorf("by the %s engine at depth %d %d are ok; want 7 of each of 5 keys", engine, depth, ok)
			}
		}
	}
}

// TestDecisionsBadly: what is no decision fails for a reason, by either engine alike,
// and no call is sent a third time.
func TestDecisionsBadly(t *testing.T) {
	s := redisproctest.Start(t)
	for reply, want := range map[string]string{
		"-OOM command not allowed when used memory > 'maxmemory'.\r\n": "OOM command not allowed when used memory > 'maxmemory'.",
		"-LOADING Redis is loading the dataset in memory\r\n":          "LOADING Redis is loading the dataset in memory",
		"-MOVED 3999 127.0.0.1:6381\r\n":                               "moved",
		"-NOSCRIPT No matching script. Please use EVAL.\r\n":           "NOSCRIPT No matching script. Please use EVAL.",
		"*2\r\n:1\r\n:2\r\n":                                           "reply of the script is [1 2]; want 5 integers",
		"*5\r\n:1\r\n:2\r\n:3\r\n:4\r\n$1\r\nx\r\n":                    "reply of the script is []; want 5 integers",
		":1\r\n": "reply of the script is [1]; want 5 integers",
		"*1\r\n*5\r\n:1\r\n:2\r\n:3\r\n:4\r\n:5\r\n": "reply of the script is []; want 5 integers",
		"+OK\r\n":  "reply of the script is []; want 5 integers",
		"what\r\n": "malformed reply",
	} {
		heard := make(chan string, 1000)
		addr := serve(t, func(conn net.Conn) {
			for in := bufio.NewReader(conn); ; {
				words, err := readCommand(in)
				if err != nil {
					return
				}
				heard <- words[0]
				io.WriteString(conn, reply)
			}
		})
		for _, engine := range engines {
			d := decisions(t, s, "run:", 7, engine, 2, 1)
			d.Redis = redisproc.Direct{Network: "tcp", Address: addr}
			d.Dialer = guarded(t)
			for i, r := range send(t, d, 2, asks(4, 1)...) {
				if r.Outcome != results.Failed || r.Cause != want || r.Judged {
					t.Errorf("%q by the %s engine: request %d is %+v; want it failed: %s", reply, engine, i, r, want)
				}
			}
			commands := map[string]int{}
			for len(heard) > 0 {
				commands[<-heard]++
			}
			full := 0
			if strings.HasPrefix(want, "NOSCRIPT") {
				full = 4
			}
			if commands["evalsha"] != 4 || commands["eval"] != full {
				t.Errorf("%q by the %s engine: the server heard %v", reply, engine, commands)
			}
		}
	}
}

// readCommand reads one as a server does.
func readCommand(in *bufio.Reader) (words []string, err error) {
	var n, length int
	if _, err = fmt.Fscanf(in, "*%d\r\n", &n); err != nil {
		return nil, err
	}
	for range n {
		if _, err = fmt.Fscanf(in, "$%d\r\n", &length); err != nil {
			return nil, err
		}
		word := make([]byte, length+2)
		if _, err = io.ReadFull(in, word); err != nil {
			return nil, err
		}
		words = append(words, string(word[:length]))
	}
	return words, nil
}
