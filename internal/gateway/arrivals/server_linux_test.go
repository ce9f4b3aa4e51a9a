package arrivals

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
	"unsafe"

	"go.uber.org/goleak"
	"golang.org/x/sys/unix"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// serving is a server at an address until the test ends it.
func serving(t *testing.T) (addr string, end func() Report) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	found := make(chan Report, 1)
	go func() {
		r, err := Serve(ctx, l.(*net.TCPListener), 1000)
		if err != nil {
			t.Error(err)
		}
		found <- r
	}()
	return l.Addr().String(), func() Report { cancel(); return <-found }
}

// answers sends bytes in pieces and returns the statuses of what comes back.
func answers(t *testing.T, addr string, n int, pieces ...string) (statuses []int, closed bool) {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, p := range pieces {
		if _, err := io.WriteString(conn, p); err != nil {
			t.Fatal(err)
		}
	}
	in := bufio.NewReader(conn)
	for range n {
		r, err := http.ReadResponse(in, nil)
		if err != nil {
			return statuses, true
		}
		_, _ = io.Copy(io.Discard, r.Body)
		statuses, closed = append(statuses, r.StatusCode), r.Close
	}
	return statuses, closed
}

// untilNoted sends requests until the kernel notes when they come, which it begins to do
// some time after it was asked first, and forgets them.
func untilNoted(t *testing.T, addr string) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	ask := func(method, path string, into any) {
		request, err := http.NewRequestWithContext(t.Context(), method, "http://"+addr+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r, err := client.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		if into != nil {
			err = json.NewDecoder(r.Body).Decode(into)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for noted := false; !noted; {
		var got Report
		ask(http.MethodDelete, Path, nil)
		ask(http.MethodGet, "/", nil)
		ask(http.MethodGet, Path, &got)
		noted = got.Unnoted == 0
	}
	ask(http.MethodDelete, Path, nil)
}

// TestInstants: a request counts from when it came, not from when it was read, and
// what came first is first.
func TestInstants(t *testing.T) {
	s := &server{start: time.Now().Add(-time.Hour), grid: NewGrid(1000)}
	stamp := func(age time.Duration) []byte {
		b := make([]byte, unix.CmsgSpace(16))
		header := (*unix.Cmsghdr)(unsafe.Pointer(&b[0]))
		header.Level, header.Type = unix.SOL_SOCKET, unix.SO_TIMESTAMPNS_NEW
		header.SetLen(unix.CmsgLen(16))
		at := time.Now().Add(-age).UnixNano()
		binary.NativeEndian.PutUint64(b[unix.SizeofCmsghdr:], uint64(at/1e9))
		binary.NativeEndian.PutUint64(b[unix.SizeofCmsghdr+8:], uint64(at%1e9))
		return b
	}
	for _, age := range []time.Duration{5 * time.Second, 10 * time.Second} {
		got := s.arrived(stamp(age), time.Now())
		if late := time.Since(s.start) - age - got; late < -time.Second || late > time.Second || s.unnoted != 0 {
			t.Errorf("what came %v ago is %v off, %d not noted", age, late, s.unnoted)
		}
		s.count(got)
	}
	if now := time.Now(); s.arrived(stamp(0), now) <= now.Sub(s.start) || s.unnoted != 0 {
		t.Errorf("what came after the turn had begun counts as before; %d not noted", s.unnoted)
	}
	s.settle()
	if s.grid.first > time.Hour-9*time.Second || s.grid.n != 2 {
		t.Errorf("the first of %d came at %v; want the one that came first", s.grid.n, s.grid.first)
	}
	for _, noted := range [][]byte{nil, stamp(2 * time.Hour), stamp(-2 * time.Second)} {
		if got := s.arrived(noted, time.Now()); time.Since(s.start)-got > time.Second {
			t.Errorf("what was not noted well is %v old; want it to count from now", time.Since(s.start)-got)
		}
	}
	if s.unnoted != 3 {
		t.Errorf("%d were not noted; want 3", s.unnoted)
	}
}

// room leaves this process so many more file descriptors, until the test ends.
func room(t *testing.T, n int) {
	t.Helper()
	var most int // no number below it is free
	for free := true; free; {
		fd, err := unix.FcntlInt(0, unix.F_DUPFD_CLOEXEC, 0)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { unix.Close(fd) })
		entries, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Fatal(err)
		}
		free = false
		for _, e := range entries { // fd+1 may be that of reading them
			other, _ := strconv.Atoi(e.Name())
			free = free || other > fd+1
		}
		most = fd
	}
	var before unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &before); err != nil {
		t.Fatal(err)
	}
	if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: uint64(most + 1 + n), Max: before.Max}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = unix.Setrlimit(unix.RLIMIT_NOFILE, &before) })
}

