package wire

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// keyedURL is an address in which a key may have its place. It is taken apart
// once, so that a request costs no parsing.
type keyedURL struct {
	base    url.URL
	path    []string // as it is sent, around the places of the key
	query   []string
	tail    tail
	inPath  *escapes
	inQuery *escapes
}

// tail is what the request target ends with, as it came, and begins with the
// base's path.
type tail uint8

const (
	noTail     tail = iota
	wholeKey        // the key is the target
	requestKey      // the key is "METHOD TARGET"
)

const (
	keyPlace    = "{key}"
	pathPlace   = "{path}"
	methodPlace = "{method}"
	keyMark     = "fcbench-place-of-the-key" // stands for keyPlace where braces may not stand
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
	address, tail := cutTail(address)
	if want := misplaced(address, tail); want != "" {
		return fail(want)
	}
	u, err := url.Parse(strings.ReplaceAll(address, keyPlace, keyMark))
	switch {
	case err != nil:
		return fail("an address such as http://127.0.0.1:8080/path")
	case u.Scheme != "http" && u.Scheme != "https", u.Hostname() == "":
		return fail("one that begins with http:// or https:// and names a host")
	case u.User != nil:
		return fail("it without user and password: they belong into headers, such as Authorization: Basic ${CREDENTIALS}")
	case strings.Contains(u.Fragment, keyMark):
		return fail("{key} in the path or the query, which are sent")
	case !validPort(u.Port()):
		return fail("a port from 1 to 65535, or none")
	}
	return keyedURL{
		base: *u, path: strings.Split(u.EscapedPath(), keyMark), query: strings.Split(u.RawQuery, keyMark), tail: tail,
		inPath: newEscapes(url.PathEscape), inQuery: newEscapes(url.QueryEscape),
	}, nil
}

// cutTail takes a place off an address that stands for all that follows: {path}
// at its end, or {key} right after the host.
func cutTail(address string) (before string, t tail) {
	if before, ok := strings.CutSuffix(address, pathPlace); ok {
		return strings.TrimRight(before, "/"), requestKey
	}
	if host, ok := strings.CutSuffix(authority(address), keyPlace); ok && host != "" && strings.HasSuffix(address, keyPlace) {
		return strings.TrimSuffix(address, keyPlace), wholeKey
	}
	return address, noTail
}

// misplaced says where the places of an address, without its tail, should stand.
func misplaced(address string, t tail) (want string) {
	switch others := strings.ReplaceAll(address, keyPlace, ""); {
	case strings.Contains(others, pathPlace), t == requestKey && strings.ContainsAny(others, "?#"):
		return "{path} once and last, right after the host or after a path: what it stands for brings its own query"
	case t == requestKey && others != address:
		return "{key} or {path}, which is a part of the key"
	case strings.Contains(others, methodPlace):
		return "no {method}; it is a value of method, and its default beside {path}"
	case strings.Contains(authority(address), keyPlace):
		return "{key} in the path or the query, or last, right after the host, for keys that are paths"
	case strings.ContainsAny(others, "{}"):
		return "no braces but those of {key}, {path} and ${NAME}, each closed"
	}
	return ""
}

func validPort(port string) bool {
	n, err := strconv.ParseUint(port, 10, 16)
	return port == "" || err == nil && n > 0
}

// authority is what stands between the scheme of an address and its path.
func authority(address string) string {
	_, rest, _ := strings.Cut(address, "//")
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	return rest[:end]
}

// withoutPassword hides what stands between the scheme and the @ of an address.
func withoutPassword(address string) string {
	at := strings.LastIndexByte(authority(address), '@')
	if at < 0 {
		return address
	}
	scheme, rest, _ := strings.Cut(address, "//")
	return scheme + "//…" + rest[at:]
}

// keyed reports whether the address differs from key to key.
func (k *keyedURL) keyed() bool { return k.tail != noTail || len(k.path) > 1 || len(k.query) > 1 }

// append appends the request target for a key that split to target: what stands
// for all that follows goes byte by byte.
func (k *keyedURL) append(dst []byte, key, target string) []byte {
	if k.tail != noTail {
		return append(append(dst, k.path[0]...), target...)
	}
	start := len(dst)
	dst = k.inPath.append(dst, k.path, key)
	if len(dst) == start {
		dst = append(dst, '/')
	}
	if len(k.query) == 1 && k.query[0] == "" && !k.base.ForceQuery {
		return dst
	}
	return k.inQuery.append(append(dst, '?'), k.query, key)
}

// escapes are what stands for each byte of a key.
type escapes [256]string

// newEscapes asks a function of net/url about every byte.
func newEscapes(escape func(string) string) *escapes {
	e := new(escapes)
	for c := range e {
		e[c] = escape(string([]byte{byte(c)}))
	}
	return e
}

// append appends parts around the key.
func (e *escapes) append(dst []byte, parts []string, key string) []byte {
	dst = append(dst, parts[0]...)
	for _, part := range parts[1:] {
		for i := range len(key) {
			dst = append(dst, e[key[i]]...)
		}
		dst = append(dst, part...)
	}
	return dst
}

// split returns what a key names of a request, where the address wants it to: the
// method, or none, and the target. It refuses other keys.
func (k *keyedURL) split(key string) (method, target string, err error) {
	switch k.tail {
	case requestKey:
		method, target, _ = strings.Cut(key, " ")
		if !isToken(method) || target == "" {
			return "", "", errNoRequest
		}
		if k.base.Path != "" && target[0] != '/' {
			return "", "", errNoPath
		}
	case wholeKey:
		if target = key; key == "" || key[0] != '/' {
			return "", "", errNoPath
		}
	}
	if strings.ContainsFunc(target, func(r rune) bool { return isControl(r) || r == '\t' }) {
		return "", "", errControl
	}
	return method, target, nil
}

var (
	errNoRequest = errors.New("key is no request; want keys such as GET /path for {path}")
	errNoPath    = errors.New("key is no path; want keys such as /path after the host")
	errControl   = errors.New("key holds a control character, which no request target can")
)

// host is the Host of requests: as net/http writes it, in ASCII and without a zone.
func (k *keyedURL) host() (string, error) {
	var out bytes.Buffer
	r := &http.Request{Method: http.MethodGet, URL: &url.URL{Scheme: k.base.Scheme, Host: k.base.Host}}
	if err := r.Write(&out); err != nil {
		return "", fmt.Errorf("url has host %q; want one that can be asked for: %w", k.base.Host, err)
	}
	_, rest, _ := strings.Cut(out.String(), "Host: ")
	host, _, _ := strings.Cut(rest, "\r\n")
	return host, nil
}

// addr is the host and port.
func (k *keyedURL) addr() string {
	port := k.base.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[k.base.Scheme]
	}
	return net.JoinHostPort(k.base.Hostname(), port)
}
