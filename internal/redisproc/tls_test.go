package redisproc

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/fcbench/fcbench/internal/redistest"
	"github.com/redis/go-redis/v9"
)

// authority is a CA that a test makes for itself.
type authority struct {
	dir  string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{dir: t.TempDir()}
	a.cert, a.key = a.issue(t, "ca", &x509.Certificate{IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign})
	return a
}

// issue writes name.crt and name.key; the first certificate signs itself.
func (a *authority) issue(t *testing.T, name string, c *x509.Certificate) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c.SerialNumber = big.NewInt(time.Now().UnixNano())
	c.Subject = pkix.Name{CommonName: name}
	c.NotBefore, c.NotAfter = time.Now().Add(-time.Hour), time.Now().Add(time.Hour)
	parent, signer := a.cert, a.key
	if parent == nil {
		parent, signer = c, key
	}
	der, err := x509.CreateCertificate(rand.Reader, c, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for file, block := range map[string]*pem.Block{
		a.file(name + ".crt"): {Type: "CERTIFICATE", Bytes: der}, a.file(name + ".key"): {Type: "EC PRIVATE KEY", Bytes: secret},
	} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert, key
}

func (a *authority) file(name string) string { return filepath.Join(a.dir, name) }

// args are those of a server that has a certificate for name and wants one of its clients.
func (a *authority) args(t *testing.T, port, name string) []string {
	a.issue(t, "server", &x509.Certificate{DNSNames: []string{name}})
	return []string{
		"--tls-port", port, "--tls-cert-file", a.file("server.crt"), "--tls-key-file", a.file("server.key"), "--tls-ca-cert-file", a.file("ca.crt"),
	}
}

func TestTLS(t *testing.T) {
	a, port := newAuthority(t), redistest.FreePort(t)
	n := redistest.Server(t, a.args(t, port, "limits.test")...)
	n.Tell(t, "acl", "setuser", "ann", "on", ">s3cret", "~fcbench:*", "+@all", "-info")
	a.issue(t, "client", &x509.Certificate{})
	t.Setenv("ANN", "s3cret")
	addr := "rediss://ann:${ANN}@localhost:" + port
	q := url.Values{
		"ca_file": {a.file("ca.crt")}, "cert_file": {a.file("client.crt")}, "key_file": {a.file("client.key")}, "server_name": {"limits.test"},
	}
	s := start(t, addr+"?"+q.Encode())
	c := client(t, s, ClientOptions{})
	if err := c.Set(t.Context(), "fcbench:k", "v", 0).Err(); err != nil {
		t.Error(err)
	}
	if err := c.Set(t.Context(), "other:k", "v", 0).Err(); err == nil || !strings.Contains(err.Error(), "NOPERM") {
		t.Errorf("SET of a key that the user may not touch: %v; want NOPERM", err)
	}
	if s.Info().Version != "unknown" || !strings.HasPrefix(s.Info().Addr, "rediss://ann:xxxxx@localhost:"+port) {
		t.Errorf("server is %s; want its version unknown to a user who may not ask, and no password", s)
	}
	for _, tt := range []struct {
		set  map[string]string
		want string
	}{
		{map[string]string{"ca_file": ""}, "unknown authority"},
		{map[string]string{"server_name": ""}, "limits.test, not localhost"},
		{map[string]string{"cert_file": "", "key_file": ""}, "certificate required"},
		{map[string]string{"ca_file": a.file("none.crt")}, "none.crt: no such file"},
		{map[string]string{"ca_file": a.file("ca.key")}, "holds no certificate"},
		{map[string]string{"key_file": a.file("ca.key")}, "private key does not match"},
		{map[string]string{"key_file": "", "skip_verify": "yes"}, "not both given"},
		{map[string]string{"skip_verify": "yes"}, `skip_verify is "yes"; want true or false`},
	} {
		refused(t, addr+"?"+changed(q, tt.set).Encode(), tt.want)
	}
	insecure := start(t, addr+"?"+changed(q, map[string]string{"ca_file": "", "server_name": "", "skip_verify": "true"}).Encode())
	if err := client(t, insecure, ClientOptions{}).Ping(t.Context()).Err(); err != nil {
		t.Errorf("with skip_verify=true: %v", err)
	}
	refused(t, strings.Replace(addr, "rediss", "redis", 1), "redis://ann:xxxxx@localhost:"+port) // EOF or a reset
	refused(t, strings.Replace(addr, "ann:${ANN}", "ann:wrong", 1)+"?"+q.Encode(), "WRONGPASS")
}

func changed(q url.Values, set map[string]string) url.Values {
	q = url.Values{"ca_file": q["ca_file"], "cert_file": q["cert_file"], "key_file": q["key_file"], "server_name": q["server_name"]}
	for name, value := range set {
		q.Set(name, value)
	}
	return q
}

// TestTLSCluster holds every node to a certificate for the host it is reached at.
func TestTLSCluster(t *testing.T) {
	a, port := newAuthority(t), redistest.FreePort(t)
	args := append(a.args(t, port, "localhost"), "--tls-auth-clients", "no", "--tls-cluster", "yes", "--cluster-announce-hostname", "localhost",
		"--cluster-preferred-endpoint-type", "hostname", "--cluster-enabled", "yes", "--cluster-port", redistest.FreePort(t))
	n := redistest.Server(t, args...)
	n.Tell(t, "cluster", "addslotsrange", 0, 16383)
	redistest.Wait(t, "the cluster", func() bool { return strings.Contains(n.Tell(t, "cluster", "info"), "cluster_state:ok") })
	s := start(t, "rediss-cluster://localhost:"+port+"?ca_file="+url.QueryEscape(a.file("ca.crt")))
	c, ok := client(t, s, ClientOptions{}).(*redis.ClusterClient)
	if err := c.Set(t.Context(), "k", "v", 0).Err(); err != nil || !ok {
		t.Errorf("client is a %T, %v; want one of a cluster", c, err)
	}
	refused(t, "rediss-cluster://127.0.0.1:"+port+"?ca_file="+url.QueryEscape(a.file("ca.crt")), "127.0.0.1")
}
