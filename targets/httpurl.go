package targets

import (
	"fmt"
	"net"
	"net/url"
	"strconv"
	"strings"
)

// keyedURL is an address in which a key may have its place. It is taken apart
// once, so that a request costs no parsing.
type keyedURL struct {
	base    url.URL
	path    []string // decoded, around the places of the key
	rawPath []string // the same, as written
	query   []string
}

const (
	keyPlace = "{key}"
	keyMark  = "fcbench-place-of-the-key" // stands for keyPlace where braces may not stand
)

// newKeyedURL checks and splits an address. Its errors show what was written,
// which holds no secrets of the environment.
func newKeyedURL(written string) (keyedURL, error) {
	address, err := fromEnvironment("url", written)
	if err != nil {
		return keyedURL{}, err
	}
	fail := func(want string) (keyedURL, error) {
		return keyedURL{}, fmt.Errorf("url is %q; want %s", withoutPassword(written), want)
	}
	if strings.ContainsAny(strings.ReplaceAll(address, keyPlace, ""), "{}") {
		return fail("no braces but those of {key} and ${NAME}, each closed")
	}
	u, err := url.Parse(strings.ReplaceAll(address, keyPlace, keyMark))
	switch {
	case err != nil:
		return fail("an address such as http://127.0.0.1:8080/path")
	case u.Scheme != "http" && u.Scheme != "https", u.Hostname() == "":
		return fail("one that begins with http:// or https:// and names a host")
	case u.User != nil:
		return fail("it without user and password: they belong into headers, such as Authorization: Basic ${CREDENTIALS}")
	case strings.Contains(u.Host+u.Fragment, keyMark):
		return fail("{key} in the path or the query")
	case !validPort(u.Port()):
		return fail("a port from 1 to 65535, or none")
	}
	return keyedURL{
		base: *u, path: strings.Split(u.Path, keyMark), rawPath: strings.Split(u.EscapedPath(), keyMark),
		query: strings.Split(u.RawQuery, keyMark),
	}, nil
}

func validPort(port string) bool {
	n, err := strconv.ParseUint(port, 10, 16)
	return port == "" || err == nil && n > 0
}

// withoutPassword hides what stands between the scheme and the @ of an address.
func withoutPassword(address string) string {
	scheme, rest, ok := strings.Cut(address, "//")
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	if at := strings.LastIndexByte(rest[:end], '@'); ok && at >= 0 {
		return scheme + "//…" + rest[at:]
	}
	return address
}

func (k *keyedURL) keyed() bool { return len(k.path) > 1 || len(k.query) > 1 }

// of returns the address for a key.
func (k *keyedURL) of(key string) *url.URL {
	u := k.base
	if len(k.path) > 1 {
		u.Path = strings.Join(k.path, key)
		if escaped := url.PathEscape(key); u.RawPath != "" || escaped != key {
			u.RawPath = strings.Join(k.rawPath, escaped)
		}
	}
	if len(k.query) > 1 {
		u.RawQuery = strings.Join(k.query, url.QueryEscape(key))
	}
	return &u
}

// addr is the host and port.
func (k *keyedURL) addr() string {
	port := k.base.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[k.base.Scheme]
	}
	return net.JoinHostPort(k.base.Hostname(), port)
}
