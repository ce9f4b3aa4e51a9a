package dial

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// names is a resolver that knows what a test tells it and nothing else.
type names map[string][]string

func (n names) lookup(_ context.Context, network, host string) ([]netip.Addr, error) {
	var addrs []netip.Addr
	for _, s := range n[host] {
		addr := netip.MustParseAddr(s)
		if network == "ip4" && !addr.Is4() || network == "ip6" && !addr.Is6() {
			continue
		}
		addrs = append(addrs, addr)
	}
	if n[host] == nil {
		return nil, &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}
	}
	return addrs, nil
}

// dialer returns a Dialer over n that notes each literal address it dials and
// connects only to those in up.
func dialer(t *testing.T, allow []string, n names, up ...string) (*Dialer, *[]string) {
	t.Helper()
	d, err := New(allow)
	if err != nil {
		t.Fatal(err)
	}
	var dialled []string
	d.lookup = n.lookup
	d.dial = func(_ context.Context, _, addr string) (net.Conn, error) {
		dialled = append(dialled, addr)
		if !slices.Contains(up, addr) {
			return nil, errors.New("connection refused by " + addr)
		}
		conn, other := net.Pipe()
		t.Cleanup(func() { conn.Close(); other.Close() })
		return conn, nil
	}
	return d, &dialled
}

func TestCheckOfAddresses(t *testing.T) {
	n := names{
		"localhost":     {"::1", "127.0.0.1"},
		"inside.test":   {"127.8.9.10"},
		"redis.staging": {"10.0.0.5"},
		"half.test":     {"127.0.0.1", "192.0.2.7"},
		"empty.test":    {},
	}
	allow := []string{"198.51.100.4", "Redis.Staging.", "2001:db8::1", "fe80::1"}
	tests := []struct {
		addr  string
		allow []string
		want  string // part of the error, "" for none
	}{
		{addr: "127.0.0.1:6379"},
		{addr: "127.200.3.4:6379"},
		{addr: "[::1]:6379"},
		{addr: "[::ffff:127.0.0.1]:6379"},
		{addr: "localhost:6379"},
		{addr: "inside.test:6379"},
		{addr: "10.0.0.5:6379", want: "10.0.0.5:6379 is not a loopback address; allow it with --allow-host 10.0.0.5"},
		{addr: "[::ffff:10.0.0.5]:80", want: "not a loopback"},
		{addr: "[2001:db8::1]:80", want: "[2001:db8::1]:80 is not a loopback address; allow it with --allow-host 2001:db8::1"},
		{addr: "0.0.0.0:80", want: "not a loopback"},
		{addr: "[::]:80", want: "not a loopback"},
		{addr: "redis.staging:6379", want: "redis.staging:6379 resolves to 10.0.0.5, which is not a loopback address; allow it with --allow-host redis.staging"},
		{addr: "half.test:80", want: "resolves to 192.0.2.7"},
		{addr: "unknown.test:80", want: "no such host"},
		{addr: "empty.test:80", want: "no address"},
		{addr: "127.0.0.1", want: `address is "127.0.0.1"; want host:port`},
		{addr: ":6379", want: "want host:port"},
		{addr: "127.0.0.1:", want: "want host:port"},
		{addr: "198.51.100.4:1", allow: allow},
		{addr: "[::ffff:198.51.100.4]:1", allow: allow},
		{addr: "198.51.100.5:1", allow: allow, want: "not a loopback"},
		{addr: "redis.staging:1", allow: allow},
		{addr: "redis.STAGING:1", allow: allow, want: "no such host"}, // the test resolver minds case; the list does not
		{addr: "10.0.0.5:1", allow: allow, want: "not a loopback"},    // handed out by a server, not the name that was allowed
		{addr: "[2001:db8::1]:1", allow: allow},
		{addr: "[fe80::1%eth0]:1", allow: allow},
	}
	for _, tt := range tests {
		d, dialled := dialer(t, tt.allow, n)
		err := d.Check(t.Context(), tt.addr)
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("Check(%q) with %v allowed: %v; want %q", tt.addr, tt.allow, err, tt.want)
		}
		if len(*dialled) > 0 {
			t.Errorf("Check(%q) dialled %v", tt.addr, *dialled)
		}
	}
}

