package wire

import (
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/fcbench/fcbench/internal/redisproc"
)

// RedisAddress is a Redis of the target's own, in the place of that of the run. In
// username and password ${NAME} stands for the environment variable NAME.
type RedisAddress struct {
	Address      string     `yaml:"address,omitempty"`       // host:port, or the path of a socket
	DB           int        `yaml:"db,omitempty"`            // the number of its database
	Username     string     `yaml:"username,omitempty"`      // else the default user
	Password     string     `yaml:"password,omitempty"`      // such as ${REDIS_PASSWORD}
	PasswordFile string     `yaml:"password_file,omitempty"` // a file with it, without the line feed at its end
	TLS          *TLSConfig `yaml:"tls,omitempty"`           // that it speaks; {} for a certificate of the system's authorities
}

// options are how it is found; nil where there is none. TLS is read, as it is for every
// run.
func (a RedisAddress) options() (*redisproc.Options, error) {
	if a.Address == "" {
		return nil, a.alone()
	}
	host, socket, err := a.split()
	errs := []error{err}
	bad := func(format string, args ...any) { errs = append(errs, fmt.Errorf(format, args...)) }
	if a.DB < 0 {
		bad("db is %d; want 0 or more", a.DB)
	}
	login := &redisproc.Login{DB: a.DB}
	if login.Username, err = fromEnvironment("username", a.Username); err != nil {
		errs = append(errs, err)
	}
	login.Password, err = a.password()
	if errs = append(errs, err); a.Username != "" && a.Password == "" && a.PasswordFile == "" {
		bad("username is %q without a password; want password too, such as ${REDIS_PASSWORD}, or password_file", a.Username)
	}
	switch {
	case a.TLS != nil && socket:
		bad("tls stands beside address %s, a socket of this machine; want host:port, or no tls", a.Address)
	case a.TLS != nil:
		login.TLS, err = a.TLS.client(host)
		login.TLS.NextProtos = nil // of HTTP alone
		errs = append(errs, err)
	}
	return &redisproc.Options{Addr: a.Address, Login: login}, errors.Join(errs...)
}

// alone refuses what says nothing without an address.
func (a RedisAddress) alone() error {
	var errs []error
	for _, key := range []struct {
		name  string
		given bool
	}{{"db", a.DB != 0}, {"username", a.Username != ""}, {"password", a.Password != ""}, {"password_file", a.PasswordFile != ""}, {"tls", a.TLS != nil}} {
		if key.given {
			errs = append(errs, fmt.Errorf("%s stands without address; want address: host:port beside it, or it in --redis redis://…, which is the Redis of the run", key.name))
		}
	}
	return errors.Join(errs...)
}

// split is the host that is asked, or that it is a socket.
func (a RedisAddress) split() (host string, socket bool, err error) {
	if strings.Contains(a.Address, "://") { // not shown: it may hold a password
		return "", false, errors.New("address is a URL; want host:port or the path of a socket, and db, username, password and tls beside it")
	}
	if strings.Contains(a.Address, "/") {
		return "", true, nil
	}
	host, port, err := net.SplitHostPort(a.Address)
	if err != nil || host == "" || port == "" || !validPort(port) || strings.Contains(host, "@") {
		return "", false, errors.New("address is " + shownRedis(a.Address) + "; want host:port, such as 127.0.0.1:6379, or the path of a socket")
	}
	return host, false, nil
}

// shownRedis is an address without what may be a password.
func shownRedis(address string) string {
	if i := strings.LastIndex(address, "@"); i >= 0 {
		return fmt.Sprintf("%q", "…"+address[i:])
	}
	return fmt.Sprintf("%q", address)
}

// password is that of the environment, of the file, or as it is written.
func (a RedisAddress) password() (string, error) {
	switch {
	case a.Password != "" && a.PasswordFile != "":
		return "", errors.New("password stands beside password_file; want one of them")
	case a.PasswordFile == "":
		return fromEnvironment("password", a.Password)
	}
	text, err := readFile("password_file", a.PasswordFile)
	if err != nil {
		return "", err
	}
	text = strings.TrimSuffix(strings.TrimSuffix(text, "\n"), "\r")
	if text == "" || strings.Contains(text, "\n") {
		return "", fmt.Errorf("password_file %s has %s; want one line, the password", a.PasswordFile, map[bool]string{true: "nothing in it", false: "several lines"}[text == ""])
	}
	return text, nil
}
