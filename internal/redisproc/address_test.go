package redisproc

import (
	"slices"
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
		{
			addr: "redis://${FC_USER}:${FC_PASSWORD}@localhost", network: "tcp", dialled: "localhost:6379",
			shown: "redis://xxxxx:xxxxx@localhost", username: "ann", password: "s3c/r+e t%41@",
		},
		{
			addr: "redis-cluster://ann:s3cret@a.test:7000,[::1]:7001,b.test", network: "tcp", dialled: "a.test:7000 [::1]:7001 b.test:6379",
			shown: "redis-cluster://ann:xxxxx@a.test:7000,[::1]:7001,b.test", username: "ann", password: "s3cret",
		},
		{
			addr: "rediss-cluster://localhost/", network: "tcp", dialled: "localhost:6379", shown: "rediss-cluster://localhost/", tls: true,
		},
		{
			addr: "redis-sentinel://:s3cret@a.test,b.test:7/limits?db=4", network: "tcp", dialled: "a.test:26379 b.test:7",
			shown: "redis-sentinel://:xxxxx@a.test,b.test:7/limits?db=4", password: "s3cret", db: 4,
		},
		{
			addr: "rediss-sentinel://a.test/limits?sentinel_password=s3cret&sentinel_username=ann", network: "tcp", dialled: "a.test:26379",
			shown: "rediss-sentinel://a.test/limits?sentinel_password=xxxxx&sentinel_username=ann", tls: true,
		},
	}
	t.Setenv("FC_USER", "ann")
	t.Setenv("FC_PASSWORD", "s3c/r+e t%41@")
	for _, tt := range tests {
		e, err := parseAddr(tt.addr)
		if err != nil {
			t.Errorf("%s: %v", tt.addr, err)
			continue
		}
		if e.network != tt.network || strings.Join(e.addrs, " ") != tt.dialled || e.String() != tt.shown {
			t.Errorf("%s is %s %s, shown as %s; want %s %s, %s", tt.addr, e.network, e.addrs, e, tt.network, tt.dialled, tt.shown)
		}
		if e.username != tt.username || e.password != tt.password || e.db != tt.db || (e.tls != nil) != tt.tls {
			t.Errorf("%s logs in as %+v", tt.addr, e.login)
		}
	}
	if e, err := parseAddr("./redis.sock"); err != nil || e.network != "unix" || !strings.HasPrefix(e.addrs[0], "/") {
		t.Errorf("./redis.sock is %s %s, %v; want an absolute path", e.network, e.addrs, err)
	}
}

func TestParseSentinelAddr(t *testing.T) {
	t.Setenv("FC_PASSWORD", "a&b=c")
	e, err := parseAddr("redis-sentinel://a.test/the%20limits?sentinel_username=sue&sentinel_password=${FC_PASSWORD}")
	if err != nil {
		t.Fatal(err)
	}
	if e.kind != sentinel || e.master != "the limits" || e.sentinelUsername != "sue" || e.sentinelPassword != "a&b=c" {
		t.Errorf("address is read as %+v", e)
	}
}

func TestParseAddrReportsEverything(t *testing.T) {
	_, err := parseAddr("redis-sentinel://ann@a.test,b.test?databse=1&db=x&db=2")
	for _, want := range []string{
		"user name alone", `parameter "databse"; want one of db, `, "db is given 2 times", "names no master", "database is not a number",
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v; want %q", err, want)
		}
	}
}

func TestParseAddrRefuses(t *testing.T) {
	for addr, want := range map[string]string{
		"6379":                              "want host:port",
		":6379":                             "want host:port",
		"http://localhost":                  "want one of redis, rediss, unix",
		"redis://localhost?max_retries=5":   `parameter "max_retries"`,
		"redis://s3cret@localhost":          "user name alone",
		"redis-clustr://localhost":          "want one of redis-cluster,",
		"redis://a.test,b.test":             "2 hosts; want one, or redis-cluster or redis-sentinel",
		"redis://a.test/1?db=2":             "given twice",
		"redis-cluster://a.test/1":          "one database",
		"redis-cluster://a.test?db=1":       `parameter "db"; want none`,
		"redis-cluster://a.test,":           "malformed",
		"redis-cluster://a.test,b:x":        "malformed",
		"redis-cluster://a.test,b/c@d":      "has a path",
		"redis-sentinel://a.test":           "names no master",
		"redis://a.test?ca_file=x":          `parameter "ca_file"`,
		"unix://s3cret.sock":                "no path of a socket",
		"redis://:${FC_NONE}@a.test":        "FC_NONE, which is not set",
		"redis://:${s3cret@a.test":          "without a name",
		"redis://a.test?db=1%zz":            "malformed",
		"redis://ann:s3cret#x@localhost":    "malformed",
		"redis://ann:s3cret@local host:1":   "malformed",
		"redis://ann:s3cret@localhost/zwei": "database is not a number",
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
	for _, addr := range []string{
		"localhost:1", "/x", "redis://:p@h:1/2", "unix:///x?db=1", "redis://a:b#c@d", "rediss://[::1]:2",
		"redis-cluster://:p@h:1,[::1]:2,", "redis-sentinel://u:p@h,g/m?sentinel_password=q", "redis://${HOME}@h",
	} {
		f.Add(addr)
	}
	f.Fuzz(func(t *testing.T, addr string) {
		e, err := parseAddr(addr)
		if err != nil {
			return
		}
		if len(e.addrs) == 0 || slices.Contains(e.addrs, "") || e.network != "tcp" && e.network != "unix" {
			t.Fatalf("%q is %q on %q", addr, e.addrs, e.network)
		}
		if again, err := parseAddr(addr); err != nil || again.String() != e.String() {
			t.Fatalf("%q parses differently the second time: %v, %v", addr, again, err)
		}
		if len(e.password) > 5 && strings.Contains(e.String(), e.password) && !strings.Contains(strings.Replace(addr, e.password, "", 1), e.password) {
			t.Fatalf("%q is shown as %q", addr, e)
		}
	})
}
