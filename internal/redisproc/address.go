package redisproc

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/netip"
	"path/filepath"
	"strings"
)

// endpoint is how to reach a server and log in.
type endpoint struct {
	login
	kind    kind
	network string
	addrs   []string // one, or of a cluster or of sentinels some
	dial    dialFunc
	resolve func(ctx context.Context, network, addr string) ([]netip.AddrPort, error) // nil where nothing is on a network
}

// login is what a URL may say beyond the address.
type login struct {
	username, password                 string
	sentinelUsername, sentinelPassword string
	master                             string // the name by which sentinels know it
	db                                 int
	tls                                *tls.Config
	url                                string // without secrets, "" if there was no URL
}

// kind is what stands at an address.
type kind uint8

const (
	single kind = iota
	cluster
	sentinel
)

// String shows where the endpoint is and never its password.
func (e endpoint) String() string {
	if e.url != "" {
		return e.url
	}
	return strings.Join(e.addrs, ",")
}

// CheckAddr reports everything that is wrong with the form of an address, as
// [Options] take them. Nothing is asked of anybody.
func CheckAddr(addr string) error {
	_, err := parseAddr(addr)
	return err
}

// Shown is an address as files may show it, without passwords; "" where there is none.
func Shown(addr string) string {
	e, err := parseAddr(addr)
	if err != nil {
		return ""
	}
	return e.String()
}

// parseAddr understands the forms of Options.Addr.
func parseAddr(addr string) (endpoint, error) {
	if strings.Contains(addr, "://") {
		return parseURL(addr)
	}
	if strings.Contains(addr, "/") {
		path, err := filepath.Abs(addr)
		return endpoint{network: "unix", addrs: []string{path}}, err
	}
	host, port, err := net.SplitHostPort(addr)
	if err != nil || host == "" || port == "" {
		return endpoint{}, fmt.Errorf("redis address is %q; want host:port, the path of a unix socket or a redis:// URL", addr)
	}
	return endpoint{network: "tcp", addrs: []string{addr}}, nil
}