func TestDialOnlyCheckedAddresses(t *testing.T) {
	n := names{"two.test": {"127.0.0.1", "127.0.0.2"}, "half.test": {"127.0.0.1", "192.0.2.7"}, "six.test": {"::1", "127.0.0.1"}}
	tests := []struct {
		network, addr string
		up            string
		dialled       []string
	}{
		{"tcp", "two.test:80", "127.0.0.2:80", []string{"127.0.0.1:80", "127.0.0.2:80"}},
		{"tcp", "two.test:80", "127.0.0.1:80", []string{"127.0.0.1:80"}},
		{"tcp4", "six.test:80", "127.0.0.1:80", []string{"127.0.0.1:80"}},
		{"tcp6", "six.test:80", "[::1]:80", []string{"[::1]:80"}},
		{"unix", "/run/redis.sock", "/run/redis.sock", []string{"/run/redis.sock"}},
	}
	for _, tt := range tests {
		d, dialled := dialer(t, nil, n, tt.up)
		if _, err := d.DialContext(t.Context(), tt.network, tt.addr); err != nil {
			t.Errorf("%s %s: %v", tt.network, tt.addr, err)
		}
		if !slices.Equal(*dialled, tt.dialled) {
			t.Errorf("%s %s dialled %v; want %v", tt.network, tt.addr, *dialled, tt.dialled)
		}
	}

	d, dialled := dialer(t, nil, n, "127.0.0.1:80")
	_, err := d.DialContext(t.Context(), "tcp", "half.test:80")
	var refused *RefusedError
	if !errors.As(err, &refused) || refused.Host != "half.test" || refused.Resolved != netip.MustParseAddr("192.0.2.7") {
		t.Errorf("dialling half.test: %v; want it refused because of 192.0.2.7", err)
	}
	if len(*dialled) > 0 {
		t.Errorf("dialled %v of a name that is refused", *dialled)
	}
}

func TestDialReportsEveryAddress(t *testing.T) {
	d, _ := dialer(t, nil, names{"two.test": {"127.0.0.1", "127.0.0.2"}})
	_, err := d.DialContext(t.Context(), "tcp", "two.test:80")
	for _, addr := range []string{"127.0.0.1:80", "127.0.0.2:80"} {
		if err == nil || !strings.Contains(err.Error(), addr) {
			t.Errorf("error is %v; want %s named", err, addr)
		}
	}
	var refused *RefusedError
	if errors.As(err, &refused) {
		t.Errorf("an unreachable address is reported as refused by the rule: %v", err)
	}
}

// TestSilentAddresses: one that says nothing is left for the next after its part of the
// time, and is no reason to say that all of it is over while some is left.
func TestSilentAddresses(t *testing.T) {
	n := names{"a.test": {"127.0.0.1", "127.0.0.2", "127.0.0.3"}}
	for _, tt := range []struct {
		silent, up  string
		limit, took time.Duration
		want        error
	}{
		{"1", "2", 9 * time.Second, 3 * time.Second, nil},
		{"12", "3", 9 * time.Second, 6 * time.Second, nil},
		{"2", "3", 9 * time.Second, 4500 * time.Millisecond, nil},
		{"12", "", 9 * time.Second, 6 * time.Second, syscall.ETIMEDOUT},
		{"123", "", 9 * time.Second, 9 * time.Second, context.DeadlineExceeded},
		{"", "3", 0, 0, nil},
	} {
		synctest.Test(t, func(t *testing.T) {
			d, dialled := dialer(t, nil, n, "127.0.0."+tt.up+":80")
			others := d.dial
			d.dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
				if strings.ContainsAny(tt.silent, addr[len("127.0.0."):len("127.0.0.1")]) {
					<-ctx.Done()
					return nil, ctx.Err()
				}
				return others(ctx, network, addr)
			}
			ctx := t.Context()
			if tt.limit > 0 {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeout(ctx, tt.limit)
				defer cancel()
			}
			began := time.Now()
			_, err := d.DialContext(ctx, "tcp", "a.test:80")
			if took := time.Since(began); !errors.Is(err, tt.want) || took != tt.took {
				t.Errorf("silent are %s, up is %s: %v after %v, %v dialled; want %v after %v", tt.silent, tt.up, err, took, *dialled, tt.want, tt.took)
			}
			if over := errors.Is(err, context.DeadlineExceeded); over != (tt.want == context.DeadlineExceeded) {
				t.Errorf("silent are %s: %v; want the time to be over: %v", tt.silent, err, !over)
			}
		})
	}
}

func TestNewReportsEveryBadHost(t *testing.T) {
	_, err := New([]string{"ok.test", "10.0.0.5:6379", "", "http://x"})
	for _, host := range []string{`"10.0.0.5:6379"`, `""`, `"http://x"`} {
		if err == nil || !strings.Contains(err.Error(), host) {
			t.Errorf("error is %v; want %s named", err, host)
		}
	}
	if err != nil && strings.Contains(err.Error(), "ok.test") {
		t.Errorf("error %v names a good host", err)
	}
}

func TestRealSocket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	listener, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	d, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := d.DialContext(t.Context(), "unix", path)
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
}

func FuzzCheck(f *testing.F) {
	for _, s := range []string{"127.0.0.1:1", "[::1%lo]:80", "10.0.0.1:6379", "localhost:0", "[::ffff:10.0.0.1]:1", ":::1", "0x7f.1:80"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, hostport string) {
		d, err := New(nil)
		if err != nil {
			t.Fatal(err)
		}
		d.lookup = names{}.lookup
		if d.Check(t.Context(), hostport) != nil {
			return
		}
		host, _, err := net.SplitHostPort(hostport)
		if err != nil {
			t.Fatalf("%q passed: %v", hostport, err)
		}
		if addr, err := netip.ParseAddr(host); err != nil || !addr.Unmap().IsLoopback() {
			t.Fatalf("%q passed although it is not loopback", hostport)
		}
	})
}
