package redisproc

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"time"
)

// tlsConfig reads what a URL says of TLS: ca_file, cert_file with key_file,
// server_name, skip_verify. Without a server name a certificate must be for the
// host that is dialled; without a CA file the system's authorities count.
func tlsConfig(q url.Values) (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: q.Get("server_name")}
	var problems []error
	switch q.Get("skip_verify") {
	case "", "false":
	case "true":
		config.InsecureSkipVerify = true
	default:
		problems = append(problems, fmt.Errorf("skip_verify is %q; want true or false", q.Get("skip_verify")))
	}
	if file := q.Get("ca_file"); file != "" {
		pool, err := authorities(file)
		config.RootCAs = pool
		problems = append(problems, err)
	}
	cert, key := q.Get("cert_file"), q.Get("key_file")
	switch {
	case (cert == "") != (key == ""):
		problems = append(problems, errors.New("cert_file and key_file are not both given; want both or none"))
	case cert != "":
		pair, err := tls.LoadX509KeyPair(cert, key)
		if err != nil {
			err = fmt.Errorf("cert_file %s with key_file %s: %w", cert, key, err)
		}
		config.Certificates = []tls.Certificate{pair}
		problems = append(problems, err)
	}
	return config, errors.Join(problems...)
}

func authorities(file string) (*x509.CertPool, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("ca_file: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("ca_file %s holds no certificate; want some in PEM", file)
	}
	return pool, nil
}

// refusalWithin is how long a closed connection is read from, for the reason.
const refusalWithin = 10 * time.Millisecond

// refusal is why the other side closed a TLS connection, where it said so, else
// err: a server that wants a certificate says so only after the handshake, and
// what fails then may be the first command.
func refusal(conn net.Conn, err error) error {
	secure, ok := conn.(*tls.Conn)
	if !ok || isTimeout(err) {
		return err
	}
	_ = secure.SetReadDeadline(time.Now().Add(refusalWithin)) // it has arrived, or was not sent
	var said *net.OpError
	if _, reason := secure.Read(make([]byte, 1)); errors.As(reason, &said) && said.Op == "remote error" {
		return reason
	}
	return err
}
