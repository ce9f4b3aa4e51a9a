package wire

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"strings"
	"syscall"
)

// TLSConfig is what TLS to an https service needs beside its url. Files are PEM,
// and read when the target is made, for all of its runs.
type TLSConfig struct {
	CA         string `yaml:"ca,omitempty"`          // a file with those who may vouch for the service; else those of the system
	Cert       string `yaml:"cert,omitempty"`        // a file with our own certificate, and those after it that vouch for it,
	Key        string `yaml:"key,omitempty"`         // and one with its key
	ServerName string `yaml:"server_name,omitempty"` // whom to ask for (SNI), and whose certificate is wanted; else the host of the url
	Insecure   bool   `yaml:"insecure,omitempty"`    // takes any certificate
}

// client is the configuration of connections to a host. Without c it is the default.
func (c *TLSConfig) client(host string) (*tls.Config, error) {
	out := &tls.Config{ServerName: host, NextProtos: []string{"http/1.1"}}
	if c == nil {
		return out, nil
	}
	errs := []error{c.check()}
	out.InsecureSkipVerify = c.Insecure
	if c.ServerName != "" {
		out.ServerName = c.ServerName
	}
	if c.CA != "" {
		pool, err := authorities(c.CA)
		out.RootCAs, errs = pool, append(errs, err)
	}
	if c.Cert != "" && c.Key != "" {
		pair, err := certificate(c.Cert, c.Key)
		out.Certificates, errs = []tls.Certificate{pair}, append(errs, err)
	}
	return out, errors.Join(errs...)
}

func (c *TLSConfig) check() error {
	var errs []error
	if (c.Cert == "") != (c.Key == "") {
		errs = append(errs, fmt.Errorf("tls: cert is %q and key is %q; want both, or none of them", c.Cert, c.Key))
	}
	if c.Insecure && c.CA != "" {
		errs = append(errs, fmt.Errorf("tls: insecure stands beside ca %s, which nobody would ask; want one of them", c.CA))
	}
	if _, err := netip.ParseAddr(c.ServerName); err != nil && strings.ContainsAny(c.ServerName, ":/[]@ \t\r\n") {
		errs = append(errs, fmt.Errorf("tls: server_name is %q; want a host name without a port", c.ServerName))
	}
	return errors.Join(errs...)
}

// authorities reads certificates of those who vouch for others.
func authorities(file string) (*x509.CertPool, error) {
	text, err := readFile("tls: ca", file)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM([]byte(text)) {
		return nil, fmt.Errorf("tls: ca is %s, which holds no certificate; want PEM, which begins with -----BEGIN CERTIFICATE-----", file)
	}
	return pool, nil
}

// certificate reads a certificate and its key.
func certificate(certFile, keyFile string) (tls.Certificate, error) {
	cert, certErr := readFile("tls: cert", certFile)
	key, keyErr := readFile("tls: key", keyFile)
	if err := errors.Join(certErr, keyErr); err != nil {
		return tls.Certificate{}, err
	}
	pair, err := tls.X509KeyPair([]byte(cert), []byte(key))
	if err != nil {
		text := strings.TrimPrefix(err.Error(), "tls: ")
		return pair, fmt.Errorf("tls: cert is %s and key is %s; want a certificate and its key, as PEM: %s", certFile, keyFile, text)
	}
	return pair, nil
}

const (
	notTLS       = Malformed("tls: the service does not speak it")
	onlyTLS      = Malformed("tls: the service speaks it; want an https url")
	cutHandshake = Malformed("tls: handshake cut short by the other side")
	expired      = Malformed("tls: certificate expired or not yet valid")
	unvouched    = Malformed("tls: certificate signed by unknown authority")
	othersName   = Malformed("tls: certificate is for another name")
	badCert      = Malformed("tls: certificate not valid for a server")
)

// handshakeError is one of a few for what ended a handshake. What the other side says
// itself (an alert) is in the words of its standard, of which there are few, and so is
// everything that is no matter of TLS.
func handshakeError(err error) error {
	var record tls.RecordHeaderError
	var invalid x509.CertificateInvalidError
	var authority x509.UnknownAuthorityError
	var name x509.HostnameError
	switch {
	case errors.As(err, &record):
		return notTLS
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return expired
	case errors.As(err, &invalid):
		return badCert
	case errors.As(err, &authority):
		return unvouched
	case errors.As(err, &name):
		return othersName
	case errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET):
		return cutHandshake
	}
	return err
}

// spokenTLS reports whether bytes are no answer but the beginning of a TLS record, by
// which services tell those who do not speak it.
func spokenTLS(buf []byte) bool {
	const alert, handshake, version = 0x15, 0x16, 3
	return len(buf) > 1 && (buf[0] == alert || buf[0] == handshake) && buf[1] == version
}
