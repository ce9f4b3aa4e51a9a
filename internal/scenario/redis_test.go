package scenario

import (
	"strings"
	"testing"

	"github.com/fcbench/fcbench/internal/strictyaml"
)

// TestRedisOfATarget is one that is asked over the network, like any service: not the
// Redis of the run, which there need not be. Its password is told nobody.
func TestRedisOfATarget(t *testing.T) {
	t.Setenv("FCBENCH_TEST_PASSWORD", "hush")
	const doc = "name: r\nworkload: {arrivals: 'constant:1/s'}\nsubjects: [{target: {kind: redis, command: 'GET {key}', address: '127.0.0.1:6380', db: 2, username: me, password: '%s'}}]\n"
	for password, want := range map[string]string{"plain": "redacted", "x${FCBENCH_TEST_PASSWORD}": "redacted", "${FCBENCH_TEST_PASSWORD}": "${FCBENCH_TEST_PASSWORD}"} {
		s, err := parse(t, strings.Replace(doc, "%s", password, 1))
		if err != nil {
			t.Fatal(err)
		}
		sub := s.Subjects[0]
		if hosts := s.Hosts(); s.NeedsRedis() || sub.Scope != "service" || len(hosts) != 1 || hosts[0] != "127.0.0.1:6380" {
			t.Errorf("%s: scope %s at %v, needs the Redis of the run: %v", password, sub.Scope, hosts, s.NeedsRedis())
		}
		if got := string(sub.JSON()); !strings.Contains(got, `"address":"127.0.0.1:6380","db":2,"username":"me","password":"`+want+`"`) || strings.Contains(got, "hush") || strings.Contains(got, "plain") {
			t.Errorf("%s: %s", password, got)
		}
	}
	stored, err := strictyaml.Parse("r.jsonl", []byte(`{"password":"redacted"}`))
	if err != nil {
		t.Fatal(err)
	}
	p := &parser{}
	p.refuseRedacted(stored, stored)
	wantProblems(t, p.problems.Err(), `password is "redacted", as result files hide secrets; want it as ${NAME}`)

	s, err := parse(t, strings.Replace(doc, "'127.0.0.1:6380'", "/run/redis.sock", 1))
	if err != nil || s.NeedsRedis() || len(s.Hosts()) > 0 {
		t.Errorf("a socket: %v; hosts %v", err, s.Hosts())
	}
	_, err = parse(t, strings.Replace(strings.Replace(doc, "'127.0.0.1:6380'", "'redis://:pst@h:1'", 1), "db: 2", "db: -1", 1))
	wantProblems(t, err, "address is a URL; want host:port or the path of a socket, and db, username, password and tls beside it", "db is -1; want 0 or more")
	if strings.Contains(err.Error(), "pst") {
		t.Errorf("the password is told: %v", err)
	}
}
