package wire_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/fcbench/fcbench/results"
	"github.com/fcbench/fcbench/targets"
	"github.com/fcbench/fcbench/targets/wire"
)

// issue writes a self-signed certificate for a name and its key to files.
func issue(t testing.TB, name string, until time.Time) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	form := &x509.Certificate{
		SerialNumber: big.NewInt(1), DNSNames: []string{name}, NotBefore: until.Add(-48 * time.Hour), NotAfter: until,
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, form, form, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for file, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

// secured is a service by a certificate, which asks its clients for that of a CA unless that is empty.
func secured(t *testing.T, cert, key, clients string) (addr string, asked func() string) {
	t.Helper()
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	names := make(chan string, 100)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { names <- r.TLS.ServerName }))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{pair}}
	if clients != "" {
		text, err := os.ReadFile(clients)
		if err != nil {
			t.Fatal(err)
		}
		server.TLS.ClientCAs, server.TLS.ClientAuth = x509.NewCertPool(), tls.RequireAndVerifyClientCert
		server.TLS.ClientCAs.AppendCertsFromPEM(text)
	}
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.Listener.Addr().String(), func() string { return <-names }
}

// TestTLS: whom to trust, whom to ask for and who asks are as they were spelled out,
// and what is wrong with it is one of a few causes.
func TestTLS(t *testing.T) {
	tomorrow := time.Now().Add(24 * time.Hour)
	cert, key := issue(t, "a.example", tomorrow)
	oldCert, oldKey := issue(t, "a.example", time.Now().Add(-time.Hour))
	mine, myKey := issue(t, "me.example", tomorrow)
	open, asked := secured(t, cert, key, "")
	closed, _ := secured(t, cert, key, mine)
	old, _ := secured(t, oldCert, oldKey, "")
	shut := serve(t, func(conn net.Conn) { conn.Read(make([]byte, 1)); conn.(*net.TCPConn).SetLinger(0) })
	for name, c := range map[string]struct {
		addr, cause string
		tls         *wire.TLSConfig
	}{
		"trusted":            {open, "", &wire.TLSConfig{CA: cert, ServerName: "a.example"}},
		"insecure":           {open, "", &wire.TLSConfig{Insecure: true, ServerName: "a.example"}},
		"untrusted":          {open, "tls: certificate signed by unknown authority", &wire.TLSConfig{ServerName: "a.example"}},
		"not spelled out":    {open, "tls: certificate is for another name", nil},
		"by another":         {open, "tls: certificate signed by unknown authority", &wire.TLSConfig{CA: mine, ServerName: "a.example"}},
		"of another name":    {open, "tls: certificate is for another name", &wire.TLSConfig{CA: cert, ServerName: "b.example"}},
		"of another address": {open, "tls: certificate is for another name", &wire.TLSConfig{CA: cert}},
		"expired":            {old, "tls: certificate expired or not yet valid", &wire.TLSConfig{CA: oldCert, ServerName: "a.example"}},
		"expired, insecure":  {old, "", &wire.TLSConfig{Insecure: true}},
		"known":              {closed, "", &wire.TLSConfig{CA: cert, ServerName: "a.example", Cert: mine, Key: myKey}},
		"unknown":            {closed, "tls: certificate required", &wire.TLSConfig{CA: cert, ServerName: "a.example"}},
		"cut short":          {shut, "tls: handshake cut short by the other side", nil},
	} {
		for _, engine := range engines {
			h := engined(t, engine, wire.HTTPConfig{URL: "https://" + c.addr, TLS: c.tls})
			for _, r := range send(t, h, 2, make([]targets.Request, 3)...) {
				if ok := r.Outcome == results.OK; ok != (c.cause == "") || r.Cause != c.cause {
					t.Errorf("%s by the %s engine: %+v; want the cause %q", name, engine, r, c.cause)
				}
				if c.addr == open && c.cause == "" {
					if name := asked(); name != "a.example" {
						t.Errorf("the service was asked for %q; want a.example", name)
					}
				}
			}
		}
	}
}

// TestTLSAlertInPlain: a service that says in its own tongue that it speaks TLS alone
// is understood, by either engine.
func TestTLSAlertInPlain(t *testing.T) {
	addr := saying(t, "\x15\x03\x01\x00\x02\x02\x46", "close")
	for _, engine := range engines {
		r := send(t, engined(t, engine, wire.HTTPConfig{URL: "http://" + addr}), 1, targets.Request{})[0]
		if want := (targets.Response{Outcome: results.Failed, Cause: "tls: the service speaks it; want an https url"}); r != want {
			t.Errorf("by the %s engine it is %+v; want %+v", engine, r, want)
		}
	}
}

func TestTLSConfigProblems(t *testing.T) {
	cert, key := issue(t, "a.example", time.Now().Add(time.Hour))
	for _, c := range []struct {
		url  string
		tls  wire.TLSConfig
		want []string
	}{
		{"http://h", wire.TLSConfig{}, []string{"tls stands beside a url that begins with http://; want https://"}},
		{"https://h", wire.TLSConfig{Cert: cert}, []string{`and key is ""; want both`}},
		{"https://h", wire.TLSConfig{Key: key}, []string{`tls: cert is "" and key is`}},
		{"https://h", wire.TLSConfig{CA: key}, []string{"tls: ca is " + key + ", which holds no certificate; want PEM"}},
		{"https://h", wire.TLSConfig{Cert: key, Key: cert}, []string{"want a certificate and its key, as PEM"}},
		{"https://h", wire.TLSConfig{CA: cert, Insecure: true}, []string{"tls: insecure stands beside ca"}},
		{"h:80", wire.TLSConfig{ServerName: "h:443", CA: "absent", Cert: ".", Key: "/dev/null"}, []string{
			`url is "h:80"`, `tls: server_name is "h:443"; want a host name without a port`, "tls: ca: stat absent: no such file",
			"tls: cert is ., a directory; want a regular file", "tls: key is /dev/null, a device or socket",
		}},
	} {
		_, err := wire.NewHTTP(wire.HTTPConfig{URL: c.url, TLS: &c.tls}, nil)
		wantAll(t, err, c.want...)
	}
}
