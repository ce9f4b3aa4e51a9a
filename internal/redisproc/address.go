package redisproc

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/redis/go-redis/v9"
)

// login is what a URL may say beyond the address.
type login struct {
	username, password string
	db                 int
	tls                *tls.Config
	url                string // with the password blotted out, "" if there was no URL
}

// String shows where the endpoint is and never its password.
func (e endpoint) String() string {
	if e.url != "" {
		return e.url
	}
	return e.addr
}

// parseAddr understands the three forms of Options.Addr.
func parseAddr(addr string) (endpoint, error) {
	if strings.Contains(addr, "://") {
		return parseURL(addr)
	}
	if strings.Contains(addr, "/") {
		path, err := filepath.Abs(addr)
		return endpoint{network: "unix", addr: path}, err
	}
	host, port, err := net.SplitHostPort(addr)
	if err != nil || host == "" || port == "" {
		return endpoint{}, fmt.Errorf("redis address is %q; want host:port, the path of a unix socket or a redis:// URL", addr)
	}
	return endpoint{network: "tcp", addr: addr}, nil
}

// errURL shows nothing of the URL, since even its fragments may be a password.
var errURL = errors.New("redis URL is malformed (not shown: it may hold a password); " +
	"want redis://[user:password@]host:port[/db] with special characters percent-encoded")

func parseURL(addr string) (endpoint, error) {
	u, err := url.Parse(addr)
	if err != nil {
		return endpoint{}, errURL
	}
	if err := checkURL(u); err != nil {
		return endpoint{}, err
	}
	o, err := redis.ParseURL(addr)
	if err != nil {
		return endpoint{}, errURL
	}
	in := login{username: o.Username, password: o.Password, db: o.DB, tls: o.TLSConfig, url: u.Redacted()}
	return endpoint{login: in, network: o.Network, addr: o.Addr}, nil
}

// checkURL refuses what would be ignored, or would change what is measured.
func checkURL(u *url.URL) error {
	var problems []error
	if u.Scheme != "redis" && u.Scheme != "rediss" && u.Scheme != "unix" {
		problems = append(problems, fmt.Errorf("redis URL scheme is %q; want redis, rediss or unix", u.Scheme))
	}
	if _, hasPassword := u.User.Password(); u.User.Username() != "" && !hasPassword {
		problems = append(problems, errors.New("redis URL has a user name alone; want user:password@ or :password@"))
	}
	for name := range u.Query() {
		if name != "db" {
			problems = append(problems, fmt.Errorf("redis URL has the parameter %q; want none but db, fcbench sets the rest", name))
		}
	}
	if u.Fragment != "" || u.Opaque != "" {
		problems = append(problems, errURL)
	}
	return errors.Join(problems...)
}