// TestFull: where this machine has no room for more connections, those that want in wait
// until one ends, and it is told.
func TestFull(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var clients []net.Conn
	for range 6 {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		clients = append(clients, c)
		_, _ = io.WriteString(c, "GET / HTTP/1.1\r\nHost: a\r\n\r\n")
	}
	room(t, 3+2) // for the service itself, and for two connections
	ctx, end := context.WithCancel(t.Context())
	found := make(chan Report, 1)
	go func() {
		r, err := Serve(ctx, l.(*net.TCPListener), 1000)
		if err != nil {
			t.Error(err)
		}
		found <- r
	}()
	for i, c := range clients {
		_ = c.SetDeadline(time.Now().Add(10 * time.Second))
		if r, err := http.ReadResponse(bufio.NewReader(c), nil); err != nil || r.StatusCode != 200 {
			t.Errorf("client %d is answered %v, %v", i, r, err)
		}
		_ = c.(*net.TCPConn).CloseWrite() // which leaves its descriptor taken
	}
	end()
	if r := <-found; r.Arrivals != 6 || r.Connections > 2 || r.Shut == 0 {
		t.Errorf("found %+v; want 6 arrivals on 2 connections at once, and the door shut", r)
	}
}

// TestServe: requests come whole, in pieces, several at once, with bodies; each is
// answered and counted, but for those about the statistics.
func TestServe(t *testing.T) {
	addr, end := serving(t)
	const get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
	untilNoted(t, addr)
	for _, tt := range []struct {
		pieces []string
		n      int
		last   int
		closed bool
	}{
		{[]string{get}, 1, 200, false},
		{[]string{get + get, get}, 3, 200, false},
		{[]string{"GET / HT", "TP/1.1\r\nHos", "t: a\r\n\r", "\n" + get}, 2, 200, false},
		{[]string{"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhe", "llo" + get}, 2, 200, false},
		{[]string{"POST / HTTP/1.1\r\nContent-Length: 100000\r\n\r\n", strings.Repeat("x", 100_000), get}, 2, 200, false},
		{[]string{"GET / HTTP/1.1\r\nConnection: close\r\n\r\n"}, 1, 200, true},
		{[]string{"GET / HTTP/1.0\r\n\r\n"}, 1, 200, true},
		{[]string{"nonsense\r\n\r\n"}, 1, 400, true},
		{[]string{strings.Repeat("x", maxHead+1)}, 1, 0, true},
	} {
		statuses, closed := answers(t, addr, tt.n, tt.pieces...)
		if tt.last == 0 && len(statuses) == 0 && closed {
			continue
		}
		if len(statuses) != tt.n || statuses[tt.n-1] != tt.last || closed != tt.closed {
			t.Errorf("%.40q: %v, closed %v; want %+v", tt.pieces, statuses, closed, tt)
		}
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	r, err := client.Get("http://" + addr + Path)
	if err != nil {
		t.Fatal(err)
	}
	var got Report
	if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
		t.Fatal(err)
	}
	_ = r.Body.Close()
	if got.Arrivals != 12 || got.Refused != 1 || got.Asked != 1000 || got.Busy <= 0 || got.Unnoted > 3 || got.Connections < 1 {
		t.Errorf("found %+v; want 12 arrivals and 1 refused", got)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, "http://"+addr+Path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if r, err = client.Do(request); err != nil || r.StatusCode != http.StatusNoContent {
		t.Errorf("beginning anew: %v, %v", r, err)
	}
	answers(t, addr, 1, get)
	if got := end(); got.Arrivals != 1 || got.Refused != 0 {
		t.Errorf("found %+v; want one arrival after beginning anew", got)
	}
}
