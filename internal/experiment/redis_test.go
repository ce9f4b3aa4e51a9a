package experiment

import (
	"crypto/x509"
	"encoding/pem"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/fcbench/fcbench/internal/redistest"
)

// TestRedisOfATarget: a target asks a Redis of its own, as the user that is named, in the
// database that is named, through TLS; and leaves no key there.
func TestRedisOfATarget(t *testing.T) {
	t.Setenv("FCBENCH_TEST_PASSWORD", "hush hush")
	cert, key, file := pemFiles(t)
	secure := redistest.FreePort(t)
	node := redistest.Server(t, "--databases", "4", "--tls-port", secure, "--tls-cert-file", cert, "--tls-key-file", key, "--tls-ca-cert-file", cert, "--tls-auth-clients", "no")
	node.Tell(t, "ACL", "SETUSER", "me", "on", ">hush hush", "~fcbench:*", "+@all")
	const set, login = "command: 'SET {key} 1'", "username: me, password: '${FCBENCH_TEST_PASSWORD}'"
	at, over := "address: '"+node.Addr+"'", "address: '127.0.0.1:"+secure+"'"
	for _, c := range [][]string{
		{set, at},
		{set, at, "db: 3, connections: 2, depth: 8", login},
		{set, at, "username: me, password_file: " + file},
		{"script: 'return redis.call(''INCR'', KEYS[1])'", at, "db: 2", login},
		{set, over, "db: 1, tls: {ca: '" + cert + "'}", login},
		{set, over, "tls: {insecure: true}, engine: portable"},
		{set, over, "tls: {}", "! certificate"},
		{set, at, "username: me, password: wrong", "! WRONGPASS"},
		{set, at, "db: 4", login, "! DB index is out of range"},
		{set, at, "tls: {insecure: true}", "! target redis: redis " + node.Addr},
		{set, "address: '127.0.0.1:1'", "! connection refused"},
		{"command: 'SET other 1'", at, `! command SET uses the key "other", and the Redis is not fcbench's`},
	} {
		want, refused := strings.CutPrefix(c[len(c)-1], "! ")
		if refused {
			c = c[:len(c)-1]
		}
		p := planOf(t, "name: r\nworkload: {arrivals: 'constant:500/s', keys: 'uniform:5'}\nsubjects: [{target: {kind: redis, "+strings.Join(c, ", ")+"}}]\nduration: 40ms\n")
		got := collector{}
		err := Run(t.Context(), []*Plan{p}, got)
		switch r := got["redis"]; {
		case refused && (err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hush")):
			t.Errorf("%v: %v; want %q", c, err, want)
		case !refused && (err != nil || r == nil || r.Offered != 20 || r.Outcomes["ok"] != r.Offered):
			t.Errorf("%v: %v, %+v", c, err, r)
		case p.Redis() != nil:
			t.Errorf("%v: a Redis was started for the run, which nobody asks", c)
		}
	}
	if keys := node.Tell(t, "INFO", "keyspace"); strings.Contains(keys, "keys=") {
		t.Errorf("left behind: %s", keys)
	}
}

// pemFiles are a certificate for loopback that vouches for itself, its key, and a file
// with a password.
func pemFiles(t *testing.T) (cert, key, password string) {
	t.Helper()
	server := httptest.NewTLSServer(nil)
	defer server.Close()
	private, err := x509.MarshalPKCS8PrivateKey(server.TLS.Certificates[0].PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	cert, key, password = filepath.Join(folder, "cert.pem"), filepath.Join(folder, "key.pem"), filepath.Join(folder, "password")
	for path, content := range map[string][]byte{
		cert: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), key: pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private}),
		password: []byte("hush hush\n"),
	} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key, password
}
