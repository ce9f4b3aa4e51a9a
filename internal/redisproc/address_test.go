package redisproc

import (
	"strings"
	"testing"
)

func TestParseAddr(t *testing.T) {
	tests := []struct {
		addr, network, dialled, shown string
		username, password            string
		db                            int
		tls                           bool
	}{
		{addr: "127.0.0.1:6379", network: "tcp", dialled: "127.0.0.1:6379", shown: "127.0.0.1:6379"},
		{addr: "/run/redis.sock", network: "unix", dialled: "/run/redis.sock", shown: "/run/redis.sock"},
		{addr: "redis://localhost", network: "tcp", dialled: "localhost:6379", shown: "redis://localhost"},
		{
			addr: "redis://ann:s3cret@localhost:7000/2", network: "tcp", dialled: "localhost:7000",
			shown: "redis://ann:xxxxx@localhost:7000/2", username: "ann", password: "s3cret", db: 2,
		},
		{
			addr: "rediss://:s3cret@localhost:7000", network: "tcp", dialled: "localhost:7000",
			shown: "rediss://:xxxxx@localhost:7000", password: "s3cret", tls: true,
		},
		{
			addr: "unix://:s3cret@/run/redis.sock?db=3", network: "unix", dialled: "/run/redis.sock",
			shown: "unix://:xxxxx@/run/redis.sock?db=3", password: "s3cret", db: 3,
		},
	}
	for _, tt := range tests {
		e, err := parseAddr(tt.addr)
		if err != nil {
			t.Errorf("%s: %v", tt.addr, err)
			continue
		}
		if e.network != tt.network || e.addr != tt.dialled || e.String() != tt.shown {
			t.Errorf("%s is %s %s, shown as %s; want %s %s, %s", tt.addr, e.network, e.addr, e, tt.network, tt.dialled, tt.shown)
		}
		if e.username != tt.username || e.password != tt.password || e.db != tt.db || (e.tls != nil) != tt.tls {
			t.Errorf("%s logs in as %+v", tt.addr, e.login)
		}
	}
	if e, err := parseAddr("./redis.sock"); err != nil || e.network != "unix" || !strings.HasPrefix(e.addr, "/") {
		t.Errorf("./redis.sock is %s %s, %v; want an absolute path", e.network, e.addr, err)
	}
}

func TestParseAddrRefuses(t *testing.T) {
	for addr, want := range map[string]string{
		"6379":                              "want host:port",
		":6379":                             "want host:port",
		"http://localhost":                  "want redis, rediss or unix",
		"redis://localhost?max_retries=5":   `parameter "max_retries"`,
		"redis://s3cret@localhost":          "user name alone",
		"redis://ann:s3cret#x@localhost":    "malformed",
		"redis://ann:s3cret@local host:1":   "malformed",
		"redis://ann:s3cret@localhost/zwei": "malformed",
	} {
		_, err := parseAddr(addr)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v; want %q", addr, err, want)
		}
		if err != nil && strings.Contains(addr, "://") && strings.Contains(err.Error(), "s3cret") {
			t.Errorf("error shows the password: %v", err)
		}
	}
}

func FuzzParseAddr(f *testing.F) {
	for _, addr := range []string{"localhost:1", "/x", "redis://:p@h:1/2", "unix:///x?db=1", "redis://a:b#c@d", "rediss://[::1]:2"} {
		f.Add(addr)
	}
	f.Fuzz(func(t *testing.T, addr string) {
		e, err := parseAddr(addr)
		if err != nil {
			return
		}
		if e.addr == "" || e.network != "tcp" && e.network != "unix" {
			t.Fatalf("%q is %q on %q", addr, e.addr, e.network)
		}
		if again, err := parseAddr(addr); err != nil || again.String() != e.String() {
			t.Fatalf("%q parses differently the second time: %v, %v", addr, again, err)
		}
		if len(e.password) > 5 && strings.Contains(e.String(), e.password) && !strings.Contains(strings.Replace(addr, e.password, "", 1), e.password) {
			t.Fatalf("%q is shown as %q", addr, e)
		}
	})
}
